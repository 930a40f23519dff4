"""Values that cross the border of JSONata: null and undefined, sequences and lists, 10.0 and 10."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from bunsui.model.json import Json


class _Undefined:
    __slots__ = ()


UNDEFINED: Final = _Undefined()
"""What an expression gives when it names nothing."""


def project_fields(value: Json, fields: Mapping[str, Any]) -> Json:
    """Return the value with only those fields, nested; no fields mean the whole value.

    An expression that reads the index of a Map item should not pay for the execution's input beside it."""
    if not fields or not isinstance(value, Mapping):
        return value
    return {name: project_fields(value[name], inner) for name, inner in fields.items() if name in value}


def to_library(value: Json) -> Any:
    """Return the value as the library wants it: null at the top and in lists is a value of its own there."""
    from bunsui.engine.jsonata.jsonata_python import NULL

    if value is None:
        return NULL
    return _with_nulls(value, NULL) if _must_change(value) else value


def _must_change(value: Any) -> bool:
    """Tell whether a list with a null in it, or a container that the library does not know, is somewhere inside."""
    if type(value) is dict:
        return any(_must_change(item) for item in value.values() if not isinstance(item, _SCALARS))
    if type(value) is list:
        return None in value or any(_must_change(item) for item in value if not isinstance(item, _SCALARS))
    return value is not None and not isinstance(value, _SCALARS)


_SCALARS = (str, int, float, bool)


def _with_nulls(value: Any, null: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _with_nulls(item, null) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [null if item is None else _with_nulls(item, null) for item in value]
    return value


def from_library(value: Any) -> Any:
    """Return a result of the library as JSON; UNDEFINED for nothing, functions included."""
    from bunsui.engine.jsonata.jsonata_python import NULL

    if value is NULL:
        return None
    if value is None:
        return UNDEFINED
    return _json(value, NULL)


def finish_untouched(value: Json) -> Json:
    """Return JSON that passed through an expression untouched as the expression gives it: 10.0 is 10."""
    return _round_numbers(value) if _has_float(value) else value


def _has_float(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(_has_float(item) for item in value.values() if not isinstance(item, _PLAIN))
    if isinstance(value, (list, tuple)):
        return any(_has_float(item) for item in value if not isinstance(item, _PLAIN))
    return isinstance(value, float)


_PLAIN = (str, int, bool, type(None))


def _round_numbers(value: Json) -> Json:
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Mapping):
        return {name: _round_numbers(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_round_numbers(item) for item in value]
    return value


def _json(value: Any, null: Any) -> Any:
    if value is None or value is null:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _WHOLE:
        return float(value) if abs(value) < _INFINITE else value
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


_WHOLE = 10**21
"""From here on JSONata writes whole numbers with an exponent, too."""
_INFINITE = 2**1023


def _number(value: float) -> int | float | str:
    if not math.isfinite(value):  # JSON has no such numbers: AWS writes their names
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return int(value) if value.is_integer() and abs(value) < 1e21 else value
