"""JSONata's own functions: the library's, and in the place of those that it has otherwise than jsonata 2.0.6, ours.

A frame of them stands under the variables of every evaluation, so that a function is the same one wherever its name is said.
"""

from __future__ import annotations

import copy
import re
import urllib.parse
from collections.abc import Callable
from functools import cache
from typing import Any

from bunsui.engine.jsonata.jsonata_python import NULL, JList, Jsonata, error, native
from bunsui.engine.jsonata.lists import distinct, sort
from bunsui.engine.jsonata.matching import contains, match, replace, split
from bunsui.engine.jsonata.numbers import average, integer_text, number, power, total
from bunsui.engine.jsonata.pictures import number_text
from bunsui.engine.jsonata.text import text_of

_RESERVED = ";/?:@&=+$,#"
"""What `decodeURI` leaves as it is."""
_MALFORMED = re.compile("%(?![0-9A-Fa-f]{2})")


def _lowercase(text: Any = None) -> Any:
    return None if text is None else text.lower()


def _substring(text: Any = None, start: Any = None, length: Any = None) -> Any:
    if text is None or (start is None and length is None):
        return text
    if start is None or (length is not None and length <= 0):
        return ""
    start = max(start, -len(text))
    end = len(text) if length is None else start + length + (len(text) if start < 0 else 0)
    return text[int(start) : int(end)]


def _string(value: Any = None, prettify: Any = None) -> Any:
    return text_of(value, prettify=bool(prettify))


def _error(message: Any = None) -> Any:
    raise error("D3137", "$error() function evaluated" if message is None else message)


def _clone(value: Any = None) -> Any:
    return _copy_deep(value)


def _copy_deep(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _copy_deep(item) for name, item in value.items()}
    if isinstance(value, list):
        made = copy.copy(value) if type(value) is JList else []
        made[:] = [_copy_deep(value[at]) for at in range(len(value))]
        return made
    return value


def _encoder(name: str, unreserved: str) -> Callable[..., Any]:
    def encode(text: Any = None) -> Any:
        if text is None:
            return None
        try:
            return urllib.parse.quote(text, safe=unreserved)
        except UnicodeError as problem:
            raise error("D3140", name, text) from problem

    return encode


def _decoder(name: str, kept: str) -> Callable[..., Any]:
    def decode(text: Any = None) -> Any:
        if text is None:
            return None
        if _MALFORMED.search(text):
            raise error("D3140", name, text)
        for sign in kept:
            for code in (f"%{ord(sign):02X}", f"%{ord(sign):02x}"):
                text = text.replace(code, f"%25{code[1:]}")
        try:
            return urllib.parse.unquote(text, errors="strict")
        except UnicodeError as problem:
            raise error("D3140", name, text) from problem

    return decode


_STANDARD: dict[str, tuple[str, Callable[..., Any]]] = {
    "average": ("<a<n>:n>", average),
    "clone": ("<(oa)-:o>", _clone),
    "contains": ("<s-(sf):b>", contains),
    "decodeUrl": ("<s-:s>", _decoder("decodeUrl", _RESERVED)),
    "decodeUrlComponent": ("<s-:s>", _decoder("decodeUrlComponent", "")),
    "distinct": ("<x:x>", distinct),
    "encodeUrl": ("<s-:s>", _encoder("encodeUrl", "~@#$&()*!+=:;,.?/'")),
    "encodeUrlComponent": ("<s-:s>", _encoder("encodeUrlComponent", "~()*!.'")),
    "error": ("<s?:x>", _error),
    "formatInteger": ("<n-s:s>", integer_text),
    "formatNumber": ("<n-so?:s>", number_text),
    "lowercase": ("<s-:s>", _lowercase),
    "match": ("<s-f<s:o>n?:a<o>>", match),
    "number": ("<(nsb)-:n>", number),
    "power": ("<n-n:n>", power),
    "replace": ("<s-(sf)(sf)n?:s>", replace),
    "sort": ("<af?:a>", sort),
    "split": ("<s-(sf)n?:a<s>>", split),
    "string": ("<x-b?:s>", _string),
    "substring": ("<s-nn?:s>", _substring),
    "sum": ("<a<n>:n>", total),
}
"""Name -> signature, function."""


def _without_nulls(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """The library's signatures let null pass for anything."""

    def call(*arguments: Any) -> Any:
        for at, argument in enumerate(arguments, 1):
            if argument is NULL:
                raise error("T0410", at, name)
        return function(*arguments)

    return call


@cache
def standard_frame() -> Any:
    """Return the frame under which every evaluation stands."""
    frame = Jsonata.Frame(Jsonata.static_frame)
    for name, (signature, function) in _STANDARD.items():
        takes_null = {"x", "a"} & set(signature.partition(":")[0])
        frame.bind(name, native(name, function if takes_null else _without_nulls(name, function), signature))
    return frame
