"""Why an expression failed, as JSONata words it: `T2002: The right side of the + operator must evaluate to a number`."""

from __future__ import annotations

import json

from bunsui.asl.jsonata_messages import coded_message


def reason(error: Exception) -> str:
    """Return the code and the message of an error that the library, or Python under it, raised."""
    from jsonata import jexception

    if isinstance(error, jexception.JException):
        return coded_message(error)
    if isinstance(error, (ZeroDivisionError, OverflowError)):
        return 'D1001: Number out of range: "Infinity"'
    if "could not convert string to float" in str(error):
        return f"D3030: Unable to cast value to a number: {_quote_text(str(error).partition(': ')[2])}"
    if "not supported between instances" in str(error):
        return (
            "D3070: The single argument form of the sort function can only be applied to an array of strings or an array of "
            "numbers.  Use the second argument to specify a comparison function"
        )
    if "isoformat" in str(error) or "does not match format" in str(error):
        text = str(error)
        given = _quote_text(text.partition(": ")[2] if "isoformat" in text else text.split("'")[1])
        return f"D3110: The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given {given}"
    return f"D3001: {error or type(error).__name__}"


def _quote_text(text: str) -> str:
    return json.dumps(text.strip("'\""), ensure_ascii=False)
