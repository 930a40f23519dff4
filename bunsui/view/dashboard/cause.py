"""What is to be known of the line under the cursor before it is opened: the cause, where it stands, what can be done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo

from bunsui.command_line import command_line
from bunsui.model.session import JobProgress, JobStatus, Session, SessionStatus
from bunsui.services.morning.causes import note_of
from bunsui.services.morning.expected import RunState
from bunsui.view.dashboard.day import DAY
from bunsui.view.dashboard.rows import BoardRow, watch_time
from bunsui.view.morning.looks import day_time
from bunsui.view.safe import safe_lines
from bunsui.view.sessions.custody import custody_line
from bunsui.view.sessions.wording import JOB_SYMBOLS, between, session_look
from bunsui.view.spans import Line, Role, Span, line, span

_MESSAGE_LINES = 2
_OLD = timedelta(seconds=10)


def cause_lines(
    row: BoardRow, sessions: Sequence[Session], keys: Sequence[tuple[str, str]], *, now: datetime, zone: tzinfo
) -> tuple[Line, ...]:
    """Return the preview: a heading, what is known, and the keys of what can be done with it, each with its word."""
    session = row.session
    body = _due_lines(row, now, zone) if session is None else _session_lines(session, row, now, zone)
    does = [part for key, word in keys for part in (span(key, Role.HINT), span(f" {word}   ", Role.MUTED))]
    return (_heading(row, sessions, now), *(item.indented(2) for item in body), line(*does, indent=2))


def alike_today(session: Session, sessions: Sequence[Session], now: datetime) -> int:
    """Return which failure of its kind and pipeline it is within the last day, 1 for the first; 0 where no kind is known."""
    note = note_of(session)
    if note is None:
        return 0
    same = [one for one in sessions if one.pipeline == session.pipeline]
    before = [one for one in same if one.created_at <= session.created_at and now - one.created_at <= DAY]
    return sum((found := note_of(one)) is not None and found.fingerprint == note.fingerprint for one in before)


def _heading(row: BoardRow, sessions: Sequence[Session], now: datetime) -> Line:
    session = row.session
    if session is None:
        assert row.run is not None, "a row is of a session, or of a run that is not there"
        return line(span(row.pipeline, Role.STRONG), span(f"  schedule {row.run.schedule}", Role.MUTED))
    parts = [span(row.pipeline, Role.STRONG), span(f"  {session.id}", Role.MUTED)]
    note = note_of(session) if _has_failed(session) else None
    if note is not None:
        parts += [span(f"  {note.place}" if note.place else "", Role.NAME), span(f"  {note.error}", Role.BAD)]
        count = alike_today(session, sessions, now)
        parts += [span(f"  {_ordinal(count)} time in 24 h", Role.WARN)] if count > 1 else []
    if session.commit:
        parts.append(span(f"  at {session.commit[:7]}", Role.MUTED))
    return line(*parts)


def _has_failed(session: Session) -> bool:
    return session.status in (SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED)


def _session_lines(session: Session, row: BoardRow, now: datetime, zone: tzinfo) -> Iterator[Line]:
    if session.standing is SessionStatus.WAITING:
        for gate in session.gates:
            since = day_time(gate.opened_at, zone, now)
            yield line(span(f"{gate.job} ", Role.NAME), span(f"waits for an approval since {since}", Role.WARN))
            yield from (line(text) for text in safe_lines(gate.message, limit_lines=_MESSAGE_LINES) if text)
            yield line(span(f"until {day_time(gate.deadline, zone, now)}, then {gate.on_deadline}", Role.MUTED))
    elif row.is_running:
        yield from _running_lines(row, now)
    elif _has_failed(session):
        yield from _failed_lines(session, now, zone)
    else:
        yield from _ended_lines(session, now, zone)


def _running_lines(row: BoardRow, now: datetime) -> Iterator[Line]:
    if row.seen is None:
        yield line(span("its jobs were not looked at yet", Role.MUTED))
        return
    age = now - row.seen.taken_at
    old = [span(f"  jobs {watch_time(age.total_seconds())} ago", Role.MUTED)] if age > _OLD else []
    yield line(*_job_parts(row.seen.jobs, now), *old)


def _job_parts(jobs: Sequence[JobProgress], now: datetime) -> Iterator[Span]:
    for job in jobs:
        symbol, role = JOB_SYMBOLS[job.status]
        took = between(job.started_at, job.stopped_at, now=now)
        at_work = job.status is JobStatus.RUNNING
        yield span(f"{job.name} ", Role.NAME if at_work or job.status is JobStatus.FAILED else Role.MUTED)
        yield span(f"{symbol}{f' {watch_time(took.total_seconds())}' if took is not None else ''}   ", role)


def _failed_lines(session: Session, now: datetime, zone: tzinfo) -> Iterator[Line]:
    note = note_of(session)
    if session.taken is not None:
        yield custody_line(session.taken, now=now, zone=zone)
    if note is None:
        told = "stopped" if session.status is SessionStatus.CANCELLED else "nobody looked yet why"
        yield line(span(told, Role.MUTED))
        return
    yield from (line(text) for text in safe_lines(note.message, limit_lines=_MESSAGE_LINES) if text)
    if note.completed:
        yield line(span("completed  ", Role.MUTED), span(", ".join(note.completed), Role.GOOD))


def _ended_lines(session: Session, now: datetime, zone: tzinfo) -> Iterator[Line]:
    latest = session.latest
    symbol, word, role = session_look(session)
    parts = [span(f"{symbol} {word}", role)]
    if latest is not None and latest.stopped_at is not None:
        parts.append(span(f" at {day_time(latest.stopped_at, zone, now)}", Role.MUTED))
    if session.warned:
        parts.append(span(f"  warned: {', '.join(session.warned)}", Role.WARN))
    if session.duplicates:
        parts.append(span("  delivered more than once: its work was done twice", Role.WARN))
    yield line(*parts)


def _due_lines(row: BoardRow, now: datetime, zone: tzinfo) -> Iterator[Line]:
    run = row.run
    assert run is not None, "a row is of a session, or of a run that is not there"
    about = "about " if run.is_about else ""
    still = "; it may still come" if run.state is RunState.LATE else ""
    yield line(span(f"due {about}{day_time(run.at, zone, now)}, and no such run began{still}", Role.WARN), *_look_age(row, now))
    if run.why:
        yield line(span(run.why, Role.MUTED))
    yield line(span(command_line("sessions", "--pipeline", run.pipeline), Role.COMMAND))


def _look_age(row: BoardRow, now: datetime) -> Iterator[Span]:
    """Say when it was looked for the run, unless that was just now."""
    if row.looked_at is not None and now - row.looked_at > _OLD:
        yield span(f"  looked {watch_time((now - row.looked_at).total_seconds())} ago", Role.MUTED)


def _ordinal(number: int) -> str:
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"
