"""Calls of intrinsic functions, as JSONPath states write them: `States.Format('{} of {}', $.a, States.MathAdd(1, 2))`.

Source: developer guide, "Intrinsic functions for JSONPath states in Step Functions". In a text between single quotes, a
backslash makes a quote, a brace or a backslash plain; before a double quote AWS refuses it, elsewhere it stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from bunsui.asl.jsonpath import JsonPathSyntaxError, Path, parse_prefix


class IntrinsicSyntaxError(ValueError):
    """The text is no call of an intrinsic function."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text between single quotes, still with its backslashes: to `States.Format` an escaped brace is no place to fill."""

    raw: str

    @property
    def value(self) -> str:
        """Return the text without backslashes."""
        return _ESCAPE.sub(r"\1", self.raw)


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, `true`, `false` or `null`."""

    value: int | float | bool | None


@dataclass(frozen=True, slots=True)
class Call:
    """`States.Name(...)`."""

    text: str
    name: str
    """Without `States.`."""
    arguments: tuple[Argument, ...]


Argument: TypeAlias = Text | Constant | Path | Call

ARITY: dict[str, tuple[int, int | None]] = {
    "Array": (0, None),
    "ArrayPartition": (2, 2),
    "ArrayContains": (2, 2),
    "ArrayRange": (3, 3),
    "ArrayGetItem": (2, 2),
    "ArrayLength": (1, 1),
    "ArrayUnique": (1, 1),
    "Base64Encode": (1, 1),
    "Base64Decode": (1, 1),
    "Format": (1, None),
    "Hash": (2, 2),
    "JsonMerge": (3, 3),
    "JsonToString": (1, 1),
    "MathAdd": (2, 2),
    "MathRandom": (2, 3),
    "StringSplit": (2, 2),
    "StringToJson": (1, 1),
    "UUID": (0, 0),
}
"""Every function with the least and the greatest number of arguments; None means any number."""

_ESCAPE = re.compile(r"\\([\\'{}])")
_NAME = re.compile(r"States\.(\w+)\s*\(")
_TEXT = re.compile(r"'((?:[^'\\]|\\[^\"])*)'", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])")
_WORD = re.compile(r"(true|false|null)\b")
_SPACES = re.compile(r"\s*")


@lru_cache(maxsize=8192)
def parse(text: str) -> Call:
    """Parse a whole call. IntrinsicSyntaxError when it is none, or a function or a number of arguments is unknown."""
    try:
        call, end = _call(text, 0)
    except RecursionError as error:
        raise IntrinsicSyntaxError("the call is nested too deeply") from error
    if end < len(text.rstrip()):
        raise IntrinsicSyntaxError(f"unexpected characters at character {end + 1}")
    return call


def _call(text: str, start: int) -> tuple[Call, int]:
    found = _NAME.match(text, start)
    if not found:
        raise IntrinsicSyntaxError(f"a function call is missing at character {start + 1}")
    name = found.group(1)
    if name not in ARITY:
        raise IntrinsicSyntaxError(f"there is no function States.{name}")
    at = _skip(text, found.end())
    arguments: list[Argument] = []
    while not text.startswith(")", at):
        if arguments:
            if not text.startswith(",", at):
                raise IntrinsicSyntaxError(f", or ) is missing at character {at + 1}")
            at = _skip(text, at + 1)
        argument, at = _argument(text, at)
        arguments.append(argument)
        at = _skip(text, at)
    least, greatest = ARITY[name]
    if len(arguments) < least or (greatest is not None and len(arguments) > greatest):
        raise IntrinsicSyntaxError(f"States.{name} does not take {len(arguments)} arguments")
    return Call(text[start : at + 1], name, tuple(arguments)), at + 1


def _skip(text: str, at: int) -> int:
    found = _SPACES.match(text, at)
    return found.end() if found else at


def _argument(text: str, at: int) -> tuple[Argument, int]:
    if text.startswith("$", at):
        try:
            return parse_prefix(text, at)
        except JsonPathSyntaxError as error:
            raise IntrinsicSyntaxError(str(error)) from error
    if text.startswith("States.", at):
        return _call(text, at)
    if found := _TEXT.match(text, at):
        return Text(found.group(1)), found.end()
    if found := _WORD.match(text, at):
        return Constant({"true": True, "false": False, "null": None}[found.group()]), found.end()
    if found := _NUMBER.match(text, at):
        number = found.group()
        return Constant(float(number) if set(number) & set(".eE") else int(number)), found.end()
    raise IntrinsicSyntaxError(f"an argument is missing or cannot be read at character {at + 1}")
