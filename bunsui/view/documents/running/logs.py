"""What a session's tasks logged, as JSON."""

from __future__ import annotations

from datetime import datetime

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import ABSENT, Absent, Shape, member
from bunsui.sessions.logs.task_logs import LogEntry, TaskLogs


class LoggedLinePart(ShapeOf[LogEntry]):
    """One line that a task logged."""

    at: datetime = member("When, by the function's clock.")
    job: str = member("The job that called the function; PARENT/JOB for a job of a pipeline that a job started.")
    item: str | Absent = member("The label of the item that it worked on; empty outside of a foreach.", default=ABSENT)
    function: str = member("The function's name in AWS; empty for a container.")
    container: str | Absent = member("The container's name; empty for a function.", default=ABSENT)
    stream: str = member("The log stream.")
    message: str = member("The line as it was logged, its line ends included.")


class OthersPart(ShapeOf[TaskLogs]):
    """Runs of the session's functions at that time that may be another session's; their lines are left out."""

    runs: int = member("How many runs of functions.", of="others")
    lines: int = member("How many lines they wrote.", of="other_lines")


class LogsDocument(Shape, kind="logs"):
    """Of `logs`: what a session's own tasks logged."""

    session: str = member("The session's id.")
    entries: tuple[LoggedLinePart, ...] = member("Of all attempts, oldest first.")
    cut: bool | Absent = member("True when there are earlier lines than these.", default=ABSENT)
    not_attributable: OthersPart | Absent = member(default=ABSENT)
    missing_ends: int | Absent = member(
        "Runs of functions that ended and whose last line is not in the log, or not yet.", default=ABSENT
    )
    containers_without_log: tuple[str, ...] | Absent = member("Containers whose log cannot be read.", default=ABSENT)


def logs_document(session_id: str, found: TaskLogs) -> LogsDocument:
    """Return the document of `bunsui logs --json`."""
    return LogsDocument(
        session=session_id,
        entries=tuple(map(LoggedLinePart.of, found.entries)),
        cut=found.is_cut,
        not_attributable=OthersPart.of(found),
        missing_ends=found.missing_ends,
        containers_without_log=found.unlogged,
    )
