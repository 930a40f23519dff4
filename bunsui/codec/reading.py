"""Reads documents back. Members that are not known are passed over: a newer bunsui may have added them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import repeat
from typing import Any, TypeVar, assert_never

from bunsui.codec.forms import Constants, Form, ListOf, Nested, Noted, OrNull, Single, TableOf, TupleOf, is_text, members
from bunsui.codec.shape import Shape
from bunsui.model.address import Address, parse_address
from bunsui.model.json import Json

T = TypeVar("T", bound=Shape)
V = TypeVar("V")

_NAMES: Mapping[type, str] = {str: "a text", bool: "true or false", int: "a whole number from 0", float: "a number"}


class Malformed(ValueError):
    """A document is not of the shape that was to be read; the text says where, and what should stand there."""


def from_json(shape: type[T], document: Json) -> T:
    """Return the value that `to_json` wrote.

    Raises:
        Malformed: it is not of that shape.

    """
    return _shape(shape, document, "")


def _shape(shape: type[T], document: Json, place: str) -> T:
    if not isinstance(document, Mapping):
        raise _wrong(place, "an object")
    published = shape.published
    if published.version is not None and document.get("format_version") != published.version:
        raise _wrong(f"{place}.format_version", str(published.version))
    if published.kind and document.get("kind") != published.kind:
        raise _wrong(f"{place}.kind", published.kind)
    found: dict[str, object] = {}
    for item in members(shape):
        if item.key in document:
            found[item.name] = _value(item.form, document[item.key], f"{place}.{item.key}")
        elif not item.is_optional:
            raise _wrong(f"{place}.{item.key}", "there")
    return shape(**found)


def _value(form: Form, value: Json, place: str) -> Any:
    match form:
        case Single(kind):
            return _leaf(kind, value, place)
        case Constants(values):
            return _constant(values, value, place)
        case ListOf(items):
            return _listed(repeat(items), _list(value, place), place)
        case TupleOf(items):
            listed = _list(value, place)
            if len(listed) != len(items):
                raise _wrong(place, f"a list of {len(items)}")
            return _listed(items, listed, place)
        case TableOf(values):
            if not isinstance(value, Mapping):
                raise _wrong(place, "an object")
            return {key: _value(values, item, f"{place}.{key}") for key, item in value.items()}
        case Nested((shape,)):
            return _shape(shape, value, place)
        case Nested(shapes):
            return _one_of(shapes, value, place)
        case OrNull(inner):
            return None if value is None else _value(inner, value, place)
        case Noted(inner):
            return _value(inner, value, place)
        case _:
            assert_never(form)


def _listed(forms: Iterable[Form], values: Sequence[Json], place: str) -> tuple[Any, ...]:
    return tuple(
        _value(form, value, f"{place}.{index}") for index, (form, value) in enumerate(zip(forms, values, strict=False))
    )


def _leaf(kind: Any, value: Json, place: str) -> Any:
    if kind is Any:
        return value
    if kind is datetime:
        at = _converted(datetime.fromisoformat, value, place, "an instant")
        if at.tzinfo is None:
            raise _wrong(place, "an instant with its offset")
        return at
    if kind is Address:
        return _converted(parse_address, value, place, "an address")
    if is_text(kind):
        return _converted(kind, value, place, "a text")
    if kind not in _NAMES:
        return _converted(kind, value, place, f"one of {', '.join(str(word.value) for word in kind)}")
    if not _is_plain(kind, value):
        raise _wrong(place, _NAMES[kind])
    return value


def _constant(values: Sequence[Json], value: Json, place: str) -> Json:
    if not any(type(value) is type(known) and value == known for known in values):
        raise _wrong(place, f"one of {', '.join(map(str, values))}")
    return value


def _is_plain(kind: type, value: Json) -> bool:
    if kind is float:
        return type(value) in (int, float)
    return type(value) is kind and not (isinstance(value, int) and value < 0)


def _converted(convert: Callable[[str], V], value: Json, place: str, wanted: str) -> V:
    try:
        if isinstance(value, str):
            return convert(value)
    except ValueError:
        pass
    raise _wrong(place, wanted)


def _list(value: Json, place: str) -> Sequence[Json]:
    if not isinstance(value, list):
        raise _wrong(place, "a list")
    return value


def _one_of(shapes: Sequence[type[Shape]], value: Json, place: str) -> Shape:
    """Return the value of the first shape that it has: they tell themselves apart by what is constant in them."""
    for shape in shapes:
        try:
            return _shape(shape, value, place)
        except Malformed:
            continue
    raise _wrong(place, "an object of a known shape")


def _wrong(place: str, wanted: str) -> Malformed:
    return Malformed(f"{place.removeprefix('.') or 'the document'}: should be {wanted}")
