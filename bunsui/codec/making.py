"""Fills documents from the values that they show."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Generic, Self, TypeAlias, TypeVar

from bunsui.codec.forms import Form, ListOf, Nested, Noted, OrNull, Single, TableOf, is_text, members
from bunsui.codec.shape import Shape

S = TypeVar("S")

_Fill: TypeAlias = Callable[[Any], Any]

_FILLERS: dict[type[Shape], list[tuple[str, _Fill, _Fill | None]]] = {}
"""By shape each member that the source has, how it is found there, and what becomes of it; None for what stays as it is."""


class ShapeOf(Shape, Generic[S]):
    """A shape of which most members stand in a value of type S already; `member` says where, if not under the same name."""

    @classmethod
    def of(cls, source: S, **told: object) -> Self:
        """Return what stands for the source; `told` are members that it does not have. Parts are filled in the same way."""
        if cls not in _FILLERS:
            found = [(item.name, item.source, _filler(item.form)) for item in members(cls)]
            _FILLERS[cls] = [(name, _getter(path), fill) for name, path, fill in found if path is not None]
        for name, get, fill in _FILLERS[cls]:
            if name not in told:
                value = get(source)
                told[name] = value if fill is None else fill(value)
        return cls(**told)


def _getter(path: str) -> _Fill:
    """Return what finds the value at the path; None where something on the way is None."""
    first, *rest = map(attrgetter, path.split("."))
    if not rest:
        return first

    def get(source: object) -> Any:
        value = first(source)
        for step in rest:
            value = step(value) if value is not None else None
        return value

    return get


def _filler(form: Form) -> _Fill | None:
    match form:
        case Single(kind) if is_text(kind):
            fill: _Fill | None = kind
        case Nested((shape,)) if issubclass(shape, ShapeOf):
            fill = shape.of
        case ListOf(items):
            fill = _each(_filler(items))
        case TableOf(values):
            fill = _values(_filler(values))
        case OrNull(inner):
            fill = _unless_null(_filler(inner))
        case Noted(inner):
            fill = _filler(inner)
        case _:
            fill = None
    return fill


def _each(fill: _Fill | None) -> _Fill:
    return tuple if fill is None else lambda value: tuple(map(fill, value))


def _values(fill: _Fill | None) -> _Fill | None:
    return None if fill is None else lambda value: {key: fill(item) for key, item in value.items()}


def _unless_null(fill: _Fill | None) -> _Fill | None:
    return None if fill is None else lambda value: None if value is None else fill(value)
