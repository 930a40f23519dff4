"""Whether a value is of the type that a service's model promises: botocore hands JSON on as it came."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

Misfit = Callable[[Any], str]
"""Returns the path of the first value of another type than it should be, such as `Roles[0].Arn`, `.` for the value itself, and
nothing when all fit."""

_HERE = "."
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    "string": str,
    "character": str,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": datetime,
}


@cache
def misfit(shape: Any) -> Misfit:
    """Return the check of values against botocore's shape. Members that the shape does not know are none of its business."""
    kind = shape.type_name
    if kind == "structure":
        return _fits if shape.is_document_type else _of_structure(shape)
    if kind == "list":
        return _of_list(shape)
    if kind == "map":
        return _of_map(shape)
    if kind == "boolean":
        return lambda value: "" if isinstance(value, bool) else _HERE
    if kind == "blob":
        return lambda value: "" if isinstance(value, (bytes, bytearray)) or hasattr(value, "read") else _HERE
    if shape.name == "NumberAttributeValue":  # DynamoDB's numbers are texts
        return lambda value: "" if isinstance(value, str) and _NUMBER.fullmatch(value) else _HERE
    wanted = _TYPES[kind]
    return lambda value: "" if isinstance(value, wanted) and value is not True and value is not False else _HERE


def _fits(_: Any) -> str:
    return ""


def _of_structure(shape: Any) -> Misfit:
    members: dict[str, Misfit] = {}  # filled at need: shapes may hold themselves

    def check(value: Any) -> str:
        if not isinstance(value, dict):
            return _HERE
        for name, item in value.items():
            member = members.get(name)
            if member is None:
                member = members[name] = misfit(shape.members[name]) if name in shape.members else _fits
            if wrong := member(item):
                return _within(name, wrong)
        return ""

    return check


def _of_list(shape: Any) -> Misfit:
    member: Misfit | None = None

    def check(value: Any) -> str:
        nonlocal member
        if not isinstance(value, list):
            return _HERE
        member = member or misfit(shape.member)
        for number, item in enumerate(value):
            if wrong := member(item):
                return _within(f"[{number}]", wrong)
        return ""

    return check


def _of_map(shape: Any) -> Misfit:
    member: Misfit | None = None

    def check(value: Any) -> str:
        nonlocal member
        if not isinstance(value, dict):
            return _HERE
        member = member or misfit(shape.value)
        for item in value.values():
            if wrong := member(item):
                return _within("{}", wrong)
        return ""

    return check


def _within(place: str, wrong: str) -> str:
    if wrong == _HERE:
        return place
    return place + wrong if wrong.startswith(("[", "{")) else f"{place}.{wrong}"
