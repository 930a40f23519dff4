"""How data goes into a state and comes out of it, in either query language.

Source: developer guide, "Processing input and output in Step Functions"; the order of the fields as recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bunsui.engine import jsonata, templates
from bunsui.engine.context import Scope, Sources
from bunsui.engine.program import State
from bunsui.model.values import Json

__all__ = ["Seen", "arguments", "assigned", "caught", "effective_input", "number", "output", "text", "told"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the fields of a state may see at one moment."""

    state: State
    input: Json
    context: Mapping[str, Json]
    variables: Mapping[str, Json]
    sources: Sources
    extra: Mapping[str, Json] = field(default_factory=dict)
    """`result` or `errorOutput`, where they are defined."""

    def bindings(self) -> dict[str, Json]:
        """Give what JSONata expressions may name."""
        return {**self.variables, "states": {"input": self.input, "context": self.context, **self.extra}}

    def scope(self, data: Json) -> Scope:
        """Give what JSONPath expressions may see, `$` being the data."""
        return Scope(data=data, context=self.context, variables=self.variables, sources=self.sources)

    def with_extra(self, **extra: Json) -> Seen:
        """Give the same with a result or an error output."""
        return Seen(
            state=self.state,
            input=self.input,
            context=self.context,
            variables=self.variables,
            sources=self.sources,
            extra=extra,
        )

    def filled(self, template: Json, field: str) -> Json:
        """Give a JSONata template evaluated. Raises StateFailure."""
        return jsonata.fill(template, self.bindings(), field=field, sources=self.sources)

    def of_kind(self, kind: str, value: Json, field: str) -> Json:
        """Give a field's value; an expression must give that kind. Raises StateFailure."""
        if self.state.jsonata and isinstance(value, str) and jsonata.is_expression(value):
            return jsonata.evaluate_as(kind, value, self.bindings(), field=field, sources=self.sources)
        return value


def number(seen: Seen, name: str, data: Json) -> Json:
    """Give what a field of a number says, as `told` does. Raises StateFailure."""
    return told(seen, name, data, kind="number")


def effective_input(seen: Seen) -> Json:
    """Give the input after InputPath. Raises StateFailure."""
    path = seen.state.fields.get("InputPath", "$")
    return seen.input if seen.state.jsonata or path == "$" else templates.select(path, seen.scope(seen.input))


def arguments(seen: Seen) -> Json:
    """Give what a Task, Pass or Parallel works on: Arguments, or InputPath and Parameters. Raises StateFailure."""
    fields = seen.state.fields
    if seen.state.jsonata:
        return seen.filled(fields["Arguments"], "Arguments") if "Arguments" in fields else seen.input
    data = effective_input(seen)
    return templates.fill(fields["Parameters"], seen.scope(data)) if "Parameters" in fields else data


def output(seen: Seen, result: Json) -> Json:
    """Give the state's output for its result. Raises StateFailure."""
    fields = seen.state.fields
    if seen.state.jsonata:
        return seen.filled(fields["Output"], "Output") if "Output" in fields else result
    if "ResultSelector" in fields:
        result = templates.fill(fields["ResultSelector"], seen.scope(result))
    path = fields.get("ResultPath", "$")
    whole = result if path == "$" else templates.write(path, result, seen.input)
    return output_path(seen, whole)


def output_path(seen: Seen, data: Json) -> Json:
    """Give the data after OutputPath. Raises StateFailure."""
    path = seen.state.fields.get("OutputPath", "$")
    return data if path == "$" else templates.select(path, seen.scope(data))


def assigned(seen: Seen, template: Any, data: Json) -> dict[str, Json]:
    """Give the variables that an Assign sets; `$` of JSONPath is the data. Raises StateFailure."""
    if template is None:
        return {}
    filled = seen.filled(template, "Assign") if seen.state.jsonata else templates.fill(template, seen.scope(data))
    return dict(filled) if isinstance(filled, Mapping) else {}


def caught(seen: Seen, rule: Mapping[str, Any], place: int, error: Json) -> tuple[Json, dict[str, Json]]:
    """Give the output and the variables of a Catch. Raises StateFailure."""
    if seen.state.jsonata:
        seen = seen.with_extra(errorOutput=error)
        given = seen.filled(rule["Output"], f"Catch[{place}]/Output") if "Output" in rule else error
        return given, assigned(seen, rule.get("Assign"), error)
    path = rule.get("ResultPath", "$")
    given = error if path == "$" else templates.write(path, error, seen.input)
    return given, assigned(seen, rule.get("Assign"), error)


def told(seen: Seen, name: str, data: Json, *, kind: str) -> Json:
    """Give what a field such as TimeoutSeconds says, itself or through its `...Path`; None when neither is there.

    `kind` is what an expression must give, `number` or `string`; what a path names may be of any kind, the caller knows what is
    allowed. Raises StateFailure."""
    fields = seen.state.fields
    if name in fields:
        return seen.of_kind(kind, fields[name], name)
    path = fields.get(f"{name}Path")
    return None if path is None or seen.state.jsonata else templates.select(path, seen.scope(data))


def text(seen: Seen, name: str) -> Json:
    """Give what Error or Cause of a Fail state says, None when it is not there. Raises StateFailure."""
    fields = seen.state.fields
    if name in fields:
        return seen.of_kind("string", fields[name], name)
    path = fields.get(f"{name}Path")
    if path is None:
        return None
    return templates.value_of(path, seen.scope(seen.input), field=f"{name}Path")
