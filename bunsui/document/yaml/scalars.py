"""What an unquoted scalar means: JSON's own values and nothing that YAML 1.1 added to them.

`null ~ true false`, decimal integers and decimals become values. Everything else is text: `on`, `off`, `yes`, `no`, `12:30`,
`0x1F`, dates, and numbers with a leading zero, so that the account `012345678901` stays what it is.
"""

from __future__ import annotations

import math
import re

from bunsui.model.json import Json

_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)\Z")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)?(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?\Z")
_NOT_JSON = re.compile(r"[-+]?\.inf\Z|\.nan\Z", re.IGNORECASE)
_LONGEST_NUMBER = 40

_WORDS: dict[str, Json] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}


def plain_value(text: str) -> Json:
    """Return the value of an unquoted scalar.

    Raises:
        ValueError: for a number that JSON cannot hold: infinite, not a number, or longer than 40 characters.

    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "+-.0123456789":
        return text
    if _NOT_JSON.match(text):
        raise ValueError(f"{text} is not a JSON number")
    if _INTEGER.match(text):
        return int(_short(text))
    if any(character.isdigit() for character in text) and _DECIMAL.match(text):
        number = float(_short(text))
        if not math.isfinite(number):
            raise ValueError(f"{text} is too large for a JSON number")
        return number
    return text


def _short(text: str) -> str:
    if len(text) > _LONGEST_NUMBER:
        raise ValueError(f"a number of {len(text)} digits is too long; quote it when it is text")
    return text


def join_surrogates(text: str) -> str:
    """Return the text with surrogate pairs, which JSON's escapes come in, joined into the characters that they stand for.

    Raises:
        ValueError: when half of a pair stands alone, which UTF-8 cannot hold.

    """
    if text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    try:
        return text.encode("utf-16-le", errors="surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError as error:
        raise ValueError("half of a surrogate pair") from error
