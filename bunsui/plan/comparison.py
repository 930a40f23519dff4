"""What the planner asks of the kinds and of the diff engine, in one place."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.diff.generic import WhenUnknown
from bunsui.diff.model import Operation, ResourceDiff
from bunsui.diff.resource import diff_resource
from bunsui.kinds.registry import kind as kind_named
from bunsui.model.values import Value


def difference(kind: str, before: Mapping[str, Value], after: Mapping[str, Value]) -> ResourceDiff:
    """Give what differs between two values of a resource of that kind, canonical forms compared. What is known only after
    apply is taken to differ."""
    return diff_resource(kind_named(kind), before, after, when_unknown=WhenUnknown.DIFFERENT)


def forces_replacement(kind: str, diff: ResourceDiff) -> bool:
    """Tell whether an attribute differs that AWS cannot change in place."""
    return any(attribute.replaces and attribute.name in diff.attributes for attribute in kind_named(kind).attributes)


def widens_permissions(kind: str, diff: ResourceDiff) -> bool:
    """Tell whether the change allows what was not allowed before."""
    return kind == "role" and any(item.operation is Operation.ADDED for item in diff.items)
