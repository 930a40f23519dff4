"""A part of a plan: the changes that somebody marked, and what they need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bunsui.model.address import Address
from bunsui.plan.model import Action, Plan, ResourceChange
from bunsui.plan.partial import relied_on


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanPart:
    """A plan narrowed to some of its changes."""

    plan: Plan
    """Every other change is none here."""
    marked: frozenset[Address]
    """The changes that were asked for."""
    pulled_in: tuple[Address, ...]
    """The changes besides that these need, in the plan's order."""


def only(plan: Plan, marked: Iterable[Address]) -> Plan:
    """Return the plan with every change that is neither marked nor needed by a marked one turned into no change."""
    return part_of(plan, marked).plan


def part_of(plan: Plan, marked: Iterable[Address]) -> PlanPart:
    """Return the part of the plan that is marked, closed under what a change relies on: what must come before it, and the
    machines of the pipelines that its own starts.

    Findings that concern other resources are left out, so that they do not forbid this part. It is complete only where it
    leaves nothing to do that the plan does.
    """
    by_address = {change.address: change for change in plan.changes}
    asked = frozenset(address for address in marked if address in by_address)
    kept: set[Address] = set()
    waiting = list(asked)
    while waiting:
        address = waiting.pop()
        if address not in kept:
            kept.add(address)
            waiting.extend(need for need in relied_on(plan, by_address[address]) if need in by_address)
    subjects = {str(address) for address in kept}
    left = any(change.address not in kept for change in plan.pending)
    narrowed = replace(
        plan,
        changes=tuple(change if change.address in kept else _left_alone(change) for change in plan.changes),
        diagnostics=tuple(found for found in plan.diagnostics if not found.subject or found.subject in subjects),
        complete=plan.complete and not left,
    )
    changes = frozenset(change.address for change in narrowed.pending)
    pulled = tuple(change.address for change in narrowed.pending if change.address not in asked)
    return PlanPart(plan=narrowed, marked=asked & changes, pulled_in=pulled)


def _left_alone(change: ResourceChange) -> ResourceChange:
    """Return the change as none; what its note says of an apply is not about this one."""
    return replace(change, action=Action.NO_OP, note="") if change.is_change else change
