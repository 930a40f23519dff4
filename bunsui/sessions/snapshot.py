"""What is known of a session at one instant: the value that faces show, and why it failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from bunsui.model.session import JobProgress, Session


class ErrorClass(Enum):
    """What kind of failure it was: decides which recovery is worth trying."""

    THROTTLING = "throttling"
    TIMEOUT = "timeout"
    PERMISSION = "permission"
    PAYLOAD = "payload"
    """A quota on data: too large, too many items."""
    DATA = "data"
    """The input or an expression over it was not what the pipeline expects."""
    CODE = "code"
    INFRASTRUCTURE = "infrastructure"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
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
    item: str = ""
    """The label of the item that failed, of a distributed foreach."""
    traceback: tuple[str, ...] = ()
    """The function's own, outermost frame first; empty when there is none."""
    traceback_from: str = ""
    """`the error` or the log group in which it was found."""
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSnapshot:
    """A session with its jobs, as far as the history goes."""

    session: Session
    jobs: tuple[JobProgress, ...]
    """In the order in which they may run."""
    taken_at: datetime
    failure: Failure | None = None
    """Only for sessions that ended badly, and only when somebody asked for it."""
    can_resume: bool = True
    """False for raw machines, which have no guards before their states."""
