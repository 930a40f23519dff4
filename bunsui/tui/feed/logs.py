"""What a session's own tasks wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bunsui.tui.feed.session import session_of_id
from bunsui.tui.feed.subject import Reading
from bunsui.tui.polling import LOG_SECONDS

if TYPE_CHECKING:
    from bunsui.services.logs import SessionLogs
    from bunsui.sessions.logs.task_logs import TaskLogs


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsSeen:
    """Log lines, and who found them."""

    found: TaskLogs
    is_final: bool
    """True when no line can come any more."""
    executions: tuple[str, ...]
    logs: SessionLogs
    """Knows whose work it is; good as long as no further attempt was started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsSubject:
    """The newest lines of a session, or of one of its jobs."""

    session_id: str
    job: str = ""

    def read(self, reading: Reading[LogsSeen]) -> LogsSeen:
        """Read them; what work the lines belong to is looked up once."""
        from bunsui.services.logs import DEFAULT_LINES, SessionLogs
        from bunsui.sessions.logs.task_logs import LogQuery

        context = reading.account.context()
        session = session_of_id(context, self.session_id)
        executions = tuple(attempt.execution_arn for attempt in session.attempts)
        is_known = reading.last is not None and reading.last.executions == executions
        logs = reading.last.logs if reading.last is not None and is_known else SessionLogs(context, session)
        found = logs.read(LogQuery(job=self.job, limit=DEFAULT_LINES))
        is_final = session.standing.is_final and not found.missing_ends
        return LogsSeen(found=found, is_final=is_final, executions=executions, logs=logs)

    def every_seconds(self, value: LogsSeen) -> float | None:
        """As long as there may be more."""
        return None if value.is_final else LOG_SECONDS
