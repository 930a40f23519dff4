"""The intrinsic functions of JSONPath states.

Source: developer guide, "Intrinsic functions for JSONPath states in Step Functions". What the guide leaves open is as recorded:
numbers are rounded half up before they are added, splitting drops empty pieces, objects are formatted as Java prints maps.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import random
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bunsui.asl.intrinsics import Call, Constant, Text, parse
from bunsui.asl.jsonpath import Path
from bunsui.engine.context import ExpressionScope, Sources
from bunsui.engine.failures import INTRINSIC, RUNTIME, StateFailure
from bunsui.engine.jsonpath.java_random import JavaRandom
from bunsui.engine.jsonpath.paths import PathError, compact, equal, find
from bunsui.model.json import Json

__all__ = ["evaluate", "hash_text", "look_up", "new_uuid", "partitioned", "rounded", "span"]

MOST_ITEMS = 1000
"""The most that States.ArrayRange makes."""
LONGEST_TEXT = 10_000
"""Characters that the hash and Base64 functions take."""
_ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


class _Mistake(Exception):
    """An argument that the function does not take."""


def evaluate(text: str, scope: ExpressionScope) -> Json:
    """Return the value of a call. Raises StateFailure; IntrinsicSyntaxError when the text is no call."""
    return _call(parse(text), scope)


def look_up(path: Path, scope: ExpressionScope) -> Json:
    """Return what a path names in the scope: `$`, `$$` or a variable. Raises PathError."""
    if path.root == "$":
        return find(path, scope.data)
    if path.root == "$$":
        return find(path, scope.context)
    if path.root not in scope.variables:
        raise PathError(path.text, f"No results for path: ${path.root}")
    return find(path, scope.variables[path.root])


def _call(call: Call, scope: ExpressionScope) -> Json:
    if call.name == "Format":
        arguments = [_value(argument, scope) for argument in call.arguments[1:]]
        template = call.arguments[0]
        raw = template.raw if isinstance(template, Text) else _plain(_value(template, scope))
        function: Callable[[], Json] = lambda: _format(raw, arguments)  # noqa: E731 - one shape for both cases
    else:
        values = [_value(argument, scope) for argument in call.arguments]
        function = lambda: _FUNCTIONS[call.name](values, scope.sources)  # noqa: E731 - as above
    try:
        return function()
    except _Mistake as mistake:
        cause = f"The function '{call.text}' had the following error: {mistake}"
        raise StateFailure(INTRINSIC, cause) from mistake


def _value(argument: Text | Constant | Path | Call, scope: ExpressionScope) -> Json:
    if isinstance(argument, Text):
        return argument.value
    if isinstance(argument, Constant):
        return argument.value
    if isinstance(argument, Call):
        return _call(argument, scope)
    try:
        return look_up(argument, scope)
    except PathError as error:
        searched = scope.context if argument.root == "$$" else scope.data
        cause = f"The JsonPath argument for the field '{argument.text}' could not be found in the input '{compact(searched)}'"
        raise StateFailure(RUNTIME, cause) from error


_HOLE = re.compile(r"\\([\\'{}])|\{\}")


def _format(template: str, arguments: Sequence[Json]) -> str:
    holes = sum(1 for found in _HOLE.finditer(template) if found.group() == "{}")
    if holes != len(arguments):
        raise _Mistake(f"the template has {holes} places for {len(arguments)} arguments")
    left = iter(arguments)
    return _HOLE.sub(lambda found: found.group(1) or _plain(next(left)), template)


def _plain(value: Json) -> str:
    """Return the value as Java's toString does."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}={_plain(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_plain, value)) + "]"
    return compact(value)


def _array(values: Sequence[Json], at: int = 0) -> list[Any]:
    value = values[at]
    if not isinstance(value, list):
        raise _Mistake(f"argument {at + 1} must be an array but is {compact(value)}")
    return value


def _text(values: Sequence[Json], at: int = 0) -> str:
    value = values[at]
    if not isinstance(value, str):
        raise _Mistake(f"argument {at + 1} must be a string but is {compact(value)}")
    return value


def _short_text(values: Sequence[Json]) -> str:
    text = _text(values)
    if len(text) > LONGEST_TEXT:
        raise _Mistake(f"the input is longer than {LONGEST_TEXT} characters")
    return text


def _integer(values: Sequence[Json], at: int) -> int:
    value = values[at]
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _Mistake(f"argument {at + 1} must be a number but is {compact(value)}")
    return rounded(value)


def rounded(number: float) -> int:
    """Round half up, as Java's Math.round."""
    return number if isinstance(number, int) else math.floor(number + 0.5)


