"""Apply: makes the account what a plan says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from bunsui.apply.events import ApplyEvent, ApplyFinished
from bunsui.apply.executor import THREADS, Effects, execute
from bunsui.apply.stop import Stop, Stopping
from bunsui.errors import CloudError, Refused
from bunsui.model.values import Json
from bunsui.plan.digest import change_digest
from bunsui.plan.model import Plan, Reason
from bunsui.plan.prevention import check_prevented, prevented
from bunsui.ports.ledger import ApplyRecord
from bunsui.services.edges import ReconcileEdges, frozen_words
from bunsui.services.locking import Patience, Work, locked, new_record, prepare_state


def apply_plan(
    plan: Plan,
    edges: ReconcileEdges,
    *,
    stop: Stop | None = None,
    threads: int = THREADS,
    patience: Patience | None = None,
    operation: str = "apply",
    break_glass: str = "",
) -> Iterator[ApplyEvent]:
    """Carry out the plan; the last event is always `ApplyFinished`.

    The plan is checked by this call, before the first event is asked for. The iterator then takes the lock, and gives it back
    when it ends or is closed. `break_glass` is the reason why it goes on in a freeze window; it is recorded.

    Raises:
        Refused: the environment is frozen, the plan holds refusals or errors, the account is another one, or the state belongs
            to another project.
        Locked: by the iterator, when somebody else works on the environment.

    """
    check_applicable(plan)
    check_frozen(edges, break_glass)
    facts = _glass(edges, break_glass)
    edges.account_checked()
    record = replace(
        new_record(edges, operation, commit=plan.commit, facts=facts),
        plan_id=plan.saved_as,
        digest=plan.saved_digest or change_digest(plan),
    )
    prepare_state(edges)
    return _carried_out(plan, edges, record, stop=stop if stop is not None else Stop(), threads=threads, patience=patience)


def _carried_out(
    plan: Plan, edges: ReconcileEdges, record: ApplyRecord, *, stop: Stop, threads: int, patience: Patience | None
) -> Iterator[ApplyEvent]:
    waits = replace(patience or Patience(), stopped=lambda: stop.urgency is not Stopping.NO)
    with locked(edges, record, waits) as work:
        has_moved = (work.before.lineage, work.before.serial) != (plan.mark.lineage, plan.mark.serial)
        if has_moved:
            # Somebody else applied since the plan was made, and may have protected what it would remove
            check_prevented(plan.pending, edges.state.applied())
        effects = Effects(
            providers=edges.providers,
            state=edges.state,
            clock=edges.clock,
            journal=edges.ledger.journal,
            lease=work.lease,
            apply_id=record.id,
            plan_id=plan.saved_as,
            execution=edges.execution,
            versions=edges.versions,
            rereads_creates=has_moved,
        )
        last: ApplyFinished | None = None
        with closing(execute(plan, effects, stop=stop, threads=threads)) as events:
            for event in events:
                if isinstance(event, ApplyFinished):
                    last = event
                    _note(work, event)
                else:
                    yield event
    if last is not None:
        yield last


def check_frozen(edges: ReconcileEdges, reason: str) -> None:
    """Raise Refused in a freeze window, unless there is a reason to break the glass."""
    window = edges.frozen(edges.clock.now())
    if window is not None and not reason:
        raise Refused(
            "environment-frozen",
            "this environment is frozen, so nothing is applied",
            hint='Wait until it is over. An emergency gives its reason, which is recorded:  --break-glass "REASON"',
            frozen=window,
        )


def _glass(edges: ReconcileEdges, reason: str) -> dict[str, Json]:
    """Give what the record says of an apply in a freeze window."""
    words = frozen_words(edges)
    return {"break_glass": reason, **({"frozen": words} if words else {})} if reason else {}


def _note(work: Work, event: ApplyFinished) -> None:
    work.facts = {"done": event.done, "failed": event.failed, "skipped": event.skipped}
    if event.is_complete:
        work.outcome = "complete"
    else:
        work.outcome = "interrupted" if event.interrupted else "incomplete"


def check_applicable(plan: Plan) -> None:
    """Raise Refused, with the reason and what to do, when something forbids to apply the plan."""
    check_prevented(plan.pending)
    if plan.refused:
        first = plan.refused[0]
        if first.reason is Reason.PREVENTED:
            raise prevented(first)
        more = f" and {len(plan.refused) - 1} more" if len(plan.refused) > 1 else ""
        raise Refused(
            "plan-refused",
            "the plan holds resources that are not ours to change",
            hint=first.note,
            resources=f"{first.address}{more}",
        )
    errors = [found for found in plan.diagnostics if found.is_error]
    if errors:
        raise Refused(
            "plan-has-errors",
            "the plan has findings that forbid an apply",
            hint=errors[0].hint or "Look at the findings of the plan.",
            findings=", ".join(dict.fromkeys(found.code for found in errors)),
        )


def last_but_one(edges: ReconcileEdges) -> ApplyRecord | None:
    """Give what wrote the state before the latest apply did; None when nothing did, or when it cannot be read."""
    try:
        records = sorted(edges.ledger.log.applies(limit=_LATEST), key=lambda record: record.serial)
    except CloudError:
        return None  # only a remark depends on it
    return records[-2] if len(records) > 1 else None


_LATEST = 5
"""Ids come from the writers' clocks, so the newest by number is looked for among a few."""
