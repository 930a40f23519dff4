"""Sessions on one line each, together with runs that are late or missing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo

from bunsui.model.session import OUTSIDE, SCHEDULE, JobProgress, JobStatus, Session, SessionStatus
from bunsui.services.morning.causes import note_of
from bunsui.services.morning.expected import ExpectedRun, RunState
from bunsui.services.overview.runs import recent_runs
from bunsui.services.session_filter import SessionFilter
from bunsui.sessions.snapshot import SessionSnapshot
from bunsui.view.morning.looks import LOOKS, day_time
from bunsui.view.sessions.custody import custody_mark
from bunsui.view.sessions.wording import between, clock_time, session_look
from bunsui.view.spans import Line, Role, Span, line, span

DUE = "due "
"""What the key of a run begins with that is not there."""
_BAR = 5
_DONE = (JobStatus.SUCCEEDED, JobStatus.RESTORED, JobStatus.SKIPPED)
_FRESH = timedelta(seconds=10)
"""Until then what was seen of a session that runs needs no age."""
_LEAST_MEASURED = 3
"""Runs from which on it is said how long one takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """One line of the list."""

    key: str
    pipeline: str
    at: datetime
    """By which the list is ordered: when the session was asked for, when the run was due."""
    session: Session | None = None
    run: ExpectedRun | None = None
    """The run that is late or missing, where there is no session."""
    alike: int = 1
    """How many runs of the schedule are as late or missing as this one, the newest of them."""
    seen: SessionSnapshot | None = None
    """What was seen of a session that runs; None as long as nobody looked."""
    looked_at: datetime | None = None
    """When it was seen that no such run began."""
    p95: float | None = None
    """Seconds that 95 of 100 of the pipeline's last successes took at most; None where too few are known."""

    @property
    def is_running(self) -> bool:
        """True when its time goes on."""
        return self.session is not None and bool(self.session.running)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What is equal in all rows, or said of none, and therefore stands in the title or nowhere."""

    by: str = ""
    """Who started all of them; empty when they differ."""
    has_attempts: bool = False
    """Some row has more than one attempt."""
    has_slots: bool = False
    """Some session is for another day than that on which it started."""
    has_progress: bool = False
    """Of some row it is known how far it is."""
    has_p95: bool = False


def board_rows(
    sessions: Sequence[Session],
    due: Iterable[ExpectedRun],
    seen: Mapping[str, SessionSnapshot],
    wanted: SessionFilter,
    *,
    due_at: datetime | None = None,
) -> tuple[BoardRow, ...]:
    """Return the rows, newest first: the sessions, and of the runs that are not there those whose pipeline fits the filter.
    `due_at` is when it was looked for these."""
    by_pipeline: dict[str, list[Session]] = {}
    for one in sessions:
        by_pipeline.setdefault(one.pipeline, []).append(one)
    p95 = {name: _p95(found) for name, found in by_pipeline.items()}
    rows = [
        BoardRow(
            key=one.id,
            pipeline=one.pipeline,
            at=one.created_at,
            session=one,
            seen=seen.get(one.id) if one.running else None,
            p95=p95[one.pipeline],
        )
        for one in sessions
    ]
    alike: dict[tuple[str, str, RunState], list[ExpectedRun]] = {}
    for run in due:
        if _fits(run, wanted):
            alike.setdefault((run.pipeline, run.schedule, run.state), []).append(run)
    rows += [replace(_due_row(runs, p95.get(runs[0].pipeline)), looked_at=due_at) for runs in alike.values()]
    return tuple(sorted(rows, key=lambda row: (row.at, row.key), reverse=True))


def _due_row(runs: Sequence[ExpectedRun], p95: float | None) -> BoardRow:
    newest = max(runs, key=lambda run: run.at)
    key = f"{DUE}{newest.pipeline} {newest.schedule} {newest.state.value}"
    return BoardRow(key=key, pipeline=newest.pipeline, at=newest.at, run=newest, alike=len(runs), p95=p95)


def _fits(run: ExpectedRun, wanted: SessionFilter) -> bool:
    """Tell whether a run without a session is shown: only a pipeline, or a piece of its name, can be asked of it."""
    if wanted.statuses or wanted.dates or wanted.commits or wanted.since is not None:
        return False
    name = run.pipeline.casefold()
    named = not wanted.pipelines or any(part in name for part in wanted.pipelines)
    return named and all(text in f"{name} {run.state.value} {run.schedule}".casefold() for text in wanted.texts)


def _p95(rows: Sequence[Session]) -> float | None:
    runs = recent_runs(rows, is_whole=False)
    return runs.p95_seconds if runs.measured >= _LEAST_MEASURED else None


def shared_of(rows: Sequence[BoardRow], zone: tzinfo) -> Shared:
    """Return what need not be said on each line."""
    sessions = [row.session for row in rows if row.session is not None]
    names = {starter(one) for one in sessions}
    return Shared(
        by=names.pop() if len(names) == 1 and len(sessions) > 1 else "",
        has_attempts=any(len(one.attempts) > 1 for one in sessions),
        has_slots=any(one.date and one.date != f"{one.created_at.astimezone(zone):%Y-%m-%d}" for one in sessions),
        has_progress=any(row.seen is not None and row.seen.jobs for row in rows),
        has_p95=any(row.p95 is not None for row in rows),
    )


def starter(session: Session) -> str:
    """Return who started a session, in a word."""
    by = session.started_by
    if by.startswith("arn:"):
        return by.rpartition(":")[2].rpartition("/")[2]
    return by.removeprefix(SCHEDULE) if by.startswith(SCHEDULE) else "outside" if by == OUTSIDE else by


def status_cell(row: BoardRow, now: datetime) -> Line:
    """Return symbol and word."""
    if row.session is None:
        assert row.run is not None, "a row is of a session, or of a run that is not there"
        symbol, role = LOOKS[row.run.state]
        return line(span(f"{symbol} {row.run.state.value}", role))
    symbol, word, role = session_look(row.session)
    mark = custody_mark(row.session, now)
    return line(span(f"{symbol} {word}{f': {mark}' if mark else ''}", role))


def job_cell(row: BoardRow) -> Line:
    """Return the job that is at work, waits or failed."""
    session = row.session
    if session is None:
        return line(span(f"never started{f' ×{row.alike}' if row.alike > 1 else ''}", Role.MUTED))
    if session.standing is SessionStatus.WAITING:
        return line(span(f"waits: {session.gates[0].job}", Role.WARN))
    if row.is_running:
        return line(*_jobs_now(row.seen.jobs)) if row.seen is not None else line()
    if session.tolerated and not session.failed_job:
        told = ", ".join(f"{job}: {count} item{'s' * (count != 1)}" for job, count in session.tolerated.items())
        return line(span(told, Role.WARN))
    if not session.is_described:
        return line(span("…", Role.MUTED))
    note = note_of(session) if session.failed_job or session.failure is not None else None
    place = session.failed_job or (note.place if note is not None else "")
    error = f" {note.error}" if note is not None and note.error else ""
    return line(span(place, Role.BAD), span(error, Role.MUTED))


def _jobs_now(jobs: Sequence[JobProgress]) -> list[Span]:
    now = [job for job in jobs if job.status is JobStatus.RUNNING]
    if not now:
        return []
    first, items = now[0], ""
    if first.items_total:
        failed = f" !{first.items_failed}" if first.items_failed else ""
        items = f" {first.items_done}/{first.items_total}{failed}"
    more = f" +{len(now) - 1}" if len(now) > 1 else ""
    return [span(first.name, Role.NAME), span(f"{items}{more}", Role.MUTED)]


def progress_cell(row: BoardRow, now: datetime) -> Line:
    """Return how many jobs are done, of a session that was looked at, and when that was unless it was just now; of one that
    failed how many had completed."""
    if row.seen is not None and row.seen.jobs:
        jobs = row.seen.jobs
        done = sum(job.status in _DONE for job in jobs)
        full = round(done / len(jobs) * _BAR)
        failed = any(job.status is JobStatus.FAILED for job in jobs)
        role = Role.BAD if failed else Role.RUNNING
        age = now - row.seen.taken_at
        old = f" {watch_time(age.total_seconds())} ago" if age > _FRESH else ""
        bar = (span("▇" * full, role), span("▁" * (_BAR - full), Role.MUTED), span(f" {done}/{len(jobs)}", role))
        return line(*bar, span(old, Role.MUTED))
    note = row.session.failure if row.session is not None and row.session.standing.is_final else None
    if note is not None and row.session is not None and row.session.status is not SessionStatus.SUCCEEDED and note.completed:
        return line(span(f"{len(note.completed)} done", Role.MUTED))
    return line()


def started_cell(row: BoardRow, now: datetime, zone: tzinfo) -> Line:
    """Return the clock time of today, behind the day for any other; when a run was due that is not there."""
    if row.session is None:
        about = "~" if row.run is not None and row.run.is_about else ""
        return line(span(f"due {about}{day_time(row.at, zone, now)}", Role.WARN))
    latest = row.session.latest
    started = latest.started_at if latest is not None else row.session.created_at
    is_today = started.astimezone(zone).date() == now.astimezone(zone).date()
    return line(span(clock_time(started, zone) if is_today else day_time(started, zone, now)))


def took_cell(row: BoardRow, now: datetime) -> Line:
    """Return how long its latest attempt takes or took, `+` behind one that takes longer than its pipeline does."""
    if row.session is None:
        return line(span(f"+{watch_time((now - row.at).total_seconds())}", Role.WARN))
    latest = row.session.latest
    took = between(latest.started_at, latest.stopped_at, now=now) if latest is not None else None
    if took is None:
        return line()
    seconds = took.total_seconds()
    is_slow = row.p95 is not None and seconds > row.p95 and (row.is_running or row.session.status is SessionStatus.SUCCEEDED)
    return line(span(f"{watch_time(seconds)}{'+' if is_slow else ''}", Role.WARN if is_slow and row.is_running else Role.PLAIN))


def p95_cell(row: BoardRow) -> Line:
    """Return how long 95 of 100 of the pipeline's runs take at most."""
    return line(span(watch_time(row.p95) if row.p95 is not None else "–", Role.MUTED))


def attempt_cell(row: BoardRow) -> Line:
    """Return the number of the latest attempt; nothing for the only one."""
    count = len(row.session.attempts) if row.session is not None else 0
    return line(span(f"{count}" if count > 1 else ""))


def slot_cell(row: BoardRow) -> Line:
    """Return the business date."""
    return line(span(row.session.date if row.session is not None else "", Role.MUTED))


def by_cell(row: BoardRow) -> Line:
    """Return who started it, or the schedule that was to."""
    if row.session is None:
        return line(span(row.run.schedule if row.run is not None else "", Role.MUTED))
    return line(span(starter(row.session), Role.MUTED))


def watch_time(seconds: float) -> str:
    """Return a length of time as a stop watch shows it: `0:07`, `12:40`, `1:02:03`; in days and hours from two days on."""
    whole = max(int(seconds), 0)
    hours, rest = divmod(whole, 3600)
    if hours >= 48:
        return f"{hours // 24}d {hours % 24:02d}h"
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"
