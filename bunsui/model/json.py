"""JSON as Python holds it: all that an engine needs of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "None | bool | int | float | str | Sequence[Json] | Mapping[str, Json]"


def child_at(value: Json, step: str | int) -> Json:
    """Return what stands at a key or an index; None where nothing does."""
    if isinstance(value, Mapping) and isinstance(step, str):
        return value.get(step)
    if isinstance(value, list) and isinstance(step, int) and 0 <= step < len(value):
        found: Json = value[step]
        return found
    return None


def value_at(value: Json, path: Sequence[str | int]) -> Json:
    """Return what stands at the end of a path of keys and indices; None where nothing does."""
    for step in path:
        value = child_at(value, step)
    return value
