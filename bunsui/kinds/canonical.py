"""Canonical JSON: one form and one fingerprint for all values that mean the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from bunsui.model.values import Expression, Json, Reference, Sensitive, Unknown, Value

_MARK = "\N{NULL}"
"""Begins the stand-in of a leaf that is not JSON, so that it equals no JSON that AWS or YAML can hold."""


_AS_THEY_ARE = frozenset({str, int, bool, type(None), Reference, Unknown, Expression})


def canonical_json(value: Value) -> Value:
    """Give the value with sorted keys, lists for tuples, and whole numbers without a fraction."""
    if type(value) in _AS_THEY_ARE:  # asked first: nearly all that a document holds
        return value
    if isinstance(value, (dict, Mapping)):
        return {key: canonical_json(value[key]) for key in sorted(value)}
    if isinstance(value, (list, tuple)):
        return [canonical_json(item) for item in value]
    if isinstance(value, Sensitive):
        return Sensitive(plain(canonical_json(value.value)))
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def canonical_set(value: Value) -> Value:
    """Give a list in a fixed order without repetitions; anything else as `canonical_json` gives it."""
    if not isinstance(value, (list, tuple)):
        return canonical_json(value)
    by_print = {encoded(item): canonical_json(item) for item in value}
    return [by_print[key] for key in sorted(by_print)]


def encoded(value: Value) -> str:
    """Give a text that is equal for two values exactly when they mean the same. Unlike `==`, it tells `true` from `1`."""
    form = canonical_json(value)
    try:
        return _written(form)
    except TypeError:  # some leaf is not JSON yet
        return _written(plain(form))


def _written(value: Value) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def surely_same(one: Value, other: Value) -> bool:
    """Tell whether two values are the same to the letter, which spares bringing them into canonical form. False says nothing:
    they may mean the same all the same."""
    if one is other:
        return True
    if one != other:
        return False
    try:
        return _written(one) == _written(other)  # to `==`, True is 1
    except TypeError:
        return False


def fingerprint(value: Value) -> str:
    """Give 64 hex digits that stand for the value, the same in every process."""
    return hashlib.sha256(encoded(value).encode()).hexdigest()


def plain(value: Value) -> Json:
    """Give JSON in which every leaf that is not JSON yet has a stand-in that equals nothing but its like."""
    match value:
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case Expression():
            return {_MARK: "expression", "text": value.text}
        case Reference():
            return {_MARK: "reference", "address": str(value.address), "attribute": value.attribute}
        case Unknown():
            return {_MARK: "unknown", "why": value.why}
        case Sensitive():
            return {_MARK: "sensitive", "value": value.value}
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise TypeError(f"not a value: {type(value).__name__}")
