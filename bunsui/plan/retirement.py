"""Removal in two steps: what sessions may still need is *retired* at first, and deleted by a later apply.

Deleting a machine ends its executions and takes their history; and a session that failed can be redriven for 14 days, for which
its machine, role and code must be there. So a machine that is no longer wanted loses its alias and its schedules, which nothing
can start any more, and stays until the time is over, nothing runs on it and nothing can be redriven. What it needs stays with
it: role, log groups, functions. A function that only left a machine's definition, and a role that the machine or a function no
longer takes on, stay likewise, for sessions that started before.

Source of the 14 days: Step Functions developer guide, "Restarting state machine executions with redrive".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bunsui.kinds.lambda_function import FUNCTION
from bunsui.kinds.registry import kinds
from bunsui.kinds.role import SCHEDULER
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address, is_pipeline
from bunsui.model.resource import AppliedResource
from bunsui.plan.model import Action, Reason, ResourceChange, Retirement, Risk

KEPT_FOR = timedelta(days=14)
"""How long a retired machine stays when the project says nothing else."""
NAMED = 3
"""How many sessions a note names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedRetirement:
    """A session that failed, timed out or was stopped."""

    name: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Blockers:
    """What still needs a retired resource."""

    running: tuple[str, ...] = ()
    """Names of sessions."""
    unsuccessful: tuple[EndedRetirement, ...] = ()
    """Those that can be redriven for a while after their end."""
    unknown: str = ""
    """Why nobody could tell; then it stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetirementPolicy:
    """What decides when a retirement ends."""

    as_of: datetime
    kept_for: timedelta = KEPT_FOR
    holds: Mapping[Address, Blockers]
    """What was asked of the retired machines and functions; what nobody asked about stays."""
    at_once: bool = False
    """True when everything is deleted now, whatever runs."""
    moved: Mapping[str, str]
    """Names of pipelines by the names that they had before."""


def retirement_of(address: Address, applied: AppliedResource | None, terms: RetirementPolicy) -> Retirement | None:
    """Return how far the retirement of a machine or function is; None when it is deleted at once."""
    if terms.at_once:
        return None
    if applied is None or applied.retired_at is None:
        return Retirement()
    hold = terms.holds.get(address, Blockers(unknown="nobody asked what runs on it"))
    until = max([applied.retired_at, *(ended.at for ended in hold.unsuccessful)]) + terms.kept_for
    redrivable = [ended.name for ended in hold.unsuccessful if ended.at + terms.kept_for > terms.as_of]
    return Retirement(
        since=applied.retired_at,
        until=until,
        running=hold.running,
        redrivable=tuple(redrivable),
        unknown=hold.unknown,
        is_over=until <= terms.as_of and not hold.running and not hold.unknown,
    )


def in_two_steps(
    changes: Mapping[Address, ResourceChange], applied: Mapping[Address, AppliedResource], terms: RetirementPolicy
) -> dict[Address, ResourceChange]:
    """Return the changes with the removals that have to wait turned into retiring, or into staying."""
    leaving = {address: change for address, change in changes.items() if change.action is Action.DELETE}
    result = dict(changes)
    settled: set[Address] = set()
    # Machines first: a function that stays or goes with its machine needs no retirement of its own
    for address in sorted(leaving, key=lambda address: (address.kind != MACHINE, address)):
        if address in settled or not _is_needed(address, changes):
            continue
        retirement = retirement_of(address, applied.get(address), terms)
        if retirement is None:
            continue
        needs = _closure(address, applied, leaving)
        settled |= {address, *needs}
        if retirement.is_over:
            for need in (address, *needs):
                result[need] = replace(result[need], retirement=result[need].retirement or retirement)
            continue
        keeps = replace(retirement, keeps=needs)
        result[address] = _retired(leaving[address], keeps, terms)
        for need in needs:
            result[need] = _kept(leaving[need], retirement)  # also what another one, whose time is over, relied on
    return _after_the_heir(result, terms)


def _is_needed(address: Address, changes: Mapping[Address, ResourceChange]) -> bool:
    """True for machines, and for functions and roles that sessions of an older version of a machine may use. What is no
    pipeline's serves no session."""
    if not is_pipeline(address.pipeline):
        return False
    if address.kind == MACHINE:
        return True
    serves = kinds()[address.kind].serves_sessions and address.name.partition("@")[0] != SCHEDULER
    machines = (change for one, change in changes.items() if one.kind == MACHINE and one.pipeline == address.pipeline)
    return serves and any(change.actual is not None or change.desired is not None for change in machines)