def partitioned(items: Sequence[Json], size: int) -> list[Json]:
    """Cut into pieces of that size; the last may be shorter. ValueError unless the size is positive."""
    if size < 1:
        raise ValueError("the chunk size must be a positive integer")
    return [list(items[start : start + size]) for start in range(0, len(items), size)]


def span(first: int, last: int, by: int) -> list[Json]:
    """Count from first to last, both included. ValueError for a step of 0 or more than 1000 items."""
    if by == 0:
        raise ValueError("the increment must not be 0")
    found = range(first, last + (1 if by > 0 else -1), by)
    if len(found) > MOST_ITEMS:
        raise ValueError(f"the range has more than {MOST_ITEMS} items")
    return list(found)


def hash_text(text: str, algorithm: str) -> str:
    """Return the hex digest. ValueError for an unknown algorithm."""
    if algorithm not in _ALGORITHMS:
        raise ValueError(f"the algorithm must be one of {', '.join(_ALGORITHMS)}")
    return hashlib.new(_ALGORITHMS[algorithm], text.encode(errors="replace"), usedforsecurity=False).hexdigest()


def new_uuid(chance: random.Random) -> str:
    """Return a random (version 4) UUID."""
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _or_mistake(function: Callable[..., Json], *arguments: Any) -> Json:
    try:
        return function(*arguments)
    except ValueError as error:
        raise _Mistake(str(error)) from error


def _contains(values: Sequence[Json], _: Sources) -> Json:
    return any(equal(item, values[1]) for item in _array(values))


def _item(values: Sequence[Json], _: Sources) -> Json:
    items, index = _array(values), _integer(values, 1)
    if not 0 <= index < len(items):
        raise _Mistake(f"the index {index} is outside of an array of {len(items)} items")
    found: Json = items[index]
    return found


def _unique(values: Sequence[Json], _: Sources) -> Json:
    kept: list[Json] = []
    for item in _array(values):
        if not any(equal(item, one) for one in kept):
            kept.append(item)
    return kept


def _encode(values: Sequence[Json], _: Sources) -> Json:
    return base64.b64encode(_short_text(values).encode(errors="replace")).decode()


def _decode(values: Sequence[Json], _: Sources) -> Json:
    try:
        return base64.b64decode(_short_text(values), validate=True).decode(errors="replace")
    except (binascii.Error, ValueError) as error:
        raise _Mistake("the input is not valid Base64") from error


def _hash(values: Sequence[Json], _: Sources) -> Json:
    data = _short_text(values) if isinstance(values[0], str) else compact(values[0])
    return _or_mistake(hash_text, data, _text(values, 1))


def _merge(values: Sequence[Json], _: Sources) -> Json:
    first, second, deep = values
    if not isinstance(first, Mapping) or not isinstance(second, Mapping):
        raise _Mistake("arguments 1 and 2 must be JSON objects")
    if deep is not False:
        raise _Mistake("argument 3 must be false: only shallow merging is supported")
    return {**first, **second}


def _parse_json(values: Sequence[Json], _: Sources) -> Json:
    text = _text(values)
    if not text.strip():
        return None
    try:
        found: Json = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _Mistake(f"the input is not valid JSON: {error}") from error
    return found


def _random(values: Sequence[Json], sources: Sources) -> Json:
    first, last = _integer(values, 0), _integer(values, 1)
    if last <= first:
        raise _Mistake("the end must be greater than the start")
    width = last - first
    if len(values) > 2 and width < 2**31:
        return first + JavaRandom(_integer(values, 2)).next_int(width)
    return sources.chance.randrange(first, last)


def _split(values: Sequence[Json], _: Sources) -> Json:
    text, splitters = _text(values), _text(values, 1)
    if not splitters:
        return [text]
    return [piece for piece in re.split("[" + re.escape(splitters) + "]", text) if piece]


_FUNCTIONS: dict[str, Callable[[Sequence[Json], Sources], Json]] = {
    "Array": lambda values, _: list(values),
    "ArrayPartition": lambda values, _: _or_mistake(partitioned, _array(values), _integer(values, 1)),
    "ArrayContains": _contains,
    "ArrayRange": lambda values, _: _or_mistake(span, *(_integer(values, at) for at in range(3))),
    "ArrayGetItem": _item,
    "ArrayLength": lambda values, _: len(_array(values)),
    "ArrayUnique": _unique,
    "Base64Encode": _encode,
    "Base64Decode": _decode,
    "Hash": _hash,
    "JsonMerge": _merge,
    "JsonToString": lambda values, _: compact(values[0]),
    "MathAdd": lambda values, _: _integer(values, 0) + _integer(values, 1),
    "MathRandom": _random,
    "StringSplit": _split,
    "StringToJson": _parse_json,
    "UUID": lambda _, sources: new_uuid(sources.chance),
}
