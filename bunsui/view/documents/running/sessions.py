"""Sessions as JSON documents, versioned; text stays what it is, JSON itself escapes what is dangerous."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import ABSENT, Absent, Keywords, Shape, member
from bunsui.model.failures import ErrorClass
from bunsui.model.json import Json
from bunsui.model.pipeline import About
from bunsui.model.recovery import Strategy
from bunsui.model.session import Attempt, Custody, FailedItem, FailureNote, JobProgress, JobStatus, Session, SessionStatus
from bunsui.services.running.stops import StopOutcome
from bunsui.services.sessions import SessionList
from bunsui.sessions.rounds import Round, Visit
from bunsui.sessions.snapshot import AttemptJobs, ChildRun, FailureStreak, PolicyAdvice, Raiser, SessionFailure, SessionSnapshot
from bunsui.view.commands import Offering
from bunsui.view.documents.estimates import CostEstimatePart
from bunsui.view.documents.running.gates import GatePart

SKIPPED = "It succeeded, and none of the last jobs ran: each was skipped, or not run behind a handled failure."
WARNED = "The jobs of which a check warned."
_TITLES = Keywords(
    {
        "type": "object",
        "description": "Titles of the pipelines whose files say one, by name.",
        "additionalProperties": {"type": "string"},
    },
    instead=True,
)
_ORDER = (
    "format_version",
    "kind",
    "session",
    "taken_at",
    "jobs",
    "about",
    "failure",
    "gates",
    "children",
    "compared",
    "streak",
    "advice",
    "cost",
)
_TOGETHER: Mapping[str, Json] = {
    "taken_at": ["jobs", "failure"],
    "jobs": ["taken_at", "failure"],
    "failure": ["taken_at", "jobs"],
    "about": ["taken_at", "jobs", "failure"],
}


class PolicyAdvicePart(ShapeOf[PolicyAdvice]):
    """What the pipeline's recovery policy says of the session."""

    strategy: Strategy = member("What is to be done.")
    job: str = member("Where a restart begins, or which job is skipped; empty for others.")
    reason: str = member("Why.")
    rule: str = member("Where the rule stands: `FILE:LINE` where the file says what is applied.")


class AttemptPart(ShapeOf[Attempt]):
    """One execution of the state machine."""

    number: int = member("From 1.")
    kind: str = member("`run` for the first, `resume` for those that continue it, `redrive` for those revived elsewhere.")
    status: SessionStatus = member("How the execution stands.")
    execution_arn: str = member("Its ARN.")
    started_at: datetime = member("When it began.")
    stopped_at: datetime | None = member("When it ended; null while it runs.")
    error: str = member("The error's name as Step Functions gives it; empty for none.")
    cause: str = member("The whole text that Step Functions gives; empty for none.")
    how: str | Absent = member(
        "By which door it began: `run`, `backfill`, `resume`, `redrive` by bunsui; `schedule`; or `outside`, the console or"
        " another tool. Empty where nobody knows.",
        default=ABSENT,
    )
    actor: str | Absent = member(
        "Who began it: an ARN, with the name of a role's session, or `schedule NAME`; empty where nobody knows.", default=ABSENT
    )


class FailureNotePart(ShapeOf[FailureNote]):
    """Why the latest attempt failed, as it was found when the failure was first seen."""

    fingerprint: str = member("The same for failures of the same kind in the same job.")
    class_: str = member("What kind of failure it was.", of="error_class")
    error: str = member("The error's name.")
    message: str = member("What happened, in one line.")
    place: str = member("The job, with that of a child pipeline behind a slash; empty when no job was at work.")
    completed: tuple[str, ...] = member("The jobs that were completed by then.")


class CustodyPart(ShapeOf[Custody]):
    """Who sees to a session that ended badly."""

    owner: str = member("The ARN of who took it, or whom a recovery policy names; empty where that names nobody.")
    by: str = member("The ARN of who said so.")
    at: datetime = member("When that was.")
    note: str = member("What that person, or others, should know.")
    until: datetime | None = member("By when it is to be done; null where nobody said.")


