"""What a member is taken from has the member's type, which no type checker sees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from bunsui.codec.forms import Constants, Form, ListOf, Nested, Noted, OrNull, Single, TableOf, form_of, is_text, members
from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import Shape, member
from bunsui.model.session import Session
from tests.unit.codec.shapes import EVERY, parts

OPEN = {"Json": Any, "Value": Any}
"""Types that name themselves, which nothing evaluates."""
SHAPES = sorted({one for shape in EVERY for one in parts(shape) if issubclass(one, ShapeOf)}, key=lambda one: one.__name__)


def source_of(shape: type[Shape]) -> type:
    [base] = [base for base in shape.__orig_bases__ if get_origin(base) is ShapeOf]  # type: ignore[attr-defined]
    [source] = get_args(base)
    assert isinstance(source, type)
    return source


def hint_of(owner: Any, name: str) -> Any:
    found = getattr(owner, name, None)
    if isinstance(found, property):
        return get_type_hints(found.fget, localns=OPEN)["return"]
    if isinstance(found, cached_property):
        return get_type_hints(found.func, localns=OPEN)["return"]
    return get_type_hints(owner, localns=OPEN)[name]


def without_null(hint: Any) -> tuple[Any, bool]:
    if get_origin(hint) not in (Union, UnionType) or NoneType not in get_args(hint):
        return hint, False
    [rest] = [one for one in get_args(hint) if one is not NoneType]
    return rest, True


def fits(form: Form, hint: Any) -> bool:
    hint, may_be_null = without_null(hint)
    if may_be_null:
        return isinstance(form, OrNull) and fits(form.form, hint)
    match form:
        case Noted(inner) | OrNull(inner):
            return fits(inner, hint)
        case Nested((shape,)):
            return hint in (shape, source_of(shape))
        case ListOf(items) if get_origin(hint) in (tuple, list, Sequence):
            return fits(items, get_args(hint)[0])
        case TableOf(inner) if get_origin(hint) is Mapping:
            return fits(inner, get_args(hint)[1])
        case Single(kind) if is_text(kind):
            return hint is str
        case Single(kind):
            return bool(hint == kind)
        case Constants(values) if get_origin(hint) is Literal:
            return set(values) == set(get_args(hint))
        case Constants(values):
            return all(isinstance(value, hint) for value in values)
        case _:
            return form_of(hint) == form


def wrong(shape: type[Shape]) -> Iterator[str]:
    for item in members(shape):
        if item.source is None:
            continue
        hint, is_nullable = source_of(shape), False
        for name in item.source.split("."):
            hint, may_be_null = without_null(hint_of(hint, name))
            is_nullable = is_nullable or may_be_null
        if not fits(item.form, hint) or (is_nullable and not isinstance(item.form, OrNull)):
            yield f"{item.name}: {hint}"


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_each_member_is_taken_from_something_of_its_type(shape: type[Shape]) -> None:
    assert list(wrong(shape)) == []


class Misread(ShapeOf[Session]):
    """A session, taken from the wrong places."""

    id: int = member()
    attempts: tuple[str, ...] = member()
    error: str = member(of="latest.error")
    pipeline: str = member()
    told: int = member(of=None)


def test_what_is_taken_from_another_type_or_may_be_null_is_found() -> None:
    assert [found.partition(":")[0] for found in wrong(Misread)] == ["id", "attempts", "error"]


def test_the_shapes_are_those_of_the_house() -> None:
    assert len(SHAPES) > 25
