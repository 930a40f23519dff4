"""Sessions as people see them: rows of a list, and one session with its jobs, failure, outputs and next step."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import pairwise

from bunsui.model.session import OUTSIDE, SCHEDULE, Attempt, JobProgress, JobStatus, Session, SessionStatus
from bunsui.sessions.snapshot import SessionSnapshot
from bunsui.view.safe import Safe, safe
from bunsui.view.sessions.advice import NextStep, failure_lines, next_steps, policy_line, remark_lines
from bunsui.view.sessions.attempts import attempt_lines
from bunsui.view.sessions.cost import cost_lines
from bunsui.view.sessions.custody import custody_fact, custody_mark
from bunsui.view.sessions.gates import gate_lines
from bunsui.view.sessions.job_rows import JobRow, job_line, name_width_of, tree_rows
from bunsui.view.sessions.result import result_lines
from bunsui.view.sessions.streak import streak_lines
from bunsui.view.sessions.timeline import Window, window_of
from bunsui.view.sessions.wording import (
    SESSION_SYMBOLS,
    between,
    duration,
    instant,
    origin_words,
    session_look,
    status_word,
    zone_name,
)
from bunsui.view.spans import Line, Role, Span, span
from bunsui.view.table import Layout, table

SHORTEST_ID = 10
"""Characters of an id that are always shown; the first ten of a ULID are its time."""

COLUMNS = ("", "session", "pipeline", "status", "date", "started", "took", "attempt", "failed job", "started by")

_DONE = (JobStatus.SUCCEEDED, JobStatus.RESTORED)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One line of a list of sessions."""

    id: str
    short_id: Safe
    """Enough of the id to name it among the others of the list."""
    pipeline: Safe
    status: SessionStatus
    started_at: datetime
    cells: tuple[Span, ...]
    """One span for each of COLUMNS."""

    @property
    def text(self) -> str:
        """All cells as one text, to search in."""
        return " ".join(cell.text for cell in self.cells)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDetail:
    """One session, everything about it."""

    title: Line
    facts: tuple[tuple[str, Span], ...]
    jobs: tuple[JobRow, ...]
    """Those of pipelines that a job runs behind it."""
    described: Mapping[str, Line]
    """What the file says of jobs, by name."""
    window: Window | None
    gates: tuple[Line, ...]
    """What it waits for, or what was decided."""
    failure: tuple[Line, ...]
    remarks: tuple[Line, ...]
    """What is to be said although it succeeded."""
    outputs: tuple[Line, ...]
    streak: tuple[Line, ...]
    """Since when it fails so; empty for a session that did not fail."""
    cost: tuple[Line, ...]
    """What it cost; empty where nobody counted."""
    compared: tuple[Line, ...]
    """How each job went in each attempt; empty where there is only one."""
    attempts: tuple[Line, ...]
    duplicates: tuple[Line, ...]
    """Executions of a schedule's second delivery, and what that means; empty when there is none."""
    next_steps: tuple[NextStep, ...]


def session_rows(sessions: Sequence[Session], *, now: datetime, zone: tzinfo = UTC) -> tuple[SessionRow, ...]:
    """Return rows in the order given."""
    short = short_ids([session.id for session in sessions])
    return tuple(_row(session, short[session.id], now=now, zone=zone) for session in sessions)


_LAYOUT = Layout(right=frozenset({6, 7}), limit=44, whole=frozenset({1, 2}), drop=(10, 9, 4, 7, 6, 8, 5))
"""The pipeline's title goes first, then who started it; which session of which pipeline, and how it stands, always stay."""


def session_list_lines(
    sessions: Sequence[Session],
    *,
    now: datetime,
    zone: tzinfo = UTC,
    width: int | None = None,
    titles: Mapping[str, str] | None = None,
) -> tuple[Line, ...]:
    """Return the list as an aligned table of at most `width` cells; `titles` of pipelines by their names."""
    rows = session_rows(sessions, now=now, zone=zone)
    if not rows:
        return (Line.of(("no sessions", Role.MUTED)),)
    titled = [(*row.cells, span((titles or {}).get(one.pipeline, ""))) for row, one in zip(rows, sessions, strict=True)]
    return table((*COLUMNS, "title"), titled, _LAYOUT, width=width)


def short_ids(ids: Sequence[str]) -> dict[str, str]:
    """Return for each id the shortest prefix that names it among them, at least SHORTEST_ID long."""
    ordered = sorted(set(ids))
    shared = [0, *(_shared_length(before, after) for before, after in pairwise(ordered)), 0]
    return {
        session_id: session_id[: max(SHORTEST_ID, shared[index] + 1, shared[index + 1] + 1)]
        for index, session_id in enumerate(ordered)
    }


