"""Types of parameter fields: what pydantic accepts and what an editor is told.

Parameters are validated after interpolation, when an `Expression` (or a value that is not known yet) may stand where the YAML
has a text in `{% %}`. A field says by its type whether it takes one:

- `Text`, `Texts`, `Anything` may be expressions, evaluated in the run;
- `Known` must be known when the plan is applied, since ARNs in policies and resource names are made of it;
- plain `str`, `int`, `bool` must stand in the file.

`${...}` is not in these schemas: it may stand anywhere, so the document's schema adds it everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from pydantic import AfterValidator, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Strict, WithJsonSchema
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from bunsui.model.durations import DURATION_PATTERN, parse_duration
from bunsui.model.pipeline import Operation
from bunsui.model.values import Expression, Reference, Sensitive, Unknown, Value

CONFIG = ConfigDict(extra="forbid", arbitrary_types_allowed=True, use_attribute_docstrings=True)
"""The `__pydantic_config__` of every params dataclass."""

EXPRESSION_PATTERN = r"^\{%[\s\S]*%\}$"
"""How an expression looks in YAML."""

TIMESTAMP_PATTERN = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})$"
"""How Step Functions wants an instant; upper-case T and Z."""

Later: TypeAlias = Reference | Unknown | Sensitive
"""A value that is not there yet, or not to be shown."""


@dataclass(frozen=True, slots=True)
class Or:
    """Lets values of these classes through as they are; anything else must satisfy `accepts`."""

    accepts: Any
    """A type that pydantic knows."""
    classes: tuple[type, ...]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Look at the class first, so that an `Expression` is never taken apart as a dataclass."""

        def passed(value: object, validate: core_schema.ValidatorFunctionWrapHandler) -> object:
            if isinstance(value, self.classes):
                return value
            if isinstance(value, Expression):
                raise ValueError("an expression cannot stand here: the value must be known by the time of the apply")
            return validate(value)

        return core_schema.no_info_wrap_validator_function(passed, handler.generate_schema(self.accepts))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Tell editors of the inner type, and of a text in `{% %}` where expressions are taken."""
        inner = handler(schema)
        if Expression not in self.classes or inner == {"type": "string"}:
            return inner
        return {"anyOf": [inner, {"type": "string", "pattern": EXPRESSION_PATTERN}]}


def _no_expression(value: object) -> object:
    raise ValueError("an expression is needed here: write it between {% and %}")


def _not_lowered(value: object) -> object:
    raise ValueError("a list of operations is needed here")


_LATER = (Reference, Unknown, Sensitive)
_RUNTIME = (Expression, *_LATER)

StrictInt: TypeAlias = Annotated[int, Strict()]
"""A number that stands in the file; `"5"` and `true` are none."""

StrictBool: TypeAlias = Annotated[bool, Strict()]
"""true or false that stands in the file."""

Text: TypeAlias = Annotated[str | Expression | Later, Or(str, _RUNTIME)]
"""A text, or an expression that gives one."""

Known: TypeAlias = Annotated[str | Later, Or(str, _LATER)]
"""A text that is known by the time of the apply."""

Texts: TypeAlias = Annotated[Sequence[str | Expression | Later] | Expression | Later, Or(list[Text], _RUNTIME)]
"""A list of texts, or an expression that gives one."""

if TYPE_CHECKING:
    Anything: TypeAlias = Value
    AnyMapping: TypeAlias = Mapping[str, Value] | Expression | Later
else:
    # pydantic would look up the names inside the recursive alias in the module of every dataclass that uses it.
    Anything = Annotated[Any, WithJsonSchema({})]
    """Any JSON, with expressions anywhere in it."""
    AnyMapping = Annotated[Any, Or(dict[str, Any], _RUNTIME)]
    """A JSON object with expressions anywhere in it, or an expression that gives one."""

Knowns: TypeAlias = Annotated[Sequence[str | Later] | Later, Or(list[Known], _LATER)]
"""A list of texts that is known by the time of the apply."""

Operations: TypeAlias = Annotated[
    tuple[Operation, ...],
    Or(Annotated[Any, AfterValidator(_not_lowered)], (tuple,)),
    WithJsonSchema({"type": "array", "items": {"type": "object"}, "minItems": 1, "x-operations": True}),
]
"""Operations inside an operation, already lowered; see `OperationType.operation_lists`."""

TextMapping: TypeAlias = Annotated[Mapping[str, str | Expression | Later], Or(dict[str, Text], ())]
"""Texts by name; each may be an expression."""

KnownMapping: TypeAlias = Annotated[Mapping[str, str | Later], Or(dict[str, Known], ())]
"""Texts by name, known by the time of the apply."""

Condition: TypeAlias = Annotated[
    Expression,
    Or(Annotated[Any, AfterValidator(_no_expression)], (Expression,)),
    WithJsonSchema({"type": "string", "pattern": EXPRESSION_PATTERN, "examples": ["{% $result.rows > 0 %}"]}),
]
"""An expression, nothing else."""


def _positive_duration(text: str) -> str:
    if parse_duration(text) <= 0:
        raise ValueError("must be longer than nothing")
    return text


Duration: TypeAlias = Annotated[
    str,
    AfterValidator(_positive_duration),
    WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "examples": ["5m", "1h30m"]}),
]
"""A duration above zero with its unit, such as `5m`."""

DurationOrSeconds: TypeAlias = Annotated[str | Expression, Or(Duration, (Expression,))]
"""A duration with its unit, or an expression that gives seconds."""

Timestamp: TypeAlias = Annotated[
    str | Expression,
    Or(
        Annotated[str, Field(pattern=TIMESTAMP_PATTERN), Field(json_schema_extra={"examples": ["2026-01-31T06:00:00Z"]})],
        (Expression,),
    ),
]
"""An instant as RFC 3339 writes it, with its offset, or an expression that gives one."""
