"""Sessions: one intent to run a pipeline, its attempts, its jobs, and the table of allowed transitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum

from bunsui.errors import InvalidInput
from bunsui.model.gates import ApprovalGate
from bunsui.model.json import Json
from bunsui.model.outcomes import Outcome


class SessionStatus(Enum):
    """Where a session stands."""

    PENDING = "pending"
    QUEUED = "queued"
    """Asked for, and held until there is room for it."""
    RUNNING = "running"
    WAITING = "waiting"
    """It runs, and a gate of it is open: told of a row (`Session.standing`), never stored."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    RECOVERING = "recovering"
    """It ended badly, and an attempt is claimed that did not start yet: told of a row (`Session.standing`), never stored."""

    @property
    def is_final(self) -> bool:
        """True when nothing more happens unless somebody acts."""
        return self not in _OPEN


_OPEN = (
    SessionStatus.PENDING,
    SessionStatus.QUEUED,
    SessionStatus.RUNNING,
    SessionStatus.WAITING,
    SessionStatus.RECOVERING,
)
_ENDED_BADLY = (SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED)


TRANSITIONS: Mapping[SessionStatus, frozenset[SessionStatus]] = {
    SessionStatus.PENDING: frozenset(
        {SessionStatus.QUEUED, SessionStatus.RUNNING, SessionStatus.FAILED, SessionStatus.CANCELLED}
    ),
    SessionStatus.QUEUED: frozenset(
        {SessionStatus.PENDING, SessionStatus.RUNNING, SessionStatus.FAILED, SessionStatus.CANCELLED}
    ),
    SessionStatus.RUNNING: frozenset(
        {SessionStatus.SUCCEEDED, SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED}
    ),
    **dict.fromkeys(_ENDED_BADLY, frozenset({SessionStatus.RUNNING})),
    SessionStatus.SUCCEEDED: frozenset(),
}
"""From each status, the statuses that may follow by what bunsui does. What Step Functions says of an execution is no such
step: it holds whatever the row said before, a final one included (`bunsui.sessions.truth`)."""


def check_transition(before: SessionStatus, after: SessionStatus) -> None:
    """Raise InvalidInput, naming both, when `after` may not follow `before`."""
    if after not in TRANSITIONS.get(before, ()):
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

OUTSIDE = "outside bunsui"
"""What stands in `Session.started_by` of an execution that somebody started by other means: the console, or another tool."""

BEGUN_BY = ("run", "backfill", "resume", "redrive", "schedule", "outside")
"""By which door an attempt began: a command of bunsui's, a schedule, or `outside`, the console or another tool."""


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
    how: str = ""
    """One of `BEGUN_BY`; empty where bunsui did not begin it, or did not keep that yet (`Session.told_attempts`)."""
    actor: str = ""
    """The ARN of who began it, with the name of the role's session; empty as `how` is."""

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
class Claim:
    """An attempt that somebody claimed and that did not start yet, as far as the row knows."""

    how: str
    """One of `BEGUN_BY`."""
    actor: str
    """The ARN of who claimed it; empty where an older bunsui did not keep it."""
    at: datetime
    execution_arn: str
    """Of the execution that it is to be; empty where an older bunsui did not keep it."""
    redrive: int = 0
    """How often that execution is redriven then."""

    @property
    def turn(self) -> tuple[str, int]:
        """Which attempt it is to be (`Attempt.turn`)."""
        return self.execution_arn, self.redrive


@dataclass(frozen=True, slots=True, kw_only=True)
class Custody:
    """Who sees to a session that ended badly: it waits for that person, and nothing recovers it unless somebody says so."""

    owner: str
    """The ARN of who took it, or whom a recovery policy names; empty where that names nobody."""
    by: str
    """The ARN of who said so."""
    at: datetime
    attempt: int
    """How many attempts the session had then: another one ends it."""
    note: str = ""
    until: datetime | None = None
    """By when it is to be done; None where nobody said."""

    def is_overdue(self, now: datetime) -> bool:
        """Tell whether it was to be done before now."""
        return self.until is not None and self.until < now


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
    claim: Claim | None = None
    """The attempt that is about to start."""
    custody: Custody | None = None
    """Who took it last; see `taken`."""
    identity: str = ""
    """What whoever asked for it knows the intent by, such as `key=nightly-fix`; empty for none. See `intent`."""
    tolerated: Mapping[str, int] = field(default_factory=dict)
    """How many items of a foreach failed and were tolerated, by job."""
    gates: tuple[ApprovalGate, ...] = ()
    """The gates at which it waits, where somebody asked; they are not stored with it."""
    row_version: int = 0
    """Grows with every write; writes are conditional on it."""

    def expires_at(self, seconds: int | None) -> datetime | None:
        """Return when it is no longer kept, `seconds` after its end; None while something is to become of it."""
        if seconds is None or not self.standing.is_final or self.running:
            return None
        ends = [attempt.stopped_at for attempt in (*self.attempts, *self.duplicates) if attempt.stopped_at is not None]
        return max([self.created_at, *ends]) + timedelta(seconds=seconds)

    @property
    def standing(self) -> SessionStatus:
        """Where it stands: what is stored, unless an attempt is claimed after it ended, or it waits at a gate."""
        if self.claim is not None and self.status in _ENDED_BADLY:
            return SessionStatus.RECOVERING
        return SessionStatus.WAITING if self.gates and self.status is SessionStatus.RUNNING else self.status

    @property
    def taken(self) -> Custody | None:
        """Who is on it: None where nobody is, and once another attempt was claimed or began, in the console too."""
        custody = self.custody
        if custody is None or self.claim is not None or self.status not in _ENDED_BADLY:
            return None
        return custody if custody.attempt == len(self.attempts) else None

    @property
    def told_attempts(self) -> tuple[Attempt, ...]:
        """Its attempts with who began them, also where that follows from the session."""
        return tuple(_with_origin(attempt, self) for attempt in self.attempts)

    @property
    def told_duplicates(self) -> tuple[Attempt, ...]:
        """Its duplicates in the same way."""
        return tuple(_with_origin(attempt, self) for attempt in self.duplicates)

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
        """What there is one session of: the slot of a schedule, or what who asked knows it by. Empty for any other."""
        if self.identity:
            return f"{self.pipeline}#{self.identity}"
        if not self.started_by.startswith(SCHEDULE) or not self.is_described:
            return ""
        slot = self.slot.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return f"{self.pipeline}#{self.started_by.removeprefix(SCHEDULE)}#{slot}"


def _with_origin(attempt: Attempt, session: Session) -> Attempt:
    """Return the attempt with how and by whom it began, as far as that is known."""
    if attempt.how:
        return attempt
    if attempt.kind == "redrive":
        return replace(attempt, how="outside")
    if attempt.kind == "resume" or not session.started_by:
        return replace(attempt, how="resume" if attempt.kind == "resume" else "")
    if session.started_by.startswith(SCHEDULE):
        return replace(attempt, how="schedule", actor=session.started_by)
    is_ours = session.started_by.startswith("arn:")
    return replace(attempt, how="run" if is_ours else "outside", actor=session.started_by if is_ours else "")


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
    items_kept: int = 0
    """Of those that are done, the ones that an earlier attempt did."""
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
    waits_until: datetime | None = None
    """When the wait ends at which it stands; None for one that does not wait, and where only its machine knows."""
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