class SessionPart(ShapeOf[Session], name="one-session"):
    """One session: one intent to run a pipeline."""

    id: str = member("ULID: sorts by time.")
    pipeline: str = member("The pipeline's name.")
    status: SessionStatus = member(
        "Where it stands; `recovering` while a resume is claimed that did not start yet.", of="standing"
    )
    slot: datetime = member("The business time that the run stands for.")
    date: str = member("The slot's date in the pipeline's time zone, YYYY-MM-DD.")
    params: Mapping[str, Json] = member("The parameters' values, those of defaults included.")
    started_by: str = member("An ARN, `schedule NAME` or `outside bunsui`; empty as long as `detail` is pending.")
    created_at: datetime = member("When it was asked for.")
    commit: str = member(
        "Of the checkout that started or resumed it, with `*` when it was dirty; of a session that began elsewhere, that"
        " from which its version was applied. Empty when it is not known."
    )
    version_arn: str = member("The version of the state machine that runs; empty when it is not known.")
    failed_job: str = member("The job in which it failed; empty for none.")
    failed_because: FailureNotePart | None | Absent = member(
        "Why it failed; null where it did not, and while nobody has looked.", of="failure", default=ABSENT
    )
    skipped: bool | Absent = member(SKIPPED, default=ABSENT)
    warned: tuple[str, ...] | Absent = member(WARNED, default=ABSENT)
    tolerated: Mapping[str, int] | Absent = member(
        "How many items of a foreach failed and were tolerated, by job; not known while `detail` is pending.", default=ABSENT
    )
    taken: CustodyPart | None | Absent = member("Who is on it; null where nobody is.", default=ABSENT)
    output: Json = member("What the pipeline's last jobs declare as outputs; null as long as there is none.")
    attempts: tuple[AttemptPart, ...] = member("Its executions, oldest first.", of="told_attempts")
    duplicates: tuple[AttemptPart, ...] | Absent = member(
        "Further executions for the same slot: its schedule was delivered more than once.",
        of="told_duplicates",
        default=ABSENT,
    )
    detail: str | Absent = member(
        "`full`, or `pending` while only a list of executions told of it: parameters, output and error may be missing.",
        default=ABSENT,
    )


class FailedItemPart(ShapeOf[FailedItem]):
    """An item of a foreach that failed, also one that is tolerated."""

    label: str = member("Its label, or its index where it has none.")
    error: str = member("The error's name.")
    message: str = member("What happened.")


class JobPart(ShapeOf[JobProgress]):
    """What is known of one job from the history of the latest attempt."""

    name: str = member("The job's name.")
    status: JobStatus = member("Where it stands.")
    started_at: datetime | None = member("When it began; null when it did not.")
    stopped_at: datetime | None = member("When it ended; null when it did not.")
    tries: int = member("How often its operations were tried, retries included.")
    polls: int = member("How often its polling operation has asked; 0 for none, and inside a foreach.")
    items_done: int = member("Items of its foreach that ended, failed ones included.")
    items_kept: int | Absent = member("Of those, the ones that an earlier attempt did.", default=ABSENT)
    items_total: int | None = member("All items of its foreach; null while nobody knows, and without a foreach.")
    items_failed: int = member("Items of its foreach that failed, those that are tolerated included.")
    failed_items: tuple[FailedItemPart, ...] | Absent = member("The first of them.", default=ABSENT)
    error: str = member("The error's name; empty for none.")
    cause: str = member("The error's whole text; empty for none.")
    warnings: tuple[str, ...] | Absent = member(
        "What its checks warned of; not of the items of a distributed foreach.", default=ABSENT
    )
    output: Json = member("Its declared outputs; null as long as there are none.")
    coarse: bool = member("The history holds nothing inside the container of the job: the status is the container's.")


