"""Values as texts, as JSONata gives them: by `$string` and `&`.

Whole numbers below 1e21 are written in full, in the shortest digits that read back as the same number, as others measured it on
AWS (github.com/floci-io/floci, issue 2669 and pull request 2683); fractions have 15 digits, and everything is JSON without
spaces, as jsonata 2.0.6 has it. The library writes 15 digits of any number.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

__all__ = ["text_of"]

_LONG = 2**63
"""Whole numbers are exact up to here, and floating-point numbers beyond."""
_SURROGATE = re.compile("[\ud800-\udfff]")


def text_of(value: Any, *, prettify: bool = False) -> str | None:
    """Return the text of a value of the library; None for undefined. Raises JException for what is no number (D3001)."""
    from bunsui.engine.jsonata.jsonata_python import NULL, JList

    if isinstance(value, JList) and value.outer_wrapper:
        value = value[0]
    if value is None or isinstance(value, str):
        return value
    if not (value is NULL or isinstance(value, (bool, int, float, Mapping, list, tuple))):
        return ""  # a function
    return "".join(_write_json(value, "\n" if prettify else ""))


def _write_json(value: Any, line: str) -> Iterator[str]:
    """Write JSON; `line` is a line break with the indentation here, empty for everything on one line."""
    from bunsui.engine.jsonata.jsonata_python import NULL

    if value is None or value is NULL:
        yield "null"
    elif isinstance(value, bool):
        yield "true" if value else "false"
    elif isinstance(value, (int, float)):
        yield _number(value)
    elif isinstance(value, str):
        yield _quote_text(value)
    elif isinstance(value, Mapping):
        colon = ": " if line else ":"
        yield from _write_items("{}", [(_quote_text(str(name)) + colon, item) for name, item in value.items()], line)
    elif isinstance(value, (list, tuple)):
        # By index: the library's ranges are lists that only know how to be indexed.
        yield from _write_items("[]", [("", value[at]) for at in range(len(value))], line)
    else:
        yield '""'


def _write_items(brackets: str, items: list[tuple[str, Any]], line: str) -> Iterator[str]:
    inner = f"{line}  " if line else ""
    yield brackets[0]
    for number, (name, item) in enumerate(items):
        yield f"{',' if number else ''}{inner}{name}"
        yield from _write_json(item, inner)
    yield f"{line if items else ''}{brackets[1]}"


def _quote_text(text: str) -> str:
    return _SURROGATE.sub(lambda found: f"\\u{ord(found.group()):04x}", json.dumps(text, ensure_ascii=False))


def _number(value: float) -> str:
    if isinstance(value, int) and abs(value) < _LONG:
        return str(value)
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        from bunsui.engine.jsonata.jsonata_python import error

        raise error("D3001")
    if not found.is_integer():
        found = float(f"{found:.15g}")
    digits = Decimal(repr(found))
    if found.is_integer() and abs(found) < 1e21:
        return str(int(digits))
    exponent = digits.adjusted()
    if -7 < exponent < 21:
        return format(digits.normalize(), "f")
    return f"{format(digits.scaleb(-exponent).normalize(), 'f')}e{exponent:+d}"
