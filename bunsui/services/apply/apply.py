"""Apply: makes the account what a plan says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace

from bunsui.apply.events import ApplyEvent, ApplyFinished, StateNoted, pipelines_left
from bunsui.apply.executor import THREADS, Effects, execute
from bunsui.apply.stop import Stop, Stopping
from bunsui.errors import Refused
from bunsui.model.json import Json
from bunsui.plan.digest import change_digest
from bunsui.plan.interventions import overdue_pauses, retold_pauses
from bunsui.plan.model import Plan
from bunsui.plan.partial import Division, divided, forbidden
from bunsui.plan.prevention import newly_prevented
from bunsui.ports.ledger import ApplyRecord
from bunsui.refresh.deletions import deletion_facts
from bunsui.refresh.ports import ReconcilePorts, frozen_words
from bunsui.services.apply.locking import LockedWork, hold_lock, new_record, prepare_approvals, prepare_state
from bunsui.services.apply.patience import Patience
from bunsui.services.apply.state_recovery import off_words, switched_on


def apply_plan(
    plan: Plan,
    ports: ReconcilePorts,
    *,
    stop: Stop | None = None,
    threads: int = THREADS,
    patience: Patience | None = None,
    operation: str = "apply",
    break_glass: str = "",
    left: Mapping[str, Refused] | None = None,
) -> Iterator[ApplyEvent]:
    """Carry out the plan; the last event is always `ApplyFinished`.

    `left` are the pipelines that were left out of the plan, by name, with the reasons: they are told before the last event,
    and recorded.

    The plan is checked by this call, before the first event is asked for. The iterator then takes the lock, and gives it back
    when it ends or is closed. `break_glass` is the reason why it goes on in a freeze window; it is recorded.

    Raises:
        Refused: the environment is frozen, the plan holds refusals or errors, the account is another one, or the state belongs
            to another project.
        Locked: by the iterator, when somebody else works on the environment.

    """
    check_applicable(plan)
    check_frozen(ports, break_glass)
    facts = {**_glass(ports, break_glass), **_left_facts(left or {}), **deletion_facts(plan)}
    ports.account_checked()
    record = replace(
        new_record(ports, operation, commit=plan.commit, facts=facts),
        plan_id=plan.saved_as,
        digest=plan.saved_digest or change_digest(plan),
    )
    prepare_state(ports)
    prepare_approvals(ports, plan)
    division = Division(plan=plan, left=left or {})
    return _carried_out(division, ports, record, stop=stop if stop is not None else Stop(), threads=threads, patience=patience)


def _carried_out(
    division: Division, ports: ReconcilePorts, record: ApplyRecord, *, stop: Stop, threads: int, patience: Patience | None
) -> Iterator[ApplyEvent]:
    plan = division.plan
    waits = replace(patience or Patience(), stopped=lambda: stop.urgency is not Stopping.NO)
    with hold_lock(ports, record, waits) as work:
        has_moved = (work.before.lineage, work.before.serial) != (plan.mark.lineage, plan.mark.serial)
        if has_moved:
            # Somebody else applied since the plan was made, and may have protected what it would remove
            division = _since(division, ports)
            plan = division.plan
            if division.is_refused:
                raise division.refusal()
        effects = Effects(
            providers=ports.providers,
            state=ports.state,
            clock=ports.clock,
            journal=ports.ledger.journal,
            lease=work.lease,
            apply_id=record.id,
            actor=ports.actor,
            plan_id=plan.saved_as,
            execution=ports.execution,
            versions=ports.versions,
            beside=ports.beside,
            rereads_creates=has_moved,
        )
        if plan.interventions.pauses:
            _remember_schedules(plan, ports, work)
        if over := overdue_pauses(plan):
            ports.ledger.deployed.write([], work.fence, ends=over)
        is_unprotected = switched_on(ports) is not None
        last: ApplyFinished | None = None
        with closing(execute(plan, effects, stop=stop, threads=threads)) as events:
            for event in events:
                if isinstance(event, ApplyFinished):
                    last = replace(event, left=len(division.left))
                    _note(work, last, division.left)
                else:
                    yield event
        refusal = switched_on(ports, patient=stop.urgency is Stopping.NO) if is_unprotected else None
    if refusal is not None:
        yield StateNoted(note=off_words(refusal))
    yield from pipelines_left(division.left)
    if last is not None:
        yield last


def _since(division: Division, ports: ReconcilePorts) -> Division:
    """Divide again by what the state says under the lock, when another apply came between the plan and this one."""
    refusals = newly_prevented(division.plan.pending, ports.state.applied())
    again = divided(division.plan, refusals)
    return Division(plan=again.plan, left={**division.left, **again.left})


def check_frozen(ports: ReconcilePorts, reason: str) -> None:
    """Raise Refused in a freeze window, unless there is a reason to break the glass."""
    window = ports.frozen(ports.clock.now())
    if window is not None and not reason:
        raise Refused(
            "environment-frozen",
            "this environment is frozen, so nothing is applied",
            hint='Wait until it is over. An emergency gives its reason, which is recorded:  --break-glass "REASON"',
            frozen=window,
        )


def _glass(ports: ReconcilePorts, reason: str) -> dict[str, Json]:
    """Return what the record says of an apply in a freeze window."""
    words = frozen_words(ports)
    return {"break_glass": reason, **({"frozen": words} if words else {})} if reason else {}


def _left_facts(left: Mapping[str, Refused]) -> dict[str, Json]:
    """Return what the record says of pipelines that are left: codes by name. Also of an apply that is killed."""
    return {"left": {name: error.code for name, error in left.items()}} if left else {}


def _remember_schedules(plan: Plan, ports: ReconcilePorts, work: LockedWork) -> None:
    """Write which schedules the end of a pause switches on, before the first of them is made."""
    retold = retold_pauses(plan, ports.ledger.deployed.interventions().pauses)
    if retold:
        ports.ledger.deployed.write(retold, work.fence)


def _note(work: LockedWork, event: ApplyFinished, left: Mapping[str, Refused]) -> None:
    work.facts = {"done": event.done, "failed": event.failed, "skipped": event.skipped, **_left_facts(left)}
    if event.is_complete:
        work.outcome = "complete"
    else:
        work.outcome = "interrupted" if event.interrupted else "incomplete"


def check_applicable(plan: Plan) -> None:
    """Raise Refused, with the reason and what to do, when something forbids to apply the plan as a whole."""
    division = divided(plan, forbidden(plan))
    if division.left:
        raise division.refusal()