class FailurePart(ShapeOf[SessionFailure]):
    """The failure that began it all; null for a session that did not end badly, and where nobody looked for one."""

    job: str = member("The job at work; empty for none.")
    state: str = member("The state that failed first; empty when it is not known.")
    error: str = member("The error's name.")
    message: str = member("The one line of the cause that says what happened.")
    class_: ErrorClass = member("What kind of failure it was.", of="error_class")
    cause: str = member("The cause's whole text, as the service gave it.")
    resource: str = member("The ARN of what the state called; empty for nothing.")
    child_execution_arn: str = member("The child execution in which it really failed; empty for none.", of="child_arn")
    child_pipeline: str | Absent = member(
        "The pipeline that the child execution ran, or the name of its machine; empty for none.", default=ABSENT
    )
    child_job: str | Absent = member("The job of that pipeline in which it failed; empty for none.", default=ABSENT)
    item: str = member("The label of the item of a foreach that failed, or its index where it has none; empty for none.")
    raised_by: Raiser | Absent = member("Who raised the error.", default=ABSENT)
    traceback: tuple[str, ...] = member("The function's own, outermost frame first; empty when there is none.")
    traceback_from: str = member("`the error`, or the log group in which the traceback was found; empty without one.")
    last_lines: tuple[str, ...] | Absent = member(
        "The last lines that the task logged, where there is no traceback.", default=ABSENT
    )
    last_lines_from: str | Absent = member("The log group, or the container, that wrote them; empty for none.", default=ABSENT)
    hint: Offering = member("What to do; empty when there is nothing to say.")


class AboutPart(ShapeOf[About]):
    """What the pipeline's file tells people; texts are empty when it says nothing."""

    title: str = member("Its title.")
    description: str = member("What it does.")
    owner: str = member("Who is asked when it fails.")
    runbook: str = member("Where it says what to do then: a path or a URL, as it was written.")


class ChildRunPart(ShapeOf[ChildRun]):
    """An execution that a job started: a nested pipeline."""

    job: str = member("The job that started it; below another child PARENT/JOB.")
    item: str = member("The label of the item that the job worked on; empty outside of a foreach.")
    pipeline: str = member("The pipeline that it runs, or the name of its machine.")
    execution_arn: str = member("Its ARN.")
    status: SessionStatus | None = member("How it ended; null while it runs, and when it cannot be read.")
    jobs: tuple[JobPart, ...] | None = member("In the order in which they may run; null when it cannot be read.")


class AttemptJobPart(ShapeOf[JobProgress]):
    """A job in one attempt."""

    name: str = member("The job's name.")
    status: JobStatus = member("Where it stands; `restored` for what an earlier attempt had completed.")
    started_at: datetime | None = member("When it began in this attempt; null when it did not.")
    stopped_at: datetime | None = member("When it ended in this attempt; null when it did not.")
    error: str = member("The error's name; empty for none.")


class AttemptJobsPart(ShapeOf[AttemptJobs]):
    """How the jobs went in one attempt."""

    attempt: int = member("The attempt's number.", of="number")
    jobs: tuple[AttemptJobPart, ...] | None = member(
        "In the order in which they may run; null when Step Functions does not know its execution any more."
    )


class StreakSessionPart(ShapeOf[Session]):
    """A session of the pipeline, as its row tells it."""

    id: str = member("Its id.")
    started_at: datetime = member("When it began.", of="created_at")
    version_arn: str = member("The version of the state machine that ran; empty when it is not known.")
    commit: str = member("Of the checkout that started it, or that its version was applied from; empty when it is not known.")


class FailureStreakPart(ShapeOf[FailureStreak]):
    """Since when the pipeline fails in the same way; null for a session that did not fail."""

    count: int = member("How many sessions in a row failed so, this one included.")
    since: StreakSessionPart = member("The first of them.", of="first")
    last_success: StreakSessionPart | None = member("The latest success before; null when none is known.")
    different: StreakSessionPart | None = member("The session before the first of them, when that failed otherwise.")
    is_open: bool = member("Older sessions were not read, so that it may be longer.")
    unknown: int = member("Sessions in between that did not end, were stopped, or were not looked at.")


