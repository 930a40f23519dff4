"""The two forms of an output of a job: a value, or `{value, default, type, sensitive}`."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

KEYS = frozenset({"value", "default", "type", "sensitive"})
TYPES = ("string", "number", "integer", "boolean", "array", "object")


def is_long(value: object) -> bool:
    """Tell whether an output says more than its value: an object of its own has other keys, or no `value`."""
    return isinstance(value, Mapping) and "value" in value and set(value) <= KEYS


def misspelt_keys(value: object) -> tuple[tuple[str, str], ...]:
    """Return the keys by which an output would say more than its value if they were spelt right, each with what was meant. An
    object of its own may have any keys, also some that are called as these."""
    if not isinstance(value, Mapping) or KEYS.isdisjoint(value):
        return ()
    left = sorted(KEYS - set(value))
    others = [str(key) for key in value if key not in KEYS]
    near = [(key, found[0]) for key in others if (found := difflib.get_close_matches(key, left, n=1, cutoff=0.75))]
    known = {*value, *(meant for _, meant in near)}
    return tuple(near) if len(near) == len(others) and "value" in known else ()
