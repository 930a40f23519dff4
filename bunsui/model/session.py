"""Sessions: one intent to run a pipeline, its attempts, its jobs, and the table of allowed transitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from bunsui.errors import InvalidInput
from bunsui.model.pipeline import Outcome
from bunsui.model.values import Json


class SessionStatus(Enum):
    """Where a session stands."""

    PENDING = "pending"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    RECOVERING = "recovering"

    @property
    def is_final(self) -> bool:
        """True when nothing more happens unless somebody acts."""
        return self not in (SessionStatus.PENDING, SessionStatus.RUNNING, SessionStatus.RECOVERING)


TRANSITIONS: Mapping[SessionStatus, frozenset[SessionStatus]] = {
    SessionStatus.PENDING: frozenset({SessionStatus.RUNNING, SessionStatus.FAILED, SessionStatus.CANCELLED}),
    SessionStatus.RUNNING: frozenset(
        {SessionStatus.SUCCEEDED, SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED}
    ),
    SessionStatus.FAILED: frozenset({SessionStatus.RECOVERING}),
    SessionStatus.TIMED_OUT: frozenset({SessionStatus.RECOVERING}),
    SessionStatus.CANCELLED: frozenset({SessionStatus.RECOVERING}),
    SessionStatus.RECOVERING: frozenset({SessionStatus.RUNNING, SessionStatus.FAILED, SessionStatus.CANCELLED}),
    SessionStatus.SUCCEEDED: frozenset(),
}
"""From each status, the statuses that may follow."""


def check_transition(before: SessionStatus, after: SessionStatus) -> None:
    """Raise InvalidInput, naming both, when `after` may not follow `before`."""
    if after not in TRANSITIONS[before]:
        raise InvalidInput(
            "illegal-transition",
            "a session cannot change in this way",
            hint="Look at the session again; somebody else may have acted on it.",
            before=before.value,
            after=after.value,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One execution under a session."""

    number: int
    """From 1."""
    execution_arn: str
    kind: str
    """`run` or `resume`."""
    status: SessionStatus
    started_at: datetime
    stopped_at: datetime | None = None
    error: str = ""
    cause: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One intent to run a pipeline: the row in DynamoDB, an index over what Step Functions knows."""

    id: str
    """ULID: sortable, unguessable, not a credential."""
    pipeline: str
    status: SessionStatus
    slot: datetime
    """The business time, aware UTC."""
    date: str
    """The slot's date in the pipeline's time zone, `YYYY-MM-DD`."""
    params: Mapping[str, Json]
    started_by: str
    """An ARN, or `schedule NAME`."""
    created_at: datetime
    attempts: tuple[Attempt, ...] = ()
    commit: str = ""
    version_arn: str = ""
    output: Json = None
    failed_job: str = ""
    row_version: int = 0
    """Grows with every write; writes are conditional on it."""

    @property
    def latest(self) -> Attempt | None:
        """The last attempt, None before the first start."""
        return self.attempts[-1] if self.attempts else None


class JobStatus(Enum):
    """Where a job of a running session stands."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    RESTORED = "restored"
    """Taken from an earlier attempt's checkpoint."""
    SKIPPED = "skipped"
    FAILED = "failed"
    STOPPED = "stopped"
    """Was at work when another job's failure, or somebody, ended the execution."""
    NOT_RUN = "not_run"

    @property
    def is_final(self) -> bool:
        """True when nothing more happens to the job in this attempt."""
        return self not in (JobStatus.WAITING, JobStatus.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapRunCounts:
    """How the items of a distributed foreach stand, as Step Functions counts them."""

    arn: str
    total: int
    done: int
    """Those that failed included, those that were stopped not."""
    failed: int
    is_final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """What is known of one job from the history of an attempt."""

    name: str
    status: JobStatus
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    tries: int = 0
    polls: int = 0
    """How often its polling operation has asked; 0 for a job that polls nothing, and inside a foreach."""
    items_done: int = 0
    """Those that failed included."""
    items_total: int | None = None
    items_failed: int = 0
    """Of a distributed foreach; an inline one tells its failed items in its result."""
    error: str = ""
    cause: str = ""
    output: Json = None
    """Declared outputs, when the job's exit event was seen."""
    coarse: bool = False
    """True when the history holds no events inside the Parallel or Map that contains the job: the status is the container's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A completed job, from the history."""

    job: str
    outcome: Outcome
    outputs: Mapping[str, Json]
    at: datetime
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEvent:
    """One event of an execution's history, as AWS documents it (GetExecutionHistory)."""

    id: int
    previous_id: int
    type: str
    at: datetime
    details: Mapping[str, Json] = field(default_factory=dict)
    """The event's own details object (`stateEnteredEventDetails`, ...), keys as AWS spells them; JSON text in `input` and
    `output` is left as text."""
