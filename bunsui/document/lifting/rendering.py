"""Values as YAML of a pipeline: literals where everything is known, expressions where the run decides."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bunsui.asl.expressions import field_step, string_literal
from bunsui.document.lifting.refusals import AnswerReadError, StaysRawError
from bunsui.document.lifting.values import Built, Computed, Handed, ListOfValues, Literal, Referred, Steps, ValueOrigin
from bunsui.model.json import Json

PLACEHOLDER = ("\ue010", "\ue011")
"""Stand around the name of a placeholder that the pipeline's own language fills in."""


@dataclass(frozen=True, slots=True)
class Renderer:
    """Writes values as they are read in one job."""

    job: str
    placeholders: Mapping[str, Json]
    needed: set[str] = field(default_factory=set)
    """The jobs whose results are read elsewhere; filled while it writes."""
    own_result: str = ""
    """The operation that `$result` stands for, in outputs."""

    def yaml(self, value: Handed) -> Json:
        """Return the value as it stands in YAML. Raises StaysRawError."""
        if isinstance(value, Literal):
            return self.literal(value.value)
        if isinstance(value, ListOfValues):
            return [self.yaml(item) for item in value.items]
        if isinstance(value, Built):
            if value.answer_of:
                raise AnswerReadError(value.answer_of)
            if value.base is None:
                return {_plain(name): self.yaml(item) for name, item in value.fields}
        return f"{{% {self.text(value)} %}}"

    def literal(self, value: Json) -> Json:
        """Return what means the value itself, whatever it looks like."""
        if isinstance(value, Mapping):
            return {_plain(key): self.literal(one) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.literal(one) for one in value]
        return self._fill_placeholders(value) if isinstance(value, str) else value

    def _fill_placeholders(self, text: str) -> Json:
        opens, closes = PLACEHOLDER
        if text.startswith(opens) and text.endswith(closes) and text.count(opens) == 1:
            return self.placeholders[text[1:-1]]
        if "{%" in text:
            raise StaysRawError("a text of it looks like an expression")
        text = text.replace("${", "$${")
        for name, value in self.placeholders.items():
            text = text.replace(f"{opens}{name}{closes}", str(value))
        return text

    def text(self, value: Handed) -> str:
        """Return the value as an expression. Raises StaysRawError."""
        if isinstance(value, Referred):
            return self._origin(value.origin) + path_text(value.steps)
        if isinstance(value, Literal):
            return _literal_text(value.value)
        if isinstance(value, Computed):
            return "".join(part if isinstance(part, str) else self.text(part) for part in value.parts)
        if isinstance(value, Built) and not value.answer_of:
            fields = ", ".join(f"{string_literal(_plain(name))}: {self.text(item)}" for name, item in value.fields)
            return f"{{{fields}}}" if value.base is None else f"$merge([{self.text(value.base)}, {{{fields}}}])"
        if isinstance(value, Built):
            raise AnswerReadError(value.answer_of)
        if isinstance(value, ListOfValues) and all(isinstance(item, (Literal, Built)) for item in value.items):
            return f"[{', '.join(map(self.text, value.items))}]"
        raise StaysRawError("a list of values would stand inside an expression, where JSONata flattens it")

    def _origin(self, origin: ValueOrigin) -> str:
        if origin.is_item:
            return "$item"
        if not origin.job:
            return "$params.input"
        if origin.job != self.job:
            self.needed.add(origin.job)
            return f"$jobs.{field_step(origin.job)}.result"
        if origin.operation == self.own_result:
            return "$result"
        return f"$ops.{field_step(origin.operation)}"


def path_text(steps: Steps) -> str:
    """Return the steps as they follow a value in an expression."""
    try:
        return "".join(f".{field_step(step)}" if isinstance(step, str) else f"[{step}]" for step in steps)
    except ValueError as error:
        raise StaysRawError(str(error)) from error


def _plain(name: str) -> str:
    if PLACEHOLDER[0] in name or "${" in name or "{%" in name:
        raise StaysRawError("the name of a field is a placeholder")
    return name


def _literal_text(value: Json) -> str:
    if isinstance(value, str):
        if PLACEHOLDER[0] in value or "%}" in value or "${" in value:
            raise StaysRawError("a placeholder would stand inside an expression")
        return string_literal(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{string_literal(_plain(key))}: {_literal_text(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        if any(isinstance(one, (list, tuple)) for one in value):
            raise StaysRawError("a list of lists would stand inside an expression, where JSONata flattens it")
        return "[" + ", ".join(map(_literal_text, value)) + "]"
    return json.dumps(value)