def session_detail(snapshot: SessionSnapshot, *, zone: tzinfo = UTC, width: int | None = None) -> SessionDetail:
    """Return everything that a page about one session shows; the tables of its result take at most `width` cells."""
    session, now = snapshot.session, snapshot.taken_at
    window = window_of(snapshot.jobs, now=now)
    return SessionDetail(
        title=_title(snapshot),
        facts=_facts(snapshot, zone),
        jobs=tree_rows(snapshot, zone=zone),
        described={safe(job): Line.of((safe(text), Role.MUTED)) for job, text in snapshot.described.items()},
        window=window,
        gates=tuple(gate_lines(snapshot.gates, now=now, zone=zone)),
        failure=(*failure_lines(snapshot), *_advice(snapshot)),
        remarks=remark_lines(snapshot),
        outputs=_outputs(snapshot, width),
        streak=streak_lines(snapshot.streak, zone=zone),
        cost=tuple(cost_lines(snapshot.cost, name="in all", indent="")) if snapshot.cost is not None else (),
        compared=attempt_lines(snapshot, width=None if width is None else width - 2),
        attempts=_attempts(session.told_attempts, now=now, zone=zone),
        duplicates=_duplicates(session, now=now, zone=zone),
        next_steps=next_steps(snapshot),
    )


def progress_lines(snapshot: SessionSnapshot, *, bar_width: int = 24, zone: tzinfo = UTC) -> tuple[Line, ...]:
    """Return the title and every job, for a live display."""
    rows = tree_rows(snapshot, zone=zone)
    width = name_width_of(rows)
    return (_title(snapshot), *(job_line(row, name_width=width, bar_width=bar_width).indented(2) for row in rows))


def detail_lines(detail: SessionDetail, *, bar_width: int = 32) -> tuple[Line, ...]:
    """Return the whole page, section by section; empty sections are left out."""
    width = max((len(name) for name, _ in detail.facts), default=0)
    lines = [detail.title]
    lines += [Line((span(f"  {name:<{width}}  ", Role.MUTED), value)) for name, value in detail.facts]
    name_width = name_width_of(detail.jobs)
    jobs: list[Line] = []
    for row in detail.jobs:
        jobs.append(job_line(row, name_width=name_width, bar_width=bar_width))
        jobs += [detail.described[row.path].indented(2)] if row.path in detail.described else []
    lines += _section("jobs", jobs)
    lines += _section("approvals", detail.gates)
    lines += _section("failure", detail.failure)
    lines += _section("warnings", detail.remarks)
    lines += _section("result", detail.outputs)
    lines += _section("before", detail.streak)
    lines += _section("cost", detail.cost)
    lines += _section("jobs by attempt", detail.compared)
    lines += _section("attempts", detail.attempts)
    lines += _section("delivered twice", detail.duplicates)
    return tuple(lines)


def _row(session: Session, short: str, *, now: datetime, zone: tzinfo) -> SessionRow:
    symbol, word, role = session_look(session)
    mark = custody_mark(session, now)
    latest = session.latest
    started = latest.started_at if latest else session.created_at
    took = between(started, latest.stopped_at if latest else None, now=now) if latest else None
    texts: tuple[tuple[object, Role], ...] = (
        (symbol, role),
        (short, Role.NAME),
        (session.pipeline, Role.PLAIN),
        (f"{word}: {mark}" if mark else word, role),
        (session.date, Role.PLAIN),
        (instant(started, zone), Role.PLAIN),
        (duration(took.total_seconds() if took is not None else None), Role.PLAIN),
        (latest.number if latest and latest.number > 1 else "", Role.PLAIN),
        _trouble(session),
        (_who(session.started_by), Role.MUTED),
    )
    return SessionRow(
        id=session.id,
        short_id=safe(short),
        pipeline=safe(session.pipeline),
        status=session.standing,
        started_at=started,
        cells=tuple(span(text, text_role) for text, text_role in texts),
    )


def _trouble(session: Session) -> tuple[str, Role]:
    """Return the job that failed, or of which items did; `…` as long as nobody asked."""
    if session.tolerated and not session.failed_job:
        return ", ".join(f"{job}: {count} item{'s' * (count != 1)}" for job, count in session.tolerated.items()), Role.WARN
    return session.failed_job or ("…" if not session.is_described else ""), Role.BAD


