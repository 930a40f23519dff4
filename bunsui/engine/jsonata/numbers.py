"""JSONata's functions of numbers as jsonata 2.0.6 has them: floating-point numbers, read strictly.

Python reads `1_000`, ` 12 ` and `.5` as numbers and, since 3.12, adds more exactly than JavaScript and Java do.
Source: docs.jsonata.org, "Numeric functions" and "Aggregation functions".
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from bunsui.engine.jsonata.jsonata_python import error, format_integer

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_WITH_BASE = re.compile(r"0[xX][0-9A-Fa-f]+|0[oO][0-7]+|0[bB][01]+")
_LONG = 2**63
"""Whole numbers from here on are floating-point numbers."""


def whole_if_it_is(value: float) -> int | float:
    """Return 10.0 as 10."""
    return int(value) if math.isfinite(value) and value.is_integer() and abs(value) < _LONG else value


def number(value: Any = None) -> Any:
    """Return what a text, a number or a truth value is as a number. Raises JException."""
    if value is None or (isinstance(value, (int, float)) and not isinstance(value, bool)):
        return value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and _DECIMAL.fullmatch(value) and math.isfinite(float(value)):
        return whole_if_it_is(float(value))
    if isinstance(value, str) and _WITH_BASE.fullmatch(value):
        return whole_if_it_is(float(int(value, 0)))
    raise error("D3030", value)


def total(numbers: Sequence[float] | None = None) -> Any:
    """Return the sum, added one after the other."""
    return None if numbers is None else whole_if_it_is(_add(numbers))


def average(numbers: Sequence[float] | None = None) -> Any:
    """Return the mean, undefined for no numbers."""
    return None if not numbers else whole_if_it_is(_add(numbers) / len(numbers))


def _add(numbers: Sequence[float]) -> float:
    found = 0.0
    for at in range(len(numbers)):
        found += numbers[at]
    return found


def power(base: Any = None, exponent: Any = None) -> Any:
    """Return the power. Raises JException for what is no number (D3061)."""
    if base is None:
        return None
    try:
        found = math.nan if exponent is None else math.pow(base, exponent)
    except (ArithmeticError, ValueError):
        found = math.nan
    if not math.isfinite(found):
        raise error("D3061", base, exponent)
    return whole_if_it_is(found)


def integer_text(value: Any = None, picture: str | None = None) -> Any:
    """Return the whole part of a number by a picture. Raises JException for one whose digits are not all known (D1001)."""
    if value is None:
        return None
    if abs(value) >= _LONG:
        raise error("D1001", value)
    return format_integer(int(value), picture)
