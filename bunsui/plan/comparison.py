"""What the planner asks of those who compare: the kinds and the diff engine."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.diff.generic import WhenUnknown
from bunsui.diff.model import ResourceDiff
from bunsui.diff.powers import gives_power
from bunsui.diff.resource import diff_resource
from bunsui.diff.widening import widens
from bunsui.kinds.registry import kind as kind_named
from bunsui.model.values import Reference, Value


def difference(kind: str, before: Mapping[str, Value], after: Mapping[str, Value]) -> ResourceDiff:
    """Return what differs between two values of a resource of that kind, canonical forms compared. What is known only after
    apply is taken to differ."""
    return diff_resource(kind_named(kind), before, after, when_unknown=WhenUnknown.DIFFERENT)


def forces_replacement(kind: str, diff: ResourceDiff) -> bool:
    """Tell whether an attribute differs that AWS cannot change in place."""
    return any(attribute.replaces and attribute.name in diff.attributes for attribute in kind_named(kind).attributes)


def newly_allowed(kind: str, before: Mapping[str, Value], after: Mapping[str, Value]) -> tuple[tuple[str, str], ...]:
    """Return the pairs of action and resource that a role allows after the change and did not allow before; in a trust policy
    the second of a pair is who may assume the role. Empty for every other kind."""
    if kind != "role":
        return ()
    pairs = [pair for name in ("trust", "policy") for pair in widens(before.get(name), after.get(name))]
    result = [(str(action), _show_reference(target)) for action, target in pairs]
    if before.get("boundary") is not None and before.get("boundary") != after.get("boundary"):
        result.append(("what the old permissions boundary forbade", "*"))
    return tuple(result)


def powers_of_new(kind: str, after: Mapping[str, Value]) -> tuple[tuple[str, str], ...]:
    """Return the pairs of action and resource that give a new role power; empty for every other kind."""
    return tuple(pair for pair in newly_allowed(kind, {}, after) if gives_power(*pair))


def _show_reference(target: Value) -> str:
    return f"{target.attribute} of {target.address}" if isinstance(target, Reference) else str(target)
