"""Writes documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import EnumType
from operator import attrgetter
from typing import Any, TypeAlias, assert_never

from bunsui.codec.forms import Constants, Form, ListOf, Nested, Noted, OrNull, Single, TableOf, TupleOf, members
from bunsui.codec.shape import ABSENT, Published, Shape
from bunsui.model.address import Address
from bunsui.model.json import Json

_Write: TypeAlias = Callable[[Any], Json]

_WRITERS: dict[type[Shape], list[tuple[str, str, _Write | None]]] = {}
"""By shape each member's key, field, and how it is written; None for what is written as it is."""


def to_json(value: Shape) -> dict[str, Json]:
    """Return the JSON object that a value stands for, its members in their order."""
    shape = type(value)
    if shape not in _WRITERS:
        _WRITERS[shape] = [(member.key, member.name, _writer(member.form)) for member in members(shape)]
    found = _head(shape.published)
    values = vars(value)
    for key, name, write in _WRITERS[shape]:
        member = values.get(name, ABSENT)
        if member is not ABSENT:
            found[key] = member if write is None else write(member)
    return found


def _head(published: Published) -> dict[str, Json]:
    found: dict[str, Json] = {}
    if published.version is not None:
        found["format_version"] = published.version
    if published.kind:
        found["kind"] = published.kind
    return found


def _writer(form: Form) -> _Write | None:
    match form:
        case Single(kind):
            return _leaf_writer(kind)
        case Constants():
            return None
        case ListOf(items):
            return _each(_writer(items))
        case TupleOf(items):
            return _in_turn([_writer(item) for item in items])
        case TableOf(values):
            return _values(_writer(values))
        case Nested():
            return to_json
        case OrNull(inner):
            write = _writer(inner)
            return None if write is None else lambda value: None if value is None else write(value)
        case Noted(inner):
            return _writer(inner)
        case _:
            assert_never(form)


def _leaf_writer(kind: Any) -> _Write | None:
    if kind is datetime:
        return datetime.isoformat
    if kind is Address:
        return str
    return attrgetter("value") if isinstance(kind, EnumType) else None


def _each(write: _Write | None) -> _Write:
    return list if write is None else lambda value: [write(item) for item in value]


def _in_turn(writers: Sequence[_Write | None]) -> _Write:
    return lambda value: [item if write is None else write(item) for item, write in zip(value, writers, strict=True)]


def _values(write: _Write | None) -> _Write:
    return dict if write is None else lambda value: {key: write(item) for key, item in value.items()}
