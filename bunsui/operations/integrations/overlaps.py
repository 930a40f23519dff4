"""Permissions of a role that overlap, brought together: what another one permits as well is left out, and those that differ in
the values of one condition alone become one.

Both say what they said before: statements of a policy are alternatives, and so are the values of a condition (IAM user guide,
"IAM JSON policy elements: Condition", "Conditions with multiple context keys or values").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bunsui.model.json import Json
from bunsui.model.values import Value
from bunsui.model.wildcards import fits
from bunsui.operations.contract import Permission

_EQUAL = "StringEquals"
_WIDER = {
    "StringEquals": {"StringEquals"},
    "StringLike": {"StringEquals", "StringLike"},
    "StringLikeIfExists": {"StringEquals", "StringLike", "StringLikeIfExists"},
}
"""By operator those that hold of nothing for which it does not hold, where the values allow it."""
_Values = Sequence[str]


def without_overlaps(permissions: Iterable[Permission]) -> list[Permission]:
    """Return permissions that permit the same, without resources that another one names for as much or more; those that are
    alike stay, for whoever brings their resources together."""
    merged = _with_merged_conditions(list(permissions))
    found = []
    for one in merged:
        left = [resource for resource in one.resources if not _is_covered(one, resource, merged)]
        if left:
            found.append(replace(one, resources=tuple(left)))
    return found


def _is_covered(one: Permission, resource: Value, every: Sequence[Permission]) -> bool:
    """Tell whether another permission, or another resource of this one, permits it and more."""
    for other in every:
        if not (set(one.actions) <= set(other.actions) and _is_wider(other.condition, one.condition)):
            continue
        is_alike = set(one.actions) == set(other.actions) and _is_wider(one.condition, other.condition)
        for wide in other.resources:
            if _names_too(wide, resource) and not (wide == resource and is_alike):
                return True
    return False


def _names_too(wide: Value, resource: Value) -> bool:
    if wide == resource:
        return True
    return isinstance(wide, str) and isinstance(resource, str) and _is_like(resource, wide)


def _is_like(text: str, pattern: str) -> bool:
    """Tell whether whatever fits the text, itself a pattern perhaps, fits the pattern; of escapes only those that are equal."""
    return text == pattern or ("${" not in pattern and "?" not in pattern and fits(pattern.split("*"), text))


def _is_wider(wide: Mapping[str, Json], narrow: Mapping[str, Json]) -> bool:
    """Tell whether a condition holds wherever the other one does, as far as that is seen."""
    if not wide or wide == narrow:
        return True
    of_wide, of_narrow = _single(wide), _single(narrow)
    if of_wide is None or of_narrow is None or of_wide[1] != of_narrow[1] or of_narrow[0] not in _WIDER[of_wide[0]]:
        return False
    if of_wide[0] == _EQUAL:
        return set(of_narrow[2]) <= set(of_wide[2])
    return all(any(_is_like(value, pattern) for pattern in of_wide[2]) for value in of_narrow[2])


def _with_merged_conditions(permissions: Sequence[Permission]) -> list[Permission]:
    """Bring together what differs in the values of one condition."""
    found: list[Permission] = []
    for one in permissions:
        place = next((number for number, other in enumerate(found) if _differ_in_values(other, one)), None)
        if place is None:
            found.append(one)
        else:
            found[place] = replace(one, condition=_with_values_of_both(found[place], one))
    return found


def _differ_in_values(one: Permission, other: Permission) -> bool:
    mine, yours = _single(one.condition), _single(other.condition)
    is_same = set(one.actions) == set(other.actions) and list(one.resources) == list(other.resources)
    return is_same and mine is not None and yours is not None and mine[:2] == yours[:2]


def _with_values_of_both(one: Permission, other: Permission) -> Mapping[str, Json]:
    mine, yours = _single(one.condition), _single(other.condition)
    assert mine is not None
    assert yours is not None
    operator, key, _ = mine
    values = sorted({*mine[2], *yours[2]})
    if operator != _EQUAL:
        values = [value for value in values if not any(value != wide and _is_like(value, wide) for wide in values)]
    told: Json = values[0] if len(values) == 1 else list(values)
    return {operator: {key: told}}


def _single(condition: Mapping[str, Any]) -> tuple[str, str, _Values] | None:
    """Return operator, key and values of a condition that has one of each, and of which the values are alternatives."""
    if len(condition) != 1:
        return None
    ((operator, block),) = condition.items()
    if operator not in _WIDER or not isinstance(block, Mapping) or len(block) != 1:
        return None
    ((key, values),) = block.items()
    texts = [values] if isinstance(values, str) else values
    return (operator, key, texts) if isinstance(texts, list) and all(isinstance(one, str) for one in texts) else None
