"""The attempts of a session side by side: a line for each job, a column for each attempt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bunsui.model.session import JobProgress, JobStatus
from bunsui.sessions.snapshot import AttemptJobs, SessionSnapshot
from bunsui.view.sessions.wording import JOB_SYMBOLS, between, duration
from bunsui.view.spans import Line, Role, Span, line, span
from bunsui.view.table import Layout, table

_WORDS = {
    JobStatus.RESTORED: "kept",
    JobStatus.NOT_RUN: "not reached",
    JobStatus.SKIPPED: "skipped",
    JobStatus.STOPPED: "stopped",
    JobStatus.WAITING: "waits",
}
"""What is said in place of a time, or with it."""


def attempt_lines(snapshot: SessionSnapshot, *, width: int | None = None) -> tuple[Line, ...]:
    """Return the table; nothing for a session with one attempt."""
    columns = snapshot.compared
    if len(columns) < 2:
        return ()
    kinds = {attempt.number: attempt.kind for attempt in snapshot.session.attempts}
    names = list(dict.fromkeys(job.name for column in columns for job in column.jobs or ()))
    header = ["", *(f"{column.number} {kinds.get(column.number, '')}".strip() for column in columns)]
    rows = [[span(name, Role.NAME), *(_cell(column, name, snapshot.taken_at) for column in columns)] for name in names]
    layout = Layout(limit=28, whole=frozenset({0}), drop=tuple(range(1, len(columns) - 1)))
    return (*table(header, rows, layout, width=width), *_left_out(snapshot, columns))


def _left_out(snapshot: SessionSnapshot, columns: Sequence[AttemptJobs]) -> Sequence[Line]:
    missing = len(snapshot.session.attempts) - len(columns)
    if not missing:
        return ()
    noun = "attempts are" if missing > 1 else "attempt is"
    return (line(span(f"{missing} earlier {noun} not compared", Role.MUTED)),)


def _cell(column: AttemptJobs, name: str, now: datetime) -> Span:
    if column.jobs is None:
        return span("? forgotten", Role.MUTED)
    job = next((job for job in column.jobs if job.name == name), None)
    return span("–", Role.MUTED) if job is None else job_cell(job, now)


def job_cell(job: JobProgress, now: datetime) -> Span:
    """Return how a job went in an attempt."""
    symbol, role = JOB_SYMBOLS[job.status]
    took = between(job.started_at, job.stopped_at, now=now)
    seconds = duration(took.total_seconds() if took is not None else None)
    if job.status in (JobStatus.RESTORED, JobStatus.SKIPPED):
        seconds = ""
    told = "  ".join(text for text in (_WORDS.get(job.status, ""), seconds, job.error) if text)
    return span(f"{symbol} {told}".rstrip(), role)
