"""Values on their way into and out of JSONata: null and undefined, sequences and lists, 10.0 and 10."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from bunsui.model.values import Json


class _Undefined:
    __slots__ = ()


UNDEFINED: Final = _Undefined()
"""What an expression gives when it names nothing."""


def projected(value: Json, fields: Mapping[str, Any]) -> Json:
    """Give the value with only those fields, nested; no fields mean the whole value.

    An expression that reads the index of a Map item should not pay for the execution's input beside it."""
    if not fields or not isinstance(value, Mapping):
        return value
    return {name: projected(value[name], inner) for name, inner in fields.items() if name in value}


def given(value: Json) -> Any:
    """Give the value as the library wants it: null at the top and in lists is a value of its own there."""
    from jsonata import utils

    if value is None:
        return utils.Utils.NULL_VALUE
    return _with_nulls(value, utils.Utils.NULL_VALUE)


def _with_nulls(value: Any, null: Any) -> Any:
    """Copy what holds a list with a null in it, and only that."""
    if isinstance(value, Mapping):
        inner = {name: _with_nulls(item, null) for name, item in value.items()}
        return value if type(value) is dict and all(inner[name] is value[name] for name in value) else inner
    if isinstance(value, (list, tuple)):
        items = [null if item is None else _with_nulls(item, null) for item in value]
        return value if isinstance(value, list) and all(map(_same, items, value)) else items
    return value


def _same(left: Any, right: Any) -> bool:
    return left is right


def taken(value: Any) -> Any:
    """Give a result of the library as JSON; UNDEFINED for nothing, functions included."""
    from jsonata import utils

    if value is utils.Utils.NULL_VALUE:
        return None
    if value is None:
        return UNDEFINED
    return _json(value, utils.Utils.NULL_VALUE)


def finished(value: Json) -> Json:
    """Give JSON that passed through an expression untouched as the expression gives it: 10.0 is 10."""
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        return {name: finished(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finished(item) for item in value]
    return value


def _json(value: Any, null: Any) -> Any:
    if value is None or value is null:
        return None
    if isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        items = ((str(name), _json(item, null)) for name, item in value.items())
        return {name: item for name, item in items if item is not UNDEFINED}
    if isinstance(value, (list, tuple)):
        # By index: the library's ranges are lists that only know how to be indexed.
        items_here = (_json(value[at], null) for at in range(len(value)))
        return [None if item is UNDEFINED else item for item in items_here]
    return UNDEFINED


def _number(value: float) -> int | float | str:
    if not math.isfinite(value):  # JSON has no such numbers: AWS writes their names
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return int(value) if value.is_integer() and abs(value) < 1e21 else value
