"""How data flows through a state, in either query language: into it, and out of it.

Source: developer guide, "Processing input and output in Step Functions"; the order of the fields as recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bunsui.engine.context import ExpressionScope, Sources
from bunsui.engine.failures import RUNTIME, StateFailure
from bunsui.engine.jsonata import evaluate as jsonata
from bunsui.engine.jsonpath import templates
from bunsui.engine.program import State
from bunsui.model.json import Json

__all__ = [
    "FieldScope",
    "arguments",
    "assigned_variables",
    "catch_failure",
    "effective_input",
    "field_value",
    "number",
    "output",
    "text",
    "unusable",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldScope:
    """What the fields of a state may see at one moment."""

    state: State
    input: Json
    context: Mapping[str, Json]
    variables: Mapping[str, Json]
    sources: Sources
    extra: Mapping[str, Json] = field(default_factory=dict)
    """`result` or `errorOutput`, where they are defined."""

    def bindings(self) -> dict[str, Json]:
        """Return what JSONata expressions may name."""
        return {**self.variables, "states": {"input": self.input, "context": self.context, **self.extra}}

    def scope(self, data: Json) -> ExpressionScope:
        """Return what JSONPath expressions may see, `$` being the data."""
        return ExpressionScope(data=data, context=self.context, variables=self.variables, sources=self.sources)

    def with_extra(self, **extra: Json) -> FieldScope:
        """Return the same with a result or an error output."""
        return FieldScope(
            state=self.state,
            input=self.input,
            context=self.context,
            variables=self.variables,
            sources=self.sources,
            extra=extra,
        )

    def filled(self, template: Json, field: str) -> Json:
        """Return a JSONata template evaluated. Raises StateFailure."""
        return jsonata.fill(template, self.bindings(), field=field, sources=self.sources)

    def of_kind(self, kind: str, value: Json, field: str) -> Json:
        """Return a field's value; an expression must give that kind. Raises StateFailure."""
        if self.state.jsonata and isinstance(value, str) and jsonata.is_expression(value):
            return jsonata.evaluate_as(kind, value, self.bindings(), field=field, sources=self.sources)
        return value


def number(seen: FieldScope, name: str, data: Json) -> Json:
    """Return what a field of a number says, as `told` does. Raises StateFailure."""
    return field_value(seen, name, data, kind="number")


def unusable(seen: FieldScope, name: str, cause: str) -> StateFailure:
    """Return the failure of a field whose value cannot be used: of the wrong kind, out of range, no timestamp.

    In JSONata it is a States.QueryEvaluationError at the field, which can be caught, as a value of another type is (developer
    guide, "Transforming data with JSONata", error conditions; recorded for Timestamp). In JSONPath it is States.Runtime."""
    return jsonata.EvaluationFailure(cause, name) if seen.state.jsonata else StateFailure(RUNTIME, cause)


def effective_input(seen: FieldScope) -> Json:
    """Return the input after InputPath. Raises StateFailure."""
    path = seen.state.fields.get("InputPath", "$")
    return seen.input if seen.state.jsonata or path == "$" else templates.select(path, seen.scope(seen.input))


def arguments(seen: FieldScope) -> Json:
    """Return what a Task, Pass or Parallel works on: Arguments, or InputPath and Parameters. Raises StateFailure."""
    fields = seen.state.fields
    if seen.state.jsonata:
        return seen.filled(fields["Arguments"], "Arguments") if "Arguments" in fields else seen.input
    data = effective_input(seen)
    return templates.fill(fields["Parameters"], seen.scope(data)) if "Parameters" in fields else data


def output(seen: FieldScope, result: Json) -> Json:
    """Return the state's output for its result. Raises StateFailure."""
    fields = seen.state.fields
    if seen.state.jsonata:
        return seen.filled(fields["Output"], "Output") if "Output" in fields else result
    if "ResultSelector" in fields:
        result = templates.fill(fields["ResultSelector"], seen.scope(result))
    path = fields.get("ResultPath", "$")
    whole = result if path == "$" else templates.write(path, result, seen.input)
    return output_path(seen, whole)


def output_path(seen: FieldScope, data: Json) -> Json:
    """Return the data after OutputPath. Raises StateFailure."""
    path = seen.state.fields.get("OutputPath", "$")
    return data if path == "$" else templates.select(path, seen.scope(data))


def assigned_variables(seen: FieldScope, template: Any, data: Json) -> dict[str, Json]:
    """Return the variables that an Assign sets; `$` of JSONPath is the data. Raises StateFailure."""
    if template is None:
        return {}
    filled = seen.filled(template, "Assign") if seen.state.jsonata else templates.fill(template, seen.scope(data))
    return dict(filled) if isinstance(filled, Mapping) else {}


def catch_failure(seen: FieldScope, rule: Mapping[str, Any], place: int, error: Json) -> tuple[Json, dict[str, Json]]:
    """Return the output and the variables of a Catch. Raises StateFailure."""
    if seen.state.jsonata:
        seen = seen.with_extra(errorOutput=error)
        given = seen.filled(rule["Output"], f"Catch[{place}]/Output") if "Output" in rule else error
        return given, assigned_variables(seen, rule.get("Assign"), error)
    path = rule.get("ResultPath", "$")
    given = error if path == "$" else templates.write(path, error, seen.input)
    return given, assigned_variables(seen, rule.get("Assign"), error)


def field_value(seen: FieldScope, name: str, data: Json, *, kind: str) -> Json:
    """Return what a field such as TimeoutSeconds says, itself or through its `...Path`; None when neither is there.

    `kind` is what an expression must give, `number` or `string`; what a path names may be of any kind, the caller knows what is
    allowed. Raises StateFailure."""
    fields = seen.state.fields
    if name in fields:
        return seen.of_kind(kind, fields[name], name)
    path = fields.get(f"{name}Path")
    return None if path is None or seen.state.jsonata else templates.select(path, seen.scope(data))


def text(seen: FieldScope, name: str) -> Json:
    """Return what Error or Cause of a Fail state says, None when it is not there. Raises StateFailure."""
    fields = seen.state.fields
    if name in fields:
        return seen.of_kind("string", fields[name], name)
    path = fields.get(f"{name}Path")
    if path is None:
        return None
    return templates.value_of(path, seen.scope(seen.input), field=f"{name}Path")
