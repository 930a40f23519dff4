"""What JSONata says when an expression cannot be parsed or fails, in the words of the original library, as AWS gives them.

`jsonata-python` was ported by replacing words: its templates say Object where JSONata says function, and leave out quotes.
"""

from __future__ import annotations

import json
import re
from typing import Any

from bunsui.asl.jsonata_parser import check_folding, message_template, parse_errors, parser_before, raw_tree

_PLACE = re.compile(r"\{\{\{(\w+)\}\}\}|\{\{(\w+)\}\}")
_TYPES = {"n": "numbers", "s": "strings", "b": "booleans", "a": "arrays", "o": "objects", "f": "functions"}


def coded_message(error: Any) -> str:
    """Return `CODE: message` of an error of the library."""
    return f"{error.error}: {message(error)}"


def message(error: Any) -> str:
    """Return the message of an error of the library, without its code."""
    template = message_template(error.error)
    if template is None:
        return str(error.current or "")
    given = [error.current, error.expected, error.extra]
    if error.error == "T0412":
        given[-1] = _TYPES.get(str(given[-1]), given[-1])
    values = iter(given)
    return _PLACE.sub(lambda place: _show_value(next(values, None), raw=place.group(1)), template.replace("Object", "function"))


def syntax_error(text: str) -> str:
    """Return why the expression cannot be parsed, empty when it can, in the words of JSONata."""
    reader = parser_before(text)
    try:
        check_folding(reader, raw_tree(reader))
    except parse_errors() as error:
        return message(error) if hasattr(error, "error") else "Unexpected end of expression"
    except RecursionError:
        return "Unexpected end of expression"
    return ""


def _show_value(value: Any, *, raw: str | None) -> str:
    if raw:
        return str(value)
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        return json.dumps(str(value), ensure_ascii=False)
