r"""The forms that a member may have, told by its type: each is written, read and described in its own way.

| type | JSON |
|---|---|
| `str`, a subclass of it, `bool`, `float` | as it is |
| `int` | a whole number from 0 |
| `Json` | as it is, whatever it is |
| `datetime` | RFC 3339 with an offset |
| `Address` | its text |
| an `Enum` | the value of one of its members |
| `Literal` | one of its values |
| `tuple[X, ...]`, `tuple[X, Y]` | an array; one of exactly these |
| `Mapping[str, X]` | an object whose keys are data |
| a `Shape` | an object with its members |
| `X \| Y` | of shapes, one of them |
| `X \| None` | null as well |
| `Annotated[X, "text"]` | X, with a description of its own |
| `Annotated[X, Keywords]` | X, with more of JSON Schema |
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias, Union, get_args, get_origin, get_type_hints

from bunsui.codec.shape import Absent, Declared, Keywords, Shape
from bunsui.model.address import Address

_LEAVES: frozenset[Any] = frozenset({str, bool, int, float, datetime, Address, Any})


class Single(NamedTuple):
    """What holds no other form."""

    type: Any
    """`str` or a subclass, `bool`, `int`, `float`, `datetime`, `Address`, an `Enum`; `Any` for what is somebody else's."""


class Constants(NamedTuple):
    """One of a few values."""

    values: tuple[str | bool | None, ...]


class ListOf(NamedTuple):
    """Any number of one form."""

    items: Form


class TupleOf(NamedTuple):
    """Exactly these forms."""

    items: tuple[Form, ...]


class TableOf(NamedTuple):
    """An object whose keys are data."""

    values: Form


class Nested(NamedTuple):
    """One of these shapes, which mostly is one."""

    shapes: tuple[type[Shape], ...]


class OrNull(NamedTuple):
    """A form, or null."""

    form: Form


class Noted(NamedTuple):
    """A form of which the schema says more."""

    form: Form
    keywords: Keywords


Form: TypeAlias = Single | Constants | ListOf | TupleOf | TableOf | Nested | OrNull | Noted


class ShapeMember(NamedTuple):
    """One member of a shape."""

    name: str
    """Of the field."""
    key: str
    form: Form
    description: str
    source: str | None
    """Where `ShapeOf.of` finds it; None when it is told besides."""
    is_optional: bool


_MEMBERS: dict[type[Shape], tuple[ShapeMember, ...]] = {}


def members(shape: type[Shape]) -> tuple[ShapeMember, ...]:
    """Return the members of a shape in their order, its head apart."""
    if shape not in _MEMBERS:
        # `Json` names itself, which nothing evaluates.
        hints = get_type_hints(shape, localns={"Json": Any}, include_extras=True)
        _MEMBERS[shape] = tuple(_member(name, found, hints[name]) for name, found in shape.declared.items())
    return _MEMBERS[shape]


def _member(name: str, found: Declared, hint: Any) -> ShapeMember:
    return ShapeMember(
        name=name,
        key=name.removesuffix("_"),
        form=form_of(hint),
        description=found.description,
        source=found.source if found.source is None else found.source or name,
        is_optional=found.is_optional,
    )


def form_of(hint: Any) -> Form:
    """Return the form that a type says.

    Raises:
        TypeError: there is none.

    """
    origin, inner = get_origin(hint), get_args(hint)
    if origin is None and _is_leaf(hint):
        return Single(hint)
    if origin is None and issubclass(hint, Shape):
        return Nested((hint,))
    if origin is Annotated:
        form, note = inner
        return Noted(form_of(form), note if isinstance(note, Keywords) else Keywords({"description": note}))
    if origin is Literal:
        return Constants(inner)
    if origin in (Union, UnionType):
        return _union(inner)
    if origin is tuple:
        return ListOf(form_of(inner[0])) if inner[1:] == (...,) else TupleOf(tuple(map(form_of, inner)))
    if origin is Mapping and inner[0] is str:
        return TableOf(form_of(inner[1]))
    raise TypeError(f"no document holds {hint}")


def is_text(kind: Any) -> bool:
    """Tell whether the type of a single value is a subclass of `str`: such a text is made of what is a plain one elsewhere."""
    return isinstance(kind, type) and kind is not str and issubclass(kind, str) and not issubclass(kind, Enum)


def _is_leaf(hint: Any) -> bool:
    return hint in _LEAVES or issubclass(hint, (Enum, str))


def _union(inner: tuple[Any, ...]) -> Form:
    rest = [hint for hint in inner if hint not in (NoneType, Absent)]
    form = form_of(rest[0]) if len(rest) == 1 else Nested(tuple(rest))
    return OrNull(form) if NoneType in inner else form
