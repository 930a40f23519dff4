"""The jobs of a session as rows: those of nested pipelines behind the job that runs them, each as a line with its bar."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from bunsui.model.session import JobProgress, JobStatus
from bunsui.sessions.snapshot import SessionSnapshot
from bunsui.view.safe import Safe, safe
from bunsui.view.sessions.timeline import TimelineBar, Window, bar_of, drawn, window_of
from bunsui.view.sessions.wording import JOB_SYMBOLS, between, clock_time, duration, instant, status_word
from bunsui.view.spans import Line, Role, Span, span
from bunsui.view.table import cells

COARSE_NOTE = "inside one step on this endpoint"

_SHORTEST_BAR = 6
"""A shorter one shows nothing."""

_DONE = (JobStatus.SUCCEEDED, JobStatus.RESTORED)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRow:
    """One job of a session."""

    name: Safe
    path: Safe
    """Its name, behind those of the jobs that run what it belongs to: PARENT/JOB."""
    depth: int
    """How many of these there are."""
    status: JobStatus
    symbol: Span
    word: Span
    started: str
    took: str
    seconds: float | None
    tries: str
    """`try 2`; empty for the first."""
    items: str
    """`3/8 items`; empty without foreach."""
    note: str
    bar: TimelineBar | None
    item: str = ""
    """The label of the item of a foreach that the row is about, as it is; empty for a job."""

    @property
    def key(self) -> str:
        """What tells it from the other rows."""
        return f"{self.path} {self.item}" if self.item else self.path


def job_rows(snapshot: SessionSnapshot, *, zone: tzinfo = UTC) -> tuple[JobRow, ...]:
    """Return the jobs in order, with their bars in one common window."""
    now = snapshot.taken_at
    window = window_of(snapshot.jobs, now=now)
    return tuple(job_row(job, window, now=now, zone=zone) for job in snapshot.jobs)


def tree_rows(snapshot: SessionSnapshot, *, zone: tzinfo = UTC) -> tuple[JobRow, ...]:
    """Return the jobs in order, each before those of the pipelines that it runs."""
    now = snapshot.taken_at
    window = window_of(snapshot.jobs, now=now)
    gates = {one.gate.job: one.gate for one in snapshot.gates if one.outcome == "open"}
    rows: list[JobRow] = []
    for job in snapshot.jobs:
        row = job_row(job, window, now=now, zone=zone)
        if job.name in gates:
            told = f"waits for an approval, until {instant(gates[job.name].deadline, zone)}"
            row = replace(row, note="; ".join(filter(None, (row.note, told))))
        rows += _branch(row, snapshot, window, zone)
    return tuple(rows)


def _branch(row: JobRow, snapshot: SessionSnapshot, window: Window | None, zone: tzinfo) -> Iterator[JobRow]:
    """Return a job's row, then those of what it runs."""
    children = [child for child in snapshot.children if safe(child.job) == row.path]
    named = ", ".join(dict.fromkeys(f"runs {safe(child.pipeline)}" for child in children))
    yield replace(row, note="; ".join(filter(None, (row.note, named))))
    for child in children:
        for job in child.jobs or ():
            inner = job_row(job, window, now=snapshot.taken_at, zone=zone)
            name = safe(f"{child.item}: {job.name}" if child.item else job.name)
            inner = replace(inner, name=name, path=safe(f"{child.job}/{job.name}"), depth=row.depth + 1)
            yield from _branch(inner, snapshot, window, zone)


def job_line(row: JobRow, *, name_width: int, bar_width: int = 0) -> Line:
    """Return one job as a line: symbol, name, status, time, bar, and what else there is to say."""
    name = _tree_name(row)
    name += " " * max(name_width - cells(name), 0)
    parts: list[tuple[str, Role]] = [
        (row.symbol.text + " ", row.symbol.role),
        (name + "  ", Role.NAME),
        (f"{row.word.text:<9}", row.word.role),
        (f"{row.took:>12}", Role.PLAIN),
    ]
    if bar_width:
        parts += [("  │", Role.MUTED), (drawn(row.bar, bar_width), row.symbol.role), ("│", Role.MUTED)]
    said = "  ".join(text for text in (row.items, row.tries, row.note) if text)
    if said:
        parts.append(("  " + said, Role.MUTED))
    return Line.of(*parts)


def bar_room(rows: Sequence[JobRow], columns: int) -> int:
    """Return how wide the bars may be so that every job's line fits, at most 48 cells; 0 where there is no room for any."""
    without = max((cells(job_line(row, name_width=name_width_of(rows)).text) for row in rows), default=0)
    room = min(columns - without - 4, 48)
    return room if room >= _SHORTEST_BAR else 0


def job_row(job: JobProgress, window: Window | None, *, now: datetime, zone: tzinfo) -> JobRow:
    """Return one job, with its bar in the window."""
    symbol, role = JOB_SYMBOLS[job.status]
    if job.warnings and job.status in _DONE:
        symbol, role = "!", Role.WARN
    took = between(job.started_at, job.stopped_at, now=now)
    seconds = took.total_seconds() if took is not None else None
    error = safe(job.error) if job.status is JobStatus.FAILED else ""
    return JobRow(
        name=safe(job.name),
        path=safe(job.name),
        depth=0,
        status=job.status,
        symbol=span(symbol, role),
        word=span(status_word(job.status), role),
        started=clock_time(job.started_at, zone),
        took=duration(seconds),
        seconds=seconds,
        tries=_tries(job),
        items=_items(job),
        note="; ".join(
            text for text in (error, _warning_words(job), _waits(job, now, zone), COARSE_NOTE if job.coarse else "") if text
        ),
        bar=bar_of(job, window, now=now) if window is not None else None,
    )


def _waits(job: JobProgress, now: datetime, zone: tzinfo) -> str:
    until = job.waits_until
    if until is None:
        return ""
    is_today = until.astimezone(zone).date() == now.astimezone(zone).date()
    return f"waits until {clock_time(until, zone) if is_today else instant(until, zone)}"


def _warning_words(job: JobProgress) -> str:
    return f"warned: {safe(job.warnings[0], limit=80)}" if job.warnings else ""


def _items(job: JobProgress) -> str:
    if job.items_total is None:
        return ""
    kept = f", {job.items_kept} kept" if job.items_kept else ""
    failed = f", {job.items_failed} failed" if job.items_failed else ""
    return f"{job.items_done}/{job.items_total} items{failed}{kept}"


def _tries(job: JobProgress) -> str:
    polled = f"poll {job.polls}" if job.polls else ""
    return "  ".join(text for text in (polled, f"try {job.tries}" if job.tries > 1 else "") if text)


def name_width_of(rows: Sequence[JobRow]) -> int:
    """Return how wide the names are, those of nested pipelines indented."""
    return max((cells(_tree_name(row)) for row in rows), default=0)


def _tree_name(row: JobRow) -> str:
    return "  " * row.depth + row.name
