"""The parameters of a type as a JSON Schema, by which documentation describes them."""

from __future__ import annotations

from dataclasses import is_dataclass
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from bunsui.model.values import Expression
from bunsui.operations.contract import OperationType

TAKES_EXPRESSION = "x-expression"
"""Keyword of fields that may be an expression as a whole."""


def parameter_schema(operation_type: OperationType) -> dict[str, Any]:
    """Return the JSON Schema of a type's own keys, with `$defs` for the mappings inside; keys as the YAML spells them."""
    from pydantic import TypeAdapter  # deferred: the types bring it anyway, and nobody needs it before one is looked at

    schema: dict[str, Any] = TypeAdapter(operation_type.params).json_schema(by_alias=True)
    classes = {found.__name__: found for found in _dataclasses_in(operation_type.params)}
    for name, described in {operation_type.params.__name__: schema, **schema.get("$defs", {})}.items():
        for key, hint in _hints(classes[name]).items():
            if key in described["properties"] and _takes_expression(hint):
                described["properties"][key][TAKES_EXPRESSION] = True
    return schema


def _dataclasses_in(found: type) -> list[type]:
    inner = [part for hint in _hints(found).values() for part in _parts(hint) if is_dataclass(part) and isinstance(part, type)]
    described = [part for part in inner if hasattr(part, "__pydantic_config__")]
    return [found, *(deeper for part in described for deeper in _dataclasses_in(part))]


def _parts(hint: Any) -> list[Any]:
    return [hint, *(part for inner in get_args(hint) for part in _parts(inner))]


@cache
def _hints(found: type) -> dict[str, Any]:
    """The annotations of the fields by the key that stands in the YAML."""
    hints = get_type_hints(found, include_extras=True)
    return {_alias(hint) or name: hint for name, hint in hints.items() if not name.startswith("__")}


def _alias(hint: Any) -> str | None:
    aliases = [getattr(extra, "alias", None) for extra in getattr(hint, "__metadata__", ())]
    return next((alias for alias in aliases if alias), None)


def _takes_expression(hint: Any) -> bool:
    from bunsui.operations.fields import Or  # deferred, as above

    extras = getattr(hint, "__metadata__", ())
    rules = [extra for extra in extras if isinstance(extra, Or)]
    if rules:
        return any(Expression in rule.classes for rule in rules)
    if extras:
        return _takes_expression(get_args(hint)[0])
    if get_origin(hint) in (Union, UnionType):
        return any(_takes_expression(part) for part in get_args(hint))
    return hint is Any
