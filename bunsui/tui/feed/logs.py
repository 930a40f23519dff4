"""What a session's own tasks wrote, as it grows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bunsui.tui.feed.session import session_of_id
from bunsui.tui.feed.subject import Reading
from bunsui.tui.polling import LOG_SECONDS

if TYPE_CHECKING:
    from bunsui.services.logs import SessionLogs
    from bunsui.sessions.logs.task_logs import LogEntry, TaskLogs

FIRST_LINES = 5000
"""The newest so many are read at first; from then on every line that comes."""


@dataclass(eq=False)
class GrowingLog:
    """The log of a session's attempts. A further attempt begins another one."""

    logs: SessionLogs
    executions: tuple[str, ...]
    entries: list[LogEntry] = field(default_factory=list)
    """In the order in which they came; only appended to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsSeen:
    """A look at a log."""

    log: GrowingLog
    count: int
    """How many of its entries there were."""
    found: TaskLogs
    """What the look says beside its lines: what is missing, what is of unknown origin."""
    is_cut: bool
    """True when there are lines before the first one."""
    is_over: bool
    """True when no line can come any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsSubject:
    """The log of the session of an id."""

    session_id: str

    def read(self, reading: Reading[LogsSeen]) -> LogsSeen:
        """Read what is new; what work the lines belong to is looked up once."""
        from bunsui.services.logs import SessionLogs
        from bunsui.sessions.logs.task_logs import LogQuery

        context, last = reading.account.context(), reading.last
        session = session_of_id(context, self.session_id)
        executions = tuple(dict.fromkeys(attempt.execution_arn for attempt in session.attempts))
        if last is not None and last.log.executions == executions:
            log = last.log
        else:
            last, log = None, GrowingLog(logs=SessionLogs(context, session), executions=executions)
        found = log.logs.look(LogQuery(limit=FIRST_LINES), session)
        log.entries.extend(found.entries)
        return LogsSeen(
            log=log,
            count=len(log.entries),
            found=found,
            is_cut=found.is_cut or (last is not None and last.is_cut),
            is_over=log.logs.is_over(found),
        )

    def every_seconds(self, value: LogsSeen) -> float | None:
        """As long as there may be more."""
        return None if value.is_over else LOG_SECONDS
