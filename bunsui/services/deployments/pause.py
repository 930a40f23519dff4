"""Pause a pipeline: its schedules are switched off, and no apply switches them on; or end that.

A pause is an operator's word over the files', kept in the state: plans want the schedules of a paused pipeline off, so that
it is no drift. It is written before the first schedule is switched off, and ended after the last is on again: whoever dies in
between leaves a pause that every plan tells, with the schedules that are not as it says. The same command finishes it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bunsui.apply.retry import CALL_POLICIES, WRITE_POLICIES, RetryingJournal
from bunsui.command_line import command_line
from bunsui.errors import InvalidInput, Refused
from bunsui.kinds.schedule import SCHEDULE
from bunsui.model.address import Address
from bunsui.model.deployments.interventions import Pause
from bunsui.model.json import Json
from bunsui.model.resource import ActualResource, AppliedResource, Scope
from bunsui.plan.interventions import ENABLED
from bunsui.plan.model import Action
from bunsui.ports.cloud import ResolvedResource
from bunsui.ports.ledger import JournalEntry
from bunsui.refresh.full import place
from bunsui.refresh.ports import ReconcilePorts
from bunsui.retry import Retrying, retry
from bunsui.services.apply.locking import LockedWork, hold_lock, new_record
from bunsui.services.apply.patience import Patience
from bunsui.services.deployments.standing import deployed_machine

PAUSE = "pause"
UNPAUSE = "unpause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Switched:
    """What became of one schedule."""

    address: Address
    expression: str
    timezone: str
    is_on: bool
    """As it is now."""
    why_not: str = ""
    """Why it was left as it is; empty when it was not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseOutcome:
    """A pause that was made, or ended."""

    pause: Pause
    is_ended: bool
    schedules: tuple[Switched, ...]


def pause_pipeline(
    ports: ReconcilePorts, scope: Scope, pipeline: str, *, reason: str, until: datetime | None, patience: Patience
) -> PauseOutcome:
    """Switch the pipeline's schedules off, until somebody, or the time, ends that. Again for one that is paused: with the new
    reason and time.

    Raises:
        NotFound: no such pipeline is deployed.
        Refused: no schedule starts it.

    """
    schedules = _schedules(ports, pipeline)
    if not schedules:
        raise Refused(
            "nothing-to-pause",
            "no schedule starts this pipeline, so there is nothing to pause",
            hint=f"See what starts it:\n  {command_line('status', pipeline)}",
            pipeline=pipeline,
        )
    facts: dict[str, Json] = {"pipeline": pipeline, "reason": reason, "until": until.isoformat() if until is not None else None}
    with hold_lock(ports, new_record(ports, PAUSE, facts=facts), patience) as work:
        former = ports.ledger.deployed.interventions().pauses.get(pipeline)
        were_on = {str(one.address) for one in schedules if one.attributes.get(ENABLED) is not False}
        pause = Pause(
            pipeline=pipeline,
            id=work.record.id,
            since=former.since if former is not None else ports.clock.now(),
            who=ports.actor.who,
            reason=reason,
            until=until,
            schedules=tuple(sorted(were_on | set(former.schedules if former is not None else ()))),
        )
        ports.ledger.deployed.write([pause], work.fence)
        switched = [_switch(ports, scope, work, one, is_on=False) for one in schedules]
        work.outcome = "complete"
    return PauseOutcome(pause=pause, is_ended=False, schedules=tuple(switched))


def unpause_pipeline(ports: ReconcilePorts, scope: Scope, pipeline: str, *, reason: str, patience: Patience) -> PauseOutcome:
    """Switch on again what the pause switched off, and end it.

    Raises:
        NotFound: no such pipeline is deployed.
        InvalidInput: it is not paused.

    """
    schedules = _schedules(ports, pipeline)
    facts: dict[str, Json] = {"pipeline": pipeline, "reason": reason}
    with hold_lock(ports, new_record(ports, UNPAUSE, facts=facts), patience) as work:
        pause = ports.ledger.deployed.interventions().pauses.get(pipeline)
        if pause is None:
            raise InvalidInput(
                "not-paused",
                "the pipeline is not paused",
                hint=f"See how it stands:\n  {command_line('status', pipeline)}",
                pipeline=pipeline,
            )
        wanted = [one for one in schedules if str(one.address) in pause.schedules]
        switched = [_switch(ports, scope, work, one, is_on=True) for one in wanted]
        ports.ledger.deployed.write([], work.fence, ends=[pause])
        work.outcome = "complete"
    return PauseOutcome(pause=pause, is_ended=True, schedules=tuple(switched))


def _schedules(ports: ReconcilePorts, pipeline: str) -> Sequence[AppliedResource]:
    deployed_machine(ports, pipeline)
    return [one for address, one in sorted(ports.state.applied(SCHEDULE).items()) if address.pipeline == pipeline]


def _switch(ports: ReconcilePorts, scope: Scope, work: LockedWork, applied: AppliedResource, *, is_on: bool) -> Switched:
    """Switch one schedule; what else is in it stays as it is in AWS."""
    provider, retrying = ports.providers[SCHEDULE], Retrying(clock=ports.clock)
    place([applied], ports.providers)
    seen = retry(lambda: provider.read(applied.address, applied.physical_name), CALL_POLICIES, retrying)
    why_not = _why_not(seen, scope)
    if seen is None or why_not:
        return _tell(applied.address, applied.attributes, is_on=False, why_not=why_not)
    intended = replace(applied, attributes={**applied.attributes, ENABLED: is_on})
    journal = RetryingJournal(ports.ledger.journal, retrying)
    if seen.attributes.get(ENABLED) is not is_on:
        resource = ResolvedResource(
            address=applied.address,
            physical_name=applied.physical_name,
            attributes={**seen.attributes, ENABLED: is_on},
            tags=seen.tags,
        )
        journal.begin(
            JournalEntry(
                address=applied.address,
                physical_name=applied.physical_name,
                action=Action.UPDATE.value,
                steps=("update",),
                apply_id=work.record.id,
                intended=intended,
            ),
            work.fence,
        )
        written = retry(lambda: provider.update(resource, seen), WRITE_POLICIES, retrying)
        intended = replace(intended, revision=written.revision)
    journal.settle({applied.address: replace(intended, written_at=ports.clock.now())}, work.fence)
    return _tell(applied.address, seen.attributes, is_on=is_on)


def _why_not(seen: ActualResource | None, scope: Scope) -> str:
    if seen is None:
        return "it is gone"
    if seen.unreadable:
        return f"it could not be read: {seen.unreadable}"
    return "" if seen.owned_by(scope) else "it no longer carries our mark"


def _tell(address: Address, attributes: Mapping[str, Json], *, is_on: bool, why_not: str = "") -> Switched:
    return Switched(
        address=address,
        expression=str(attributes.get("expression", "")),
        timezone=str(attributes.get("timezone", "")),
        is_on=is_on,
        why_not=why_not,
    )
