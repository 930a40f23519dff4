"""Why an expression failed, as JSONata words it: `T2002: The right side of the + operator must evaluate to a number`."""

from __future__ import annotations

import json
import re
from typing import Any


def reason(error: Exception) -> str:
    """Give the code and the message of an error that the library, or Python under it, raised."""
    from jsonata import jexception

    if isinstance(error, TimeoutError):
        return "U1001: Expression evaluation timeout: Check for infinite loop"
    if isinstance(error, jexception.JException):
        return f"{error.error}: {_message(error, jexception.JException.error_codes)}"
    if isinstance(error, (ZeroDivisionError, OverflowError)):
        return "D1001: Number out of range: Infinity"
    if "could not convert string to float" in str(error):
        return f"D3030: Unable to cast value to a number: {_quoted(str(error).partition(': ')[2])}"
    if "isoformat" in str(error):
        given = _quoted(str(error).partition(": ")[2])
        return f"D3110: The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given {given}"
    return f"D3001: {error or type(error).__name__}"


_PLACE = re.compile(r"\{\{\{(\w+)\}\}\}|\{\{(\w+)\}\}")


def _message(error: Any, templates: dict[str, str]) -> str:
    template = templates.get(error.error)
    if template is None:
        return str(error.current or "")
    values = iter([error.current, error.expected, error.extra])
    # The library was ported by replacing words: its templates say Object where JSONata says function.
    return _PLACE.sub(lambda place: _shown(next(values, None), raw=place.group(1)), template.replace("Object", "function"))


def _shown(value: Any, *, raw: str | None) -> str:
    if raw:
        return str(value)
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return str(value)


def _quoted(text: str) -> str:
    return json.dumps(text.strip("'\""), ensure_ascii=False)
