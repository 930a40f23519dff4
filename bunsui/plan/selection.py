"""A part of a plan: the changes that somebody marked, and what they need."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from bunsui.model.address import Address
from bunsui.plan.model import Action, Plan


def only(plan: Plan, marked: Iterable[Address]) -> Plan:
    """Return the plan with every change that is neither marked nor needed by a marked one turned into no change.

    Findings that concern other resources are left out, so that they do not forbid this part.
    """
    by_address = {change.address: change for change in plan.changes}
    kept: set[Address] = set()
    waiting = [address for address in marked if address in by_address]
    while waiting:
        address = waiting.pop()
        if address not in kept:
            kept.add(address)
            waiting.extend(need for need in by_address[address].depends_on if need in by_address)
    subjects = {str(address) for address in kept}
    return replace(
        plan,
        changes=tuple(change if change.address in kept else replace(change, action=Action.NO_OP) for change in plan.changes),
        diagnostics=tuple(found for found in plan.diagnostics if not found.subject or found.subject in subjects),
        complete=False,
    )