def _closure(
    address: Address, applied: Mapping[Address, AppliedResource], leaving: Mapping[Address, ResourceChange]
) -> tuple[Address, ...]:
    """Return what the resource relies on, directly or not, of what leaves, with a machine's logs. Where the state does not know
    it, that is everything of its pipeline that is made earlier."""
    found = {one for one in leaving if address.kind == MACHINE and _tells_of(address, one)}
    waiting = [address, *found]
    while waiting:
        one = waiting.pop()
        remembered = applied.get(one)
        needs = remembered.depends_on if remembered is not None else ()
        for need in needs or _earlier(one, leaving):
            if need in leaving and need not in found and need != address:
                found.add(need)
                waiting.append(need)
    return tuple(sorted(found))


def _tells_of(machine: Address, other: Address) -> bool:
    """Logs and alerts stay as long as the machine whose sessions they tell of."""
    kind = kinds()[other.kind]
    return other.pipeline == machine.pipeline and other.kind != MACHINE and (kind.holds_data or kind.watches_sessions)


def _earlier(address: Address, candidates: Iterable[Address]) -> list[Address]:
    if address.kind not in (MACHINE, FUNCTION):
        return []
    rank = {name: kind.rank for name, kind in kinds().items()}
    before = [one for one in candidates if one.pipeline == address.pipeline and rank[one.kind] < rank[address.kind]]
    return before if address.kind == MACHINE else [one for one in before if one.name == address.name]


def _retired(change: ResourceChange, retirement: Retirement, terms: RetirementPolicy) -> ResourceChange:
    if retirement.since is None:
        heir = terms.moved.get(change.address.pipeline)
        moved = f"the pipeline is now {heir}; " if heir is not None else ""
        return replace(
            change,
            action=Action.RETIRE,
            reason=Reason.MOVED if heir is not None and change.reason is Reason.REMOVED else change.reason,
            risk=Risk.RETIRES,
            note=f"{moved}kept {_days(terms.kept_for)} for its sessions, then deleted by an apply",
            retirement=retirement,
        )
    return replace(
        change,
        action=Action.NO_OP,
        reason=Reason.RETIRED,
        risk=Risk.NONE,
        drift=(),
        note=why(retirement),
        retirement=retirement,
    )


def _kept(change: ResourceChange, retirement: Retirement) -> ResourceChange:
    return replace(change, action=Action.NO_OP, reason=Reason.RETIRED, risk=Risk.NONE, drift=(), retirement=retirement)


def why(retirement: Retirement) -> str:
    """Return until when something stays, and for which sessions."""
    if retirement.until is None:
        return ""
    parts = [f"retired, kept until {retirement.until:%Y-%m-%d %H:%M} UTC"]
    if retirement.running:
        parts.append(f"and while a session runs: {_some(retirement.running)}")
    if retirement.redrivable:
        parts.append(f"can be redriven: {_some(retirement.redrivable)}")
    if retirement.unknown:
        parts.append(retirement.unknown)
    return "; ".join(parts)


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"


def _days(span: timedelta) -> str:
    if not span:
        return "until nothing runs on it,"
    days = span / timedelta(days=1)
    return f"{days:g} day{'s' if days != 1 else ''}"


def _after_the_heir(changes: Mapping[Address, ResourceChange], terms: RetirementPolicy) -> dict[Address, ResourceChange]:
    """Order a move: the new machine first, then the end of the old starts, then the new ones. So a move that fails leaves the
    old pipeline in service, and no time comes at which both are started."""
    result = dict(changes)
    for old, new in terms.moved.items():
        heir = Address(MACHINE, new)
        ends = [
            one for one, change in changes.items() if one.pipeline == old and change.action in (Action.DELETE, Action.RETIRE)
        ]
        if heir not in changes or not ends:
            continue
        for address in ends:
            result[address] = replace(result[address], depends_on=(*result[address].depends_on, heir))
        stopped = tuple(address for address in ends if kinds()[address.kind].starts_sessions)
        for address, change in changes.items():
            if kinds()[address.kind].starts_sessions and address.pipeline == new and change.action is Action.CREATE:
                result[address] = replace(change, depends_on=(*change.depends_on, *stopped))
    return result
