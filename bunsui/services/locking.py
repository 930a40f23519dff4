"""Work under the lock, with its line in the record of applies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from bunsui.apply.lease import PATIENCE_SECONDS, Lease, Request, Waiting, take
from bunsui.apply.repetition import Pace, repeated
from bunsui.errors import BunsuiError, Conflict
from bunsui.model.values import Json
from bunsui.ports.ledger import ApplyRecord, Fence, StateMark
from bunsui.services.edges import ReconcileEdges


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for the lock, and who learns of the wait."""

    seconds: float = PATIENCE_SECONDS
    waiting: Callable[[Waiting], None] = lambda waiting: None
    stopped: Callable[[], bool] = lambda: False


@dataclass(slots=True, kw_only=True)
class Work:
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


def prepare_state(edges: ReconcileEdges) -> None:
    """Make the state's table where there is none, and tie the project's name to its id; repeated where AWS does not answer.

    Raises:
        Refused: the name belongs to another project.

    """
    repeated(edges.state.ensure, Pace(clock=edges.clock))


@contextmanager
def locked(edges: ReconcileEdges, record: ApplyRecord, patience: Patience) -> Iterator[Work]:
    """Take the lock, open the record, and close both on every way out. The state's table must be there.

    Raises:
        Locked: somebody else holds the lock.

    """
    lease = take(edges.ledger.locks, edges.clock, requested(edges, record.operation, patience))
    with recorded(edges, record, lease) as work:
        yield work


@contextmanager
def recorded(edges: ReconcileEdges, record: ApplyRecord, lease: Lease) -> Iterator[Work]:
    """Keep the lease while the block runs, with its line in the record of applies; give the lock back on every way out."""
    edges.gated(lease.permit)
    try:
        with lease.kept():
            begun = replace(record, fence=lease.fence.number, begun_at=edges.clock.now())
            work = Work(
                lease=lease, record=repeated(lambda: edges.ledger.log.open(begun, lease.fence), Pace(clock=edges.clock))
            )
            try:
                yield work
            finally:
                _close(edges, work)
    finally:
        lease.release()


def requested(edges: ReconcileEdges, operation: str, patience: Patience) -> Request:
    """Give the request for the lock."""
    return Request(
        operation=operation,
        actor=edges.actor,
        terms=edges.terms,
        patience_seconds=patience.seconds,
        waiting=patience.waiting,
        stopped=patience.stopped,
    )


def new_record(
    edges: ReconcileEdges, operation: str, *, commit: str = "", facts: Mapping[str, Json] | None = None
) -> ApplyRecord:
    """Give a record that is not stored yet."""
    return ApplyRecord(
        id=edges.new_id(),
        operation=operation,
        actor=edges.actor,
        begun_at=edges.clock.now(),
        commit=commit,
        facts=facts or {},
    )


def _close(edges: ReconcileEdges, work: Work) -> None:
    """Store how it ended. When the lock is another's by now, the record stays open, which says so."""
    if work.lease.is_lost:
        return
    ended = replace(work.record, outcome=work.outcome, ended_at=edges.clock.now(), facts={**work.record.facts, **work.facts})
    try:
        repeated(lambda: edges.ledger.log.close(ended, work.fence), Pace(clock=edges.clock))
    except Conflict:
        return
    except BunsuiError as error:
        if work.outcome == "complete":
            raise
        error.__suppress_context__ = True  # what went wrong before is what the reader should see
