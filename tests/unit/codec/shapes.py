"""Every shape that is published, and values of it at random."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, assert_never

from hypothesis import strategies as st

from bunsui.cli.output_schema import DOCUMENTS
from bunsui.codec.forms import Constants, Form, ListOf, Nested, Noted, OrNull, Single, TableOf, TupleOf, is_text, members
from bunsui.codec.shape import Shape
from bunsui.model.address import Address
from bunsui.view.documents.findings import FindingsDocument
from bunsui.view.documents.plan import PlanDocument

EVERY: tuple[type[Shape], ...] = (*DOCUMENTS, FindingsDocument, PlanDocument)

_TEXTS = st.text(max_size=8)
_KEYS = st.text(max_size=4)
_NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _NUMBERS | _TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_KEYS, inner, max_size=2),
    max_leaves=4,
)
_NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,8}", fullmatch=True)
_ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SINCE = st.timedeltas(timedelta(days=-25_000), timedelta(days=300_000))
_MOMENTS = st.builds(lambda since, zone: (_EPOCH + since).astimezone(zone), _SINCE, st.just(UTC) | _ZONES)
_ADDRESSES = st.builds(Address, _NAMES, _NAMES, st.just("") | _NAMES)
_LEAVES: Mapping[Any, st.SearchStrategy[Any]] = {
    str: _TEXTS, bool: st.booleans(), int: st.integers(0, 2**53), float: _NUMBERS, datetime: _MOMENTS, Address: _ADDRESSES,
    Any: _JSON,
}  # fmt: skip


_KNOWN: dict[type[Shape], st.SearchStrategy[Any]] = {}


def values(shape: type[Shape]) -> st.SearchStrategy[Any]:
    """Return values of the shape, by the same strategy each time: to make one takes longer than to draw from it."""
    if shape not in _KNOWN:
        _KNOWN[shape] = _values(shape)
    return _KNOWN[shape]


def _values(shape: type[Shape]) -> st.SearchStrategy[Any]:
    """Return values with everything that may be missing, or with nothing of it."""
    needed = {item.name: _of(item.form) for item in members(shape) if not item.is_optional}
    every = {item.name: _of(item.form) for item in members(shape)}
    return st.builds(shape, **needed) | st.builds(shape, **every)


def parts(shape: type[Shape]) -> Iterator[type[Shape]]:
    """Return the shape and every one within it."""
    yield shape
    for item in members(shape):
        for inner in _inner(item.form):
            yield from parts(inner)


def _of(form: Form) -> st.SearchStrategy[Any]:
    match form:
        case Single(kind):
            if is_text(kind):
                return _TEXTS.map(kind)
            return _LEAVES[kind] if kind in _LEAVES else st.sampled_from(list(kind))
        case Constants(constants):
            return st.sampled_from(constants)
        case ListOf(items):
            return st.lists(_of(items), max_size=2).map(tuple)
        case TupleOf(items):
            return st.tuples(*map(_of, items))
        case TableOf(inner):
            return st.dictionaries(_KEYS, _of(inner), max_size=2)
        case Nested(shapes):
            return st.one_of(*map(values, shapes))
        case OrNull(inner):
            return st.none() | _of(inner)
        case Noted(inner, keywords):
            return _noted(inner, dict(keywords.words))
        case _:
            assert_never(form)


def _noted(form: Form, words: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Return what also does as the schema's own words say."""
    if form == Single(str) and "enum" in words:
        return st.sampled_from(words["enum"])
    if "propertyNames" in words:
        return st.dictionaries(st.sampled_from(words["propertyNames"]["enum"]), st.integers(1, 9), max_size=2)
    if "required" in words:
        return _of(form).map(lambda value: dict.fromkeys(words["required"]) | value)
    if "minItems" in words:
        return st.lists(_TEXTS, min_size=words["minItems"], max_size=3).map(tuple)
    return _of(form)


def _inner(form: Form) -> Iterator[type[Shape]]:
    match form:
        case Nested(shapes):
            yield from shapes
        case OrNull(inner) | Noted(inner) | ListOf(inner) | TableOf(inner):
            yield from _inner(inner)
        case _:
            return
