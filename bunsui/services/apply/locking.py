"""Work under the lock, with its line in the record of applies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from bunsui.apply.lease import Lease, Request, take
from bunsui.apply.retry import CALL_POLICIES
from bunsui.errors import BunsuiError, Conflict
from bunsui.model.json import Json
from bunsui.plan.gates import opens_gates
from bunsui.plan.model import Plan
from bunsui.ports.ledger import ApplyRecord, Fence, StateMark
from bunsui.refresh.ports import ReconcilePorts
from bunsui.retry import Retrying, retry
from bunsui.services.apply.patience import Patience


@dataclass(slots=True, kw_only=True)
class LockedWork:
    """Something that is done while the lock is ours."""

    lease: Lease
    record: ApplyRecord
    outcome: str = "failed"
    """What the record says at the end; whoever works sets it."""
    facts: Mapping[str, Json] = field(default_factory=dict)

    @property
    def before(self) -> StateMark:
        """The state's mark before this work was counted."""
        return self.record.before

    @property
    def fence(self) -> Fence:
        """What writes of the state must prove."""
        return self.lease.fence


def prepare_state(ports: ReconcilePorts) -> None:
    """Make the state's table where there is none, and tie the project's name to its id; retried where AWS does not answer.

    Raises:
        Refused: the name belongs to another project.

    """
    retry(ports.state.ensure, CALL_POLICIES, Retrying(clock=ports.clock))


def prepare_approvals(ports: ReconcilePorts, plan: Plan) -> None:
    """Make the table of task tokens, with its key, where there is none and a machine of the plan opens gates.

    Raises:
        AccessDenied: the caller may not make it; nothing was applied.

    """
    if ports.approvals is not None and any(opens_gates(change.desired) for change in plan.changes):
        retry(ports.approvals.ensure, CALL_POLICIES, Retrying(clock=ports.clock))


@contextmanager
def hold_lock(ports: ReconcilePorts, record: ApplyRecord, patience: Patience) -> Iterator[LockedWork]:
    """Take the lock, open the record, and close both on every way out. The state's table must be there.

    Raises:
        Locked: somebody else holds the lock.

    """
    lease = take(ports.ledger.locks, ports.clock, lock_request(ports, record.operation, patience))
    with record_apply(ports, record, lease) as work:
        yield work


@contextmanager
def record_apply(ports: ReconcilePorts, record: ApplyRecord, lease: Lease) -> Iterator[LockedWork]:
    """Keep the lease while the block runs, with its line in the record of applies; give the lock back on every way out."""
    ports.gated(lease.permit)
    try:
        with lease.kept():
            begun = replace(record, fence=lease.fence.number, begun_at=ports.clock.now())
            opened = retry(lambda: ports.ledger.log.open(begun, lease.fence), CALL_POLICIES, Retrying(clock=ports.clock))
            work = LockedWork(lease=lease, record=opened)
            try:
                yield work
            finally:
                _close(ports, work)
    finally:
        lease.release()


def lock_request(ports: ReconcilePorts, operation: str, patience: Patience) -> Request:
    """Return the request for the lock."""
    return Request(
        operation=operation,
        actor=ports.actor,
        terms=ports.terms,
        patience_seconds=patience.seconds,
        waiting=patience.waiting,
        stopped=patience.stopped,
    )


def new_record(
    ports: ReconcilePorts, operation: str, *, commit: str = "", facts: Mapping[str, Json] | None = None
) -> ApplyRecord:
    """Return a record that is not stored yet."""
    return ApplyRecord(
        id=ports.new_id(),
        operation=operation,
        actor=ports.actor,
        begun_at=ports.clock.now(),
        commit=commit,
        facts=facts or {},
    )


def _close(ports: ReconcilePorts, work: LockedWork) -> None:
    """Store how it ended. When the lock is another's by now, the record stays open, which says so."""
    if work.lease.is_lost:
        return
    ended = replace(work.record, outcome=work.outcome, ended_at=ports.clock.now(), facts={**work.record.facts, **work.facts})
    try:
        retry(lambda: ports.ledger.log.close(ended, work.fence), CALL_POLICIES, Retrying(clock=ports.clock))
    except Conflict:
        return
    except BunsuiError as error:
        if work.outcome == "complete":
            raise
        error.__suppress_context__ = True  # what went wrong before is what the reader should see