def _title(snapshot: SessionSnapshot) -> Line:
    session = snapshot.session
    symbol, word, role = session_look(session)
    latest = session.latest
    took = between(latest.started_at, latest.stopped_at, now=snapshot.taken_at) if latest else None
    counts = job_counts(snapshot.jobs)
    return Line.of(
        (f"{symbol} ", role),
        (safe(session.pipeline), Role.NAME),
        "  ",
        (word, role),
        (f": {mark}" if (mark := custody_mark(session, snapshot.taken_at)) else "", role),
        (f"  {duration(took.total_seconds())}" if took is not None else "", Role.PLAIN),
        (f"  {counts}" if counts else "", Role.MUTED),
        (f"  session {safe(session.id)}", Role.MUTED),
    )


def job_counts(jobs: Sequence[JobProgress], *, noun: str = "jobs") -> str:
    """Return how many are done, and how many came to something else; empty when there are none."""
    if not jobs:
        return ""
    done = sum(job.status in _DONE for job in jobs)
    warned = sum(bool(job.warnings) for job in jobs)
    others = [
        f"{count} {status_word(status)}"
        for status in (JobStatus.RESTORED, JobStatus.SKIPPED, JobStatus.FAILED, JobStatus.STOPPED, JobStatus.NOT_RUN)
        if (count := sum(job.status is status for job in jobs))
    ]
    return ", ".join([f"{done}/{len(jobs)} {noun}", *others, *([f"{warned} warned"] if warned else [])])


def _began_elsewhere(session: Session) -> bool:
    return session.started_by == OUTSIDE or session.started_by.startswith(SCHEDULE)


def _facts(snapshot: SessionSnapshot, zone: tzinfo) -> tuple[tuple[str, Span], ...]:
    session = snapshot.session
    params = "  ".join(f"{name}={_brief(value)}" for name, value in session.params.items())
    found: tuple[tuple[str, object], ...] = (
        ("title", snapshot.about.title),
        ("about", snapshot.about.description),
        ("date", session.date),
        ("slot", f"{instant(session.slot, zone)} ({zone_name(zone)})"),
        ("params", params),
        ("started by", session.started_by),
        ("commit", session.commit or ("not known" if snapshot.is_managed and _began_elsewhere(session) else "")),
        ("version", session.version_arn.rpartition(":")[2]),
    )
    taken = custody_fact(session, now=snapshot.taken_at, zone=zone)
    held = (("taken", taken),) if taken is not None else ()
    return (*((name, span(value, limit=400)) for name, value in found if value), *held)


def _advice(snapshot: SessionSnapshot) -> tuple[Line, ...]:
    return (policy_line(snapshot.advice),) if snapshot.advice is not None else ()


def _outputs(snapshot: SessionSnapshot, width: int | None) -> tuple[Line, ...]:
    if snapshot.session.status is SessionStatus.SUCCEEDED:
        return result_lines(snapshot.session.output, width=None if width is None else width - 2)
    return ()


def _duplicates(session: Session, *, now: datetime, zone: tzinfo) -> tuple[Line, ...]:
    if not session.duplicates:
        return ()
    told = "the schedule was delivered more than once: the work of this slot was done, or is being done, once more by"
    return (Line.of((told, Role.WARN)), *_attempts(session.told_duplicates, now=now, zone=zone))


def _attempts(attempts: Sequence[Attempt], *, now: datetime, zone: tzinfo) -> tuple[Line, ...]:
    lines = []
    for attempt in attempts:
        symbol, role = SESSION_SYMBOLS[attempt.status]
        took = between(attempt.started_at, attempt.stopped_at, now=now)
        lines.append(
            Line.of(
                (f"{symbol} ", role),
                f"{attempt.number}  {attempt.kind:<7}  ",
                (f"{status_word(attempt.status):<10}", role),
                f"{instant(attempt.started_at, zone)}  {duration(took.total_seconds() if took is not None else None):>10}  ",
                (safe(attempt.error), Role.BAD),
                ("  " if attempt.error else "", Role.PLAIN),
                (f"{safe(origin_words(attempt))}  " if origin_words(attempt) else "", Role.PLAIN),
                (safe(attempt.execution_arn), Role.MUTED),
            )
        )
    return tuple(lines)


def _section(name: str, lines: Sequence[Line]) -> list[Line]:
    if not lines:
        return []
    return [Line(), Line.of((name, Role.STRONG)), *(line.indented(2) for line in lines)]


def _brief(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:59] + "…"


def _shared_length(first: str, second: str) -> int:
    for index, (left, right) in enumerate(zip(first, second, strict=False)):
        if left != right:
            return index
    return min(len(first), len(second))


def _who(started_by: str) -> str:
    return started_by.rpartition(":")[2].rpartition("/")[2] if started_by.startswith("arn:") else started_by
