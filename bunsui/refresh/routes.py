"""Where the aliases of machines lead: asked of those that something points to, and of some in turn.

AWS answers DescribeStateMachineAlias once a second, after the first 200 calls: of 1,000 machines that would be 13 minutes of
each plan. So a plan that is not told to read everything asks of the machines that the files change, that CloudTrail names since
the last look, that an operator holds, and of those that were not asked for the longest time; the others lead where they were
applied, which the plan says. Source: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from bunsui.errors import AccessDenied, Refused
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource
from bunsui.plan.build import Facts, build_plan
from bunsui.ports.clock import Clock
from bunsui.ports.cloud import Provider
from bunsui.ports.hints import Hints, Verification
from bunsui.refresh.full import read_each
from bunsui.refresh.hinted import (
    HISTORY,
    LATENESS,
    doubted_addresses,
    longest_unverified,
    named_by,
    verified_times,
)

AT_ONCE = 50
"""So many machines are asked in each plan: the calls that AWS grants at once are shared with all that works in the account."""
_EVENTS = ("CreateStateMachineAlias", "DeleteStateMachineAlias", "UpdateStateMachineAlias")


def routes_to_read(
    hints: Hints | None, applied: Mapping[Address, AppliedResource], clock: Clock, *, held: Collection[str] = ()
) -> frozenset[Address] | None:
    """Return the machines of which it is asked where their alias leads, those that the files change apart; None for all: where
    there are few, where nothing hints at changes or nobody may look, and when no plan has looked lately."""
    if hints is None or not has_many_machines(applied):
        return None
    machines = {address: item for address, item in applied.items() if address.kind == MACHINE}
    known = hints.memory.load()
    if known is None or clock.now() - known.looked_at > HISTORY:
        return None
    try:
        events = hints.trail.changes(_EVENTS, since=known.looked_at - LATENESS)
    except (AccessDenied, Refused):
        hints.remark("where aliases lead was asked of every machine: CloudTrail could not be looked through")
        return None
    times = verified_times(machines, known)
    first = named_by(events, machines, times) | doubted_addresses(known, times)
    first |= {address for address in machines if address.pipeline in held}
    turn = longest_unverified(machines.keys() - first, times, resources=len(machines))
    hints.remark(f"where aliases lead was asked of {len(first | turn)} of {len(machines)} machines")
    return first | turn


def has_many_machines(applied: Mapping[Address, AppliedResource]) -> bool:
    """Tell whether there are so many machines that not all are asked in each plan."""
    return sum(address.kind == MACHINE for address in applied) > AT_ONCE


def with_routes_of_changes(
    actual: tuple[ActualResource, ...], facts: Facts, providers: Mapping[str, Provider]
) -> tuple[ActualResource, ...]:
    """Return what was read, with the machines read whole that a plan would change."""
    unread = {item.address: item for item in actual if item.unread}
    if not unread:
        return actual
    changing = {change.address for change in build_plan(replace(facts, actual=actual)).pending} & unread.keys()
    again = read_each({(address, unread[address].physical_name) for address in changing}, providers)
    kept = (item for item in actual if item.address not in changing)
    return tuple(sorted((*kept, *again), key=lambda item: (item.address, item.physical_name)))


def with_times(
    actual: tuple[ActualResource, ...], applied: Mapping[Address, AppliedResource], known: Verification | None
) -> tuple[ActualResource, ...]:
    """Return what was read, with the time at which what was not asked was last seen to be as applied."""
    if known is None:
        return actual
    times = verified_times(applied, known)
    return tuple(replace(item, verified_at=times.get(item.address)) if item.unread else item for item in actual)
