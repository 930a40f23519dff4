"""What is known of a session at one instant: the value that faces show, and why it failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from bunsui.model.estimates.cost import CostEstimate
from bunsui.model.failures import ErrorClass
from bunsui.model.gates import GateStanding
from bunsui.model.pipeline import NOTHING_SAID, About
from bunsui.model.recovery import Strategy
from bunsui.model.session import JobProgress, Session, SessionStatus


class Raiser(Enum):
    """Who raised an error."""

    CODE = "code"
    """The author's: a function's exception, a container's exit, a Fail state, whoever answered a task token."""
    RUNTIME = "runtime"
    """What runs the author's code: it could not load it, or ended it."""
    SERVICE = "service"
    """The service that was called."""
    STEP_FUNCTIONS = "step functions"
    CALLER = "caller"
    """Somebody stopped the execution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFailure:
    """The failure that began it all, found behind whatever passed it on."""

    error: str
    cause: str
    """As the service gave it; the whole text."""
    message: str
    """The one line of the cause that says what happened."""
    error_class: ErrorClass
    job: str = ""
    """Empty when no job was at work."""
    state: str = ""
    """The state that failed first."""
    resource: str = ""
    """What the state called: a function's or an integration's ARN."""
    child_arn: str = ""
    """The child execution in which it really failed, when there was one."""
    child_pipeline: str = ""
    """The pipeline that the child execution ran, or its machine's name; empty for none, and for an item's execution."""
    child_job: str = ""
    """The job of that pipeline in which it failed."""
    item: str = ""
    """The label of the item that failed, or its index where it has none; empty outside of a foreach."""
    traceback: tuple[str, ...] = ()
    """The function's own, outermost frame first; empty when there is none."""
    traceback_from: str = ""
    """`the error` or the log group in which it was found."""
    last_lines: tuple[str, ...] = ()
    """The last that the task logged, oldest first; empty where a traceback tells more, or nothing is known."""
    last_lines_from: str = ""
    """The log group, or the container, that wrote them."""
    raised_by: Raiser = Raiser.CODE
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyAdvice:
    """What the pipeline's recovery policy says of a session."""

    strategy: Strategy
    reason: str
    rule: str
    """Where the rule stands."""
    job: str = ""
    """Where a restart begins, or which job is skipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptJobs:
    """The jobs of one attempt."""

    number: int
    """The attempt's."""
    jobs: tuple[JobProgress, ...] | None
    """In the order in which they may run; None when Step Functions does not know its execution any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FailureStreak:
    """The sessions that failed alike one after the other, up to the one that is looked at."""

    count: int
    """Itself included."""
    first: Session
    """The first of them: what it ran tells since when."""
    last_success: Session | None = None
    """The latest success before; None when none is known."""
    different: Session | None = None
    """The session before the first of them, when that failed otherwise."""
    is_open: bool = False
    """True when more rows than these were not read, so that it may be longer."""
    unknown: int = 0
    """Sessions in between of which nobody knows how they stand: not looked at yet, running, or stopped by somebody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRun:
    """An execution that a job started: a nested pipeline."""

    job: str
    """The job that started it; below another child PARENT/JOB."""
    item: str = ""
    """The label of the item that the job worked on; empty outside of a foreach."""
    execution_arn: str
    pipeline: str
    """The pipeline that it runs, or its machine's name."""
    status: SessionStatus | None = None
    """How it ended; None while it runs, and when it cannot be read."""
    jobs: tuple[JobProgress, ...] | None = None
    """None when it cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSnapshot:
    """A session with its jobs, as far as the history goes."""

    session: Session
    jobs: tuple[JobProgress, ...]
    """In the order in which they may run."""
    taken_at: datetime
    failure: SessionFailure | None = None
    """Only for sessions that ended badly, and only when somebody asked for it."""
    gates: tuple[GateStanding, ...] = ()
    """The gates of the latest execution, those that were decided included, in the order in which they were opened."""
    about: About = NOTHING_SAID
    """What the pipeline's file tells people, where there is one."""
    closing: tuple[str, ...] = ()
    """The jobs of `on_failure` and `finally`, as the pipeline's file has them."""
    described: Mapping[str, str] = field(default_factory=dict)
    """What the pipeline's file says of its jobs, by name."""
    can_resume: bool = True
    """False for raw machines, which have no guards before their states."""
    children: tuple[ChildRun, ...] = ()
    """What its jobs started in the latest attempt, each before what it started itself."""
    compared: tuple[AttemptJobs, ...] = ()
    """How the jobs went in the latest attempts, oldest first; empty where there is only one."""
    streak: FailureStreak | None = None
    """Since when it fails so; None for a session that did not fail, and when nobody looked."""
    advice: PolicyAdvice | None = None
    """What its pipeline's policy says of it; None for nothing, and when nobody looked."""
    cost: CostEstimate | None = None
    """What it cost; None for one that goes on, and when nobody counted."""
    is_managed: bool = True
    """False for a machine of others, which bunsui only looks at."""
