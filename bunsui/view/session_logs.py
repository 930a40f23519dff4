"""Log lines of a session's tasks as people and as programs read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo

from bunsui.model.values import Json
from bunsui.services.logs import LogEntry
from bunsui.view.safe import safe, safe_lines
from bunsui.view.schema_parts import FORMAT_VERSION, Schema, closed, document, listed, moment, text
from bunsui.view.session_words import clock_time
from bunsui.view.spans import Line, Role


def log_lines(entry: LogEntry, *, zone: tzinfo = UTC) -> tuple[Line, ...]:
    """Give one entry as lines: time, job, message; the lines of a long message each carry the job."""
    text = entry.message.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").rstrip("\n")
    role = Role.BAD if "[ERROR]" in text else Role.PLAIN
    head = ((clock_time(entry.at, zone) + "  ", Role.MUTED), (safe(entry.job) + "  ", Role.NAME))
    return tuple(Line.of(*head, (part, role)) for part in safe_lines(text))


def logs_document(session_id: str, entries: Sequence[LogEntry]) -> dict[str, Json]:
    """Give the document of `bunsui logs --json`."""
    return {
        "format_version": FORMAT_VERSION,
        "kind": "logs",
        "session": session_id,
        "entries": [
            {
                "at": entry.at.isoformat(),
                "job": entry.job,
                "function": entry.function,
                "stream": entry.stream,
                "message": entry.message,
            }
            for entry in entries
        ],
    }


def logs_schema() -> Schema:
    """Describe what `logs_document` gives."""
    entry = closed(
        "One line that a task logged.",
        {
            "at": moment("When, by the function's clock."),
            "job": text("The job that called the function."),
            "function": text("The function's name in AWS."),
            "stream": text("The log stream."),
            "message": text("The line as it was logged, its line ends included."),
        },
    )
    members = {"session": text("The session's id."), "entries": listed(entry, "Of all attempts, oldest first.")}
    return document("logs", "Of `logs`: what a session's own tasks logged.", members)
