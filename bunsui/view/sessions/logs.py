"""Log lines of a session's tasks as people read them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, tzinfo

from bunsui.sessions.logs.task_logs import LogEntry, TaskLogs
from bunsui.view.safe import safe, safe_lines
from bunsui.view.sessions.wording import clock_time
from bunsui.view.spans import Line, Role

_PLATFORM = ("START RequestId: ", "END RequestId: ", "REPORT RequestId: ", "INIT_START ")
"""How the lines begin that Lambda writes by itself."""


def log_lines(entry: LogEntry, *, zone: tzinfo = UTC) -> tuple[Line, ...]:
    """Return one entry as lines: time, job and item, message; the lines of a long message each carry the job."""
    text = entry.message.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").rstrip("\n")
    role = Role.BAD if "[ERROR]" in text else line_role(text)
    head = ((clock_time(entry.at, zone) + "  ", Role.MUTED), (source_of(entry) + "  ", Role.NAME))
    return tuple(Line.of(*head, (part, role)) for part in safe_lines(text))


def line_role(message: str) -> Role:
    """Return how a line is shown: what Lambda writes by itself steps back."""
    return Role.MUTED if message.startswith(_PLATFORM) else Role.PLAIN


def source_of(entry: LogEntry) -> str:
    """Return who wrote the line: the job, and the item where it worked on one."""
    return safe(f"{entry.job} {entry.item}" if entry.item else entry.job)


def log_notes(found: TaskLogs) -> Iterator[str]:
    """Return what the lines do not show, each as a sentence for people."""
    if found.is_cut:
        yield "earlier lines are not shown: `--all` shows every line, `--tail N` the last N"
    if found.others:
        runs = f"{found.others} run{'s' * (found.others != 1)} of these functions"
        lines = f"{found.other_lines} line{'s' * (found.other_lines != 1)}"
        yield f"{lines} left out: {runs} at that time may be another session's, and nothing tells whose they are"
    if found.missing_ends:
        runs = f"{found.missing_ends} run{'s' * (found.missing_ends != 1)}"
        yield f"the last line of {runs} that ended is not in the log (yet): CloudWatch shows lines late"
    if found.unlogged:
        names = ", ".join(safe(name) for name in found.unlogged)
        yield (
            f"no log of the container {names} can be read: its task definition names none in CloudWatch Logs (awslogs with a "
            "stream prefix), or it may not be read"
        )
