"""Canonical JSON: one form and one fingerprint for all values that mean the same."""

from __future__ import annotations

import hashlib
import json
import marshal
from collections.abc import Mapping
from typing import Any, cast

from bunsui.model.json import Json
from bunsui.model.values import Expression, Reference, Sensitive, Unknown, Value

_MARK = "\N{NULL}"
"""Begins the stand-in of a leaf that is not JSON, so that it equals no JSON that AWS or YAML can hold."""


_JSON_LEAVES = frozenset({str, int, bool, type(None)})
_AS_THEY_ARE = _JSON_LEAVES | {Reference, Unknown, Expression}


def canonical_json(value: Value) -> Value:
    """Return the value with sorted keys, lists for tuples, and whole numbers without a fraction."""
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


def read_object(value: Value) -> Value:
    """Return the object whose JSON text this is; what is no such text comes back as it is."""
    if not isinstance(value, str):
        return value
    try:
        parsed: Value = json.loads(value)
    except ValueError:
        return value
    return parsed if isinstance(parsed, dict) else value


def canonical_set(value: Value) -> Value:
    """Return a list in a fixed order without repetitions; anything else as `canonical_json` gives it."""
    if not isinstance(value, (list, tuple)):
        return canonical_json(value)
    by_print = {encoded(item): canonical_json(item) for item in value}
    return [by_print[key] for key in sorted(by_print)]


def encoded(value: Value) -> str:
    """Return a text that is equal for two values exactly when they mean the same. Unlike `==`, it tells `true` from `1`."""
    return _form_encoded(canonical_json(value))


def _form_encoded(form: Value) -> str:
    try:
        return _write_json(form)
    except TypeError:  # some leaf is not JSON yet
        return _write_json(plain(form))


def _write_json(value: Value) -> str:
    return _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


def surely_same(one: Value, other: Value) -> bool:
    """Tell whether two values are the same to the letter, which spares bringing them into canonical form. False says nothing:
    they may mean the same all the same."""
    if one is other:
        return True
    if one != other:
        return False
    try:  # to `==`, True is 1
        return _marshal(one) == _marshal(other) or _write_json(one) == _write_json(other)
    except (TypeError, ValueError):  # some leaf is not JSON yet
        return False


def _marshal(value: Value) -> bytes:
    """Return bytes that are equal for no two values that differ, and for most that are the same: those whose keys are in the
    same order. Ten times as fast as JSON."""
    return marshal.dumps(cast("Any", value), 2)  # from version 3 on, they depend on what refers to the values


def sharing(value: Value, held: Value) -> Value:
    """Return the same value, made of parts of `held` where these are the same to the letter, the order of keys included: what
    is held anyway is not held twice, and what is one object need not be compared again."""
    if isinstance(value, dict) and isinstance(held, dict) and list(value) == list(held):
        parts = {key: sharing(item, held[key]) for key, item in value.items()}
        return held if all(part is held[key] for key, part in parts.items()) else parts
    if isinstance(value, list) and isinstance(held, list) and len(value) == len(held):
        items = [sharing(item, other) for item, other in zip(value, held, strict=True)]
        return held if all(item is other for item, other in zip(items, held, strict=True)) else items
    if isinstance(value, (dict, list)) or type(value) is not type(held) or value != held:
        return value
    return held if not isinstance(value, float) or repr(value) == repr(held) else value  # 0.0 equals -0.0


def fingerprint(value: Value) -> str:
    """Return 64 hex digits that stand for the value, the same in every process."""
    return form_fingerprint(canonical_json(value))


def form_fingerprint(form: Value) -> str:
    """Return the `fingerprint` of a value that is in canonical form already."""
    return hashlib.sha256(_form_encoded(form).encode()).hexdigest()


def plain(value: Value) -> Json:
    """Return JSON in which every leaf that is not JSON yet has a stand-in that equals nothing but its like."""
    if type(value) in _JSON_LEAVES:  # asked first, as above
        return cast("Json", value)
    match value:
        case dict() | Mapping():
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
