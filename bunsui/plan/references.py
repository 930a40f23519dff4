"""References between resources: which a value holds, and what they are worth before the apply."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.resource import DesiredResource
from bunsui.model.values import Reference, Unknown, Value, leaves, map_leaves
from bunsui.plan.model import Action

STABLE_OUTPUTS = frozenset({"arn", "alias_arn"})
"""Outputs that an update in place leaves as they are; every other output may change with it."""

SETTLED = frozenset({Action.NO_OP, Action.ADOPT})
"""Actions that change no output of the resource."""


def referenced(attributes: Mapping[str, Value]) -> frozenset[Address]:
    """Return the addresses of all references in the attributes."""
    return frozenset(leaf.address for leaf in leaves(attributes) if isinstance(leaf, Reference))


def dependencies(desired: DesiredResource) -> tuple[Address, ...]:
    """Return everything that must be written before this resource, sorted."""
    return tuple(sorted((referenced(desired.attributes) | set(desired.depends_on)) - {desired.address}))


def foreseen(
    attributes: Mapping[str, Value],
    *,
    actions: Mapping[Address, Action],
    outputs: Mapping[Address, Mapping[str, str]],
) -> dict[str, Value]:
    """Return the attributes with every reference as the value that it will have, or `Unknown` when only apply can tell.

    `actions` says what the plan does to the targets so far: targets come first in dependency order. `outputs` are those that
    AWS has now, or that the state remembers. A target that the plan does not hold keeps its outputs.
    """

    def value_of(leaf: Value) -> Value:
        if not isinstance(leaf, Reference):
            return leaf
        action = actions.get(leaf.address, Action.NO_OP)
        known = outputs.get(leaf.address, {}).get(leaf.attribute)
        stays = action in SETTLED or (action is Action.UPDATE and leaf.attribute in STABLE_OUTPUTS)
        return known if known is not None and stays else Unknown()

    return {name: map_leaves(value, value_of) if _refers(value) else value for name, value in attributes.items()}


def _refers(value: Value) -> bool:
    return any(isinstance(leaf, Reference) for leaf in leaves(value))


def may_become(value: Value, written: Json) -> bool:
    """Tell whether the value is `written` once every reference in it is known, key by key."""
    if value is written:
        return True
    if isinstance(value, Reference):
        return isinstance(written, str)
    if isinstance(value, dict):
        if not isinstance(written, dict) or value.keys() != written.keys():
            return False
        return all(may_become(item, written[key]) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        if not isinstance(written, list) or len(value) != len(written):
            return False
        return all(may_become(item, other) for item, other in zip(value, written, strict=True))
    return type(value) is type(written) and value == written


def resolve_references(attributes: Mapping[str, Value], output: Callable[[Reference], str]) -> dict[str, Json]:
    """Return the attributes with every reference replaced by `output(reference)`, ready to be written."""

    def value_of(leaf: Value) -> Value:
        return output(leaf) if isinstance(leaf, Reference) else leaf

    return {name: as_written(map_leaves(value, value_of)) for name, value in attributes.items()}


def as_written(value: Value) -> Json:
    """Return the value as plain JSON; TypeError when a leaf is not JSON yet, which is a mistake in the compiler."""
    if isinstance(value, Mapping):
        return {key: as_written(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_written(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"a {type(value).__name__} cannot be written")
