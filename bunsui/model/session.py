"""Sessions: one intent to run a pipeline, its attempts, its jobs, and the table of allowed transitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum

from bunsui.errors import InvalidInput
from bunsui.model.json import Json
from bunsui.model.outcomes import Outcome


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
"""From each status, the statuses that may follow by what bunsui does. What Step Functions says of an execution is no such
step: it holds whatever the row said before, a final one included (`bunsui.sessions.truth`)."""


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


SCHEDULE = "schedule "
"""What stands before a schedule's name in `Session.started_by`."""

ATTEMPT_KINDS = ("run", "resume", "redrive")
"""How an attempt began: an execution of its own that began from the start, or after what is done; or an execution that ended
and that somebody revived (RedriveExecution, the console's button), under the same ARN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One execution under a session, or one of its turns when it was redriven."""

    number: int
    """From 1, in the order in which they began."""
    execution_arn: str
    kind: str
    """One of `ATTEMPT_KINDS`."""
    status: SessionStatus
    started_at: datetime
    stopped_at: datetime | None = None
    error: str = ""
    cause: str = ""
    redrive: int = 0
    """How often its execution had been redriven when it began."""

    @property
    def turn(self) -> tuple[str, int]:
        """What it is whatever is known of it: the execution, and which of its turns."""
        return self.execution_arn, self.redrive


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureNote:
    """Why an attempt failed, as it was found when the failure was first seen; kept in the row, so that lists group by it."""

    fingerprint: str
    """The same for failures of the same kind in the same job, `fVERSION-DIGITS` (`bunsui.sessions.failures.fingerprint`)."""
    error_class: str
    """The value of an `ErrorClass`."""
    error: str
    message: str
    """One line that says what happened."""
    place: str = ""
    """The job, with that of a child pipeline behind a slash; empty when no job was at work."""
    completed: tuple[str, ...] = ()
    """The jobs that were completed by then, those of earlier attempts included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One intent to run a pipeline: the row in DynamoDB, an index over what Step Functions knows."""

    id: str
    """ULID: sorts by the start of the first attempt, unless an older bunsui gave it; not a credential."""
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
    """When it was asked for, or began elsewhere: lists are in this order."""
    attempts: tuple[Attempt, ...] = ()
    duplicates: tuple[Attempt, ...] = ()
    """Further executions for the same slot of the same schedule, which was delivered more than once. Their work is done
    twice; how the session stands, its attempts say."""
    is_described: bool = True
    """False while only a list told of it: what it was given and what became of it is still to be asked for."""
    commit: str = ""
    version_arn: str = ""
    output: Json = None
    failed_job: str = ""
    failure: FailureNote | None = None
    """Why the latest attempt failed; None for one that did not, and when nobody could look."""
    skipped: bool = False
    """It succeeded, and none of its last jobs ran: each was skipped, or not run behind a failure that was handled."""
    warned: tuple[str, ...] = ()
    """The jobs of which a check warned."""
    row_version: int = 0
    """Grows with every write; writes are conditional on it."""

    @property
    def latest(self) -> Attempt | None:
        """The last attempt, None before the first start."""
        return self.attempts[-1] if self.attempts else None

    @property
    def running(self) -> tuple[Attempt, ...]:
        """What goes on, as far as the row knows, duplicates included."""
        return tuple(attempt for attempt in (*self.attempts, *self.duplicates) if not attempt.status.is_final)

    @property
    def detail(self) -> str:
        """`full`, or `pending` while only a list told of it."""
        return "full" if self.is_described else "pending"

    @property
    def intent(self) -> str:
        """What of a schedule it is, of which there is one session: pipeline, schedule and slot. Empty for any other."""
        if not self.started_by.startswith(SCHEDULE) or not self.is_described:
            return ""
        slot = self.slot.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"{self.pipeline}#{self.started_by.removeprefix(SCHEDULE)}#{slot}"


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
class FailedItem:
    """An item of a foreach that failed, also one that is tolerated."""

    label: str
    """Its index where it has no label."""
    error: str
    message: str


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
    """Those that are tolerated included."""
    failed_items: tuple[FailedItem, ...] = ()
    """The first of them."""
    error: str = ""
    cause: str = ""
    output: Json = None
    """Declared outputs, when the job's exit event was seen."""
    warnings: tuple[str, ...] = ()
    """What its checks warned of, each text once; not of the items of a distributed foreach."""
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
    fingerprint: str = ""
    """What the job did then (`bunsui.compile.fingerprints`); empty when its machine does not say."""
    is_foreign: bool = False
    """True when its machine says that in another version: nobody can tell whether the job is still the same."""


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
