"""Why an expression failed, as JSONata words it: `T2002: The right side of the + operator must evaluate to a number`."""

from __future__ import annotations

import re

from bunsui.asl.jsonata_messages import coded_message


def reason(error: Exception) -> str:
    """Return the code and the message of an error that the library, or Python under it, raised."""
    from bunsui.engine.jsonata.jsonata_python import JException

    if isinstance(error, JException):
        return coded_message(error)
    if isinstance(error, (ZeroDivisionError, OverflowError)):
        return 'D1001: Number out of range: "Infinity"'
    words = str(error)
    for beginning, code in _CODES.items():
        if words.startswith(beginning):
            return f"{code}: {words}"
    if isinstance(error, KeyError) and re.fullmatch("'[A-Za-z]'", words):
        return f"D3132: Unknown component specifier {words} in date/time picture string"
    return f"D3001: {words or type(error).__name__}"


_CODES = {
    "Formatting or parsing an integer as a sequence": "D3130",
    "In a decimal digit pattern": "D3131",
    "Unknown component specifier": "D3132",
    "The 'name' modifier can only": "D3133",
    "The timezone integer format specifier": "D3134",
    "No matching closing bracket": "D3135",
    "The date/time picture string is missing": "D3136",
    "Type parameters can only": "S0401",
    "Choice groups containing": "S0402",
}
"""Codes of what the library raises as errors of Python's, by how these begin."""