class SessionDocument(ShapeOf[SessionSnapshot], kind="session", schema_order=_ORDER, keywords={"dependentRequired": _TOGETHER}):
    """Of `run`, `watch`, `resume` and `show`: a session with its jobs. `run --no-wait`, `stop` and `take` give it without."""

    taken_at: datetime | Absent = member("When Step Functions was asked.", default=ABSENT)
    session: SessionPart = member()
    jobs: tuple[JobPart, ...] | Absent = member("In the order in which they may run.", default=ABSENT)
    failure: FailurePart | None | Absent = member(default=ABSENT)
    gates: tuple[GatePart, ...] | Absent = member(
        "The gates of the latest execution, those that were decided included.", default=ABSENT
    )
    about: AboutPart | Absent = member(default=ABSENT)
    children: tuple[ChildRunPart, ...] | Absent = member(
        "What its jobs started in the latest attempt, each before what it started itself.", default=ABSENT
    )
    compared: tuple[AttemptJobsPart, ...] | Absent = member(
        "How each job went in the latest attempts, oldest first; empty where there is only one.", default=ABSENT
    )
    streak: FailureStreakPart | None | Absent = member(default=ABSENT)
    advice: PolicyAdvicePart | None | Absent = member(default=ABSENT)
    cost: CostEstimatePart | None | Absent = member(
        "What it cost, estimated; null while it goes on, and when nobody counted.", default=ABSENT
    )


class VisitPart(ShapeOf[Visit]):
    """One look at a machine."""

    name: str = member("The pipeline whose machine it is.", of="pipeline")
    is_reached: bool = member("False: executions of it may be missing from the list.")
    why: str = member("Why it was not reached; empty when it was.")
    back_to: datetime | None = member("Older changes were never looked at; null when all were that Step Functions had.")


class RoundPart(ShapeOf[Round]):
    """The look at Step Functions that came before the list."""

    seconds: float = member("How long it took.")
    undescribed: int = member("Sessions whose details are still to be asked for.")
    machines: tuple[VisitPart, ...] = member("Every machine that was to be looked at.", of="visits")


class SessionsDocument(Shape, kind="sessions"):
    """Of `sessions`: sessions of all pipelines, newest first."""

    sessions: tuple[SessionPart, ...] = member("As many as --limit allows.")
    is_cut: bool | Absent = member("There are more.", default=ABSENT)
    kept_since: datetime | None | Absent = member(
        "Sessions that ended before are not kept (`retention`); null where all are.", default=ABSENT
    )
    round: RoundPart | Absent = member(default=ABSENT)
    titles: Annotated[Mapping[str, str], _TITLES] | Absent = member(default=ABSENT)


def sessions_document(listed: SessionList, titles: Mapping[str, str]) -> SessionsDocument:
    """Return the document of `bunsui sessions --json`; `titles` of pipelines by their names."""
    names = dict.fromkeys(session.pipeline for session in listed.sessions)
    known = {name: titles[name] for name in names if titles.get(name)}
    return SessionsDocument(
        sessions=tuple(map(SessionPart.of, listed.sessions)),
        is_cut=listed.is_cut,
        kept_since=listed.kept_since,
        round=RoundPart.of(listed.round) if listed.round is not None else ABSENT,
        titles=known,
    )


class StoppedPart(ShapeOf[StopOutcome]):
    """A session that was to be stopped."""

    session: SessionPart = member()
    error: str | None = member("Why it was not stopped; null when it was, or had ended.", of="error.code")


class StoppedDocument(Shape, kind="stopped"):
    """Of `stop` with a filter: what became of each session that it found."""

    sessions: tuple[StoppedPart, ...] = member("Newest start first.")
