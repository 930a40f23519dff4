"""Roles that would lose something that sessions in flight may need: it is taken away by a later apply.

A session goes on with the version of its machine that it started on, and with that machine's role as it is now. So where a job
is removed, or needs less, what the role loses stays in it until no session runs on an older version.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bunsui.diff.widening import widens
from bunsui.kinds.role import ROLE, SCHEDULER
from bunsui.model.address import Address, is_pipeline
from bunsui.model.json import Json
from bunsui.model.resource import DesiredResource
from bunsui.model.values import Value
from bunsui.plan.model import Action, Plan, ResourceChange

_NAMED = 3
"""How many sessions a note names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NarrowingBlockers:
    """Why a role keeps what it would lose."""

    sessions: tuple[str, ...] = ()
    """Names of those that run on an older version."""
    unknown: str = ""
    """Why nobody could tell which these are."""

    @property
    def note(self) -> str:
        """Until when it keeps it, as a sentence."""
        if self.unknown:
            return f"it keeps what sessions in flight may need: {self.unknown}"
        more = f" and {len(self.sessions) - _NAMED} more" if len(self.sessions) > _NAMED else ""
        have = "has" if len(self.sessions) == 1 else "have"
        named = ", ".join(self.sessions[:_NAMED])
        return f"it keeps what sessions in flight may need; an apply narrows it once {named}{more} {have} ended"


def narrowing_roles(plan: Plan) -> Iterator[ResourceChange]:
    """Return the changes by which roles that sessions use would be allowed less than was applied."""
    for change in plan.changes:
        is_used = is_pipeline(change.address.pipeline) and change.address.name.partition("@")[0] != SCHEDULER
        if change.address.kind != ROLE or change.action is not Action.UPDATE or not is_used:
            continue
        if change.desired is not None and change.applied is not None and _losses_of(change.desired, change.applied.attributes):
            yield change


def keeping_permissions(
    desired: tuple[DesiredResource, ...], plan: Plan, blocked: Mapping[Address, NarrowingBlockers]
) -> tuple[DesiredResource, ...]:
    """Return what is wanted with roles that keep what they were allowed, where something blocks that they lose it."""
    applied = {change.address: change.applied.attributes for change in plan.changes if change.applied is not None}
    return tuple(_keeping(item, applied[item.address]) if item.address in blocked else item for item in desired)


def with_notes(plan: Plan, blocked: Mapping[Address, NarrowingBlockers]) -> Plan:
    """Return the plan with what it says of these roles."""
    changes = tuple(
        replace(change, note=blocked[change.address].note) if change.address in blocked and not change.note else change
        for change in plan.changes
    )
    return replace(plan, changes=changes)


def _keeping(role: DesiredResource, applied: Mapping[str, Json]) -> DesiredResource:
    before, after = applied.get("policy"), role.attributes.get("policy")
    if not widens(before, after):  # nothing is new in it, so what was applied is all that it needs
        return replace(role, attributes={**role.attributes, "policy": before})
    lost = set(_losses_of(role, applied))
    kept = [one for one in _statements(before) if lost & set(widens(None, {"Statement": [one]}))]
    document = after if isinstance(after, Mapping) else {}
    return replace(role, attributes={**role.attributes, "policy": {**document, "Statement": [*_statements(after), *kept]}})


def _losses_of(role: DesiredResource, applied: Mapping[str, Json]) -> tuple[tuple[Value, Value], ...]:
    return widens(role.attributes.get("policy"), applied.get("policy"))


def _statements(policy: Value) -> list[Value]:
    found = policy.get("Statement") if isinstance(policy, Mapping) else None
    return list(found) if isinstance(found, (list, tuple)) else []
