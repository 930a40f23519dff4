"""What the planner asks of the kinds and of the diff engine, in one place."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.diff.model import DiffItem, Operation, ResourceDiff, Section
from bunsui.kinds.registry import kind as kind_named
from bunsui.model.values import Value


def difference(kind: str, before: Mapping[str, Value], after: Mapping[str, Value]) -> ResourceDiff:
    """Give what differs between two values of a resource of that kind, canonical forms compared."""
    before, after = kind_named(kind).canonical(before), kind_named(kind).canonical(after)
    items = [
        DiffItem(
            section=Section.ATTRIBUTE,
            subject=name,
            path=(),
            operation=Operation.CHANGED,
            before=before.get(name),
            after=after.get(name),
            attribute=name,
        )
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]
    return ResourceDiff(items=tuple(items))


def forces_replacement(kind: str, diff: ResourceDiff) -> bool:
    """Tell whether an attribute differs that AWS cannot change in place."""
    return any(attribute.replaces and attribute.name in diff.attributes for attribute in kind_named(kind).attributes)


def widens_permissions(kind: str, diff: ResourceDiff) -> bool:
    """Tell whether the change allows what was not allowed before."""
    return kind == "role" and any(item.operation is Operation.ADDED for item in diff.items)
