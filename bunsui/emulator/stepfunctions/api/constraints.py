"""Requests against the published model of the API: required members, lengths, ranges, enumerations and patterns.

The sentences are those of AWS, as recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from bunsui.aws.service_models import Shape, operation_shape, shape
from bunsui.emulator.stepfunctions.errors import invalid_value

_SERVICE = "stepfunctions"
_PYTHON_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "float": (int, float),
    "double": (int, float),
    "list": (list,),
    "structure": (dict,),
    "map": (dict,),
}
_JAVA_ONLY = "\\p{ASCII}*"


def check(operation: str, request: Mapping[str, Any]) -> None:
    """Refuse a request that breaks the model, naming every constraint that it breaks."""
    name = operation_shape(_SERVICE, operation, "input")
    found = list(_broken_rules(shape(_SERVICE, name), request, ""))
    if found:
        noun = "error" if len(found) == 1 else "errors"
        raise invalid_value(f"{len(found)} validation {noun} detected: {'; '.join(found)}")


def _broken_rules(spec: Shape, value: Any, path: str) -> Iterator[str]:
    kind = spec["type"]
    expected = _PYTHON_TYPES.get(kind)
    if expected is not None and (not isinstance(value, expected) or (isinstance(value, bool) and bool not in expected)):
        yield _say_broken(value, path, f"Member must be of type {kind}")
    elif kind == "structure":
        yield from _broken_structure(spec, value, path)
    elif kind == "list":
        for number, item in enumerate(value, start=1):
            yield from _broken_rules(shape(_SERVICE, spec["member"]["shape"]), item, f"{path}.{number}.member")
    elif kind == "string":
        yield from _broken_text(spec, value, path)
    elif kind in ("integer", "long", "float", "double"):
        yield from _broken_number(spec, value, path)


def _broken_structure(spec: Shape, value: Mapping[str, Any], path: str) -> Iterator[str]:
    for name, member in spec["members"].items():
        inner = f"{path}.{name}" if path else name
        if value.get(name) is not None:
            yield from _broken_rules(shape(_SERVICE, member["shape"]), value[name], inner)
        elif name in spec.get("required", ()):
            yield _say_broken(None, inner, "Member must not be null")


def _broken_text(spec: Shape, value: str, path: str) -> Iterator[str]:
    shown = "*** Sensitive Data Redacted ***" if spec.get("sensitive") else value
    if "enum" in spec and value not in spec["enum"]:
        yield _say_broken(shown, path, f"Member must satisfy enum value set: [{', '.join(spec['enum'])}]")
    if len(value) > spec.get("max", len(value)):
        yield _say_broken(shown, path, f"Member must have length less than or equal to {spec['max']}")
    if len(value) < spec.get("min", 0):
        yield _say_broken(shown, path, f"Member must have length greater than or equal to {spec['min']}")
    pattern = spec.get("pattern")
    if pattern and not _matches(pattern, value):
        yield _say_broken(shown, path, f"Member must satisfy regular expression pattern: {pattern}")


def _broken_number(spec: Shape, value: float, path: str) -> Iterator[str]:
    if value > spec.get("max", value):
        yield _say_broken(value, path, f"Member must have value less than or equal to {spec['max']}")
    if value < spec.get("min", value):
        yield _say_broken(value, path, f"Member must have value greater than or equal to {spec['min']}")


def _say_broken(value: object, path: str, constraint: str) -> str:
    shown = "null" if value is None else f"'{value}'"
    return f"Value {shown} at '{path}' failed to satisfy constraint: {constraint}"


def _matches(pattern: str, value: str) -> bool:
    if pattern == _JAVA_ONLY:
        return value.isascii()
    return _compile(pattern).fullmatch(value) is not None


@cache
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
