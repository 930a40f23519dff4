"""A session told line by line as it goes on: no table, no bar, no sign that stands for a word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import TypeAlias

from bunsui.model.session import JobProgress, JobStatus, SessionStatus
from bunsui.sessions.snapshot import SessionSnapshot
from bunsui.view.safe import safe
from bunsui.view.sessions.wording import JOB_SYMBOLS, between, clock_time, duration, session_look, status_word
from bunsui.view.spans import Line, Role, Span, line, span

_Place: TypeAlias = tuple[str, str, str, str]
"""The path of the job that runs the execution, the label of its item, the execution's ARN, all empty in the session's own, and
the job's name."""
_NOT_BEGUN = frozenset({JobStatus.WAITING, JobStatus.NOT_RUN})


def news_lines(before: SessionSnapshot | None, after: SessionSnapshot, *, zone: tzinfo = UTC) -> tuple[Line, ...]:
    """Return what happened between two looks at a session, a line each, in order of time; `before` None is the first look.

    Each begins with the time of day in the zone, and says in words what became of which job, or of which item: jobs of a
    pipeline that a job runs are told as PARENT/JOB.
    """
    attempt, former = _attempt(after), _attempt(before) if before is not None else 0
    known = _told_jobs(before) if before is not None and attempt == former else {}
    news = [
        (at, (_name(*place), *words))
        for place, job in _told_jobs(after).items()
        for at, words in _job_news(known.get(place), job, after.taken_at)
    ]
    told = [_timed_line(at, zone, *parts) for at, parts in sorted(news, key=lambda one: one[0])]
    first = [_begin_line(after, attempt, zone)] if attempt != former or before is None else []
    return (*first, *told)


def end_line(snapshot: SessionSnapshot, *, zone: tzinfo = UTC) -> Line:
    """Return how the session stands, after how long."""
    session, latest = snapshot.session, snapshot.session.latest
    _, word, role = session_look(session)
    took = between(latest.started_at, latest.stopped_at, now=snapshot.taken_at) if latest is not None else None
    after = f" after {duration(took.total_seconds())}" if took is not None else ""
    ended = latest.stopped_at if latest is not None and latest.stopped_at is not None else snapshot.taken_at
    word = word if session.standing.is_final else f"is {word}"
    return _timed_line(ended, zone, span(safe(session.pipeline), Role.NAME), span(f" {word}", role), span(after))


def summary_of(snapshot: SessionSnapshot) -> str:
    """Return how the session ended, in one sentence for somebody who looks elsewhere; not made safe."""
    session, failure = snapshot.session, snapshot.failure
    _, word, _ = session_look(session)
    if failure is None or session.status is SessionStatus.SUCCEEDED:
        return f"{session.pipeline} {word}"
    where = f" in {failure.job}" if failure.job else ""
    return f"{session.pipeline} {word}{where}: {failure.error}"


def _attempt(snapshot: SessionSnapshot) -> int:
    latest = snapshot.session.latest
    return latest.number if latest is not None else 0


def _begin_line(snapshot: SessionSnapshot, attempt: int, zone: tzinfo) -> Line:
    session, latest = snapshot.session, snapshot.session.latest
    began = latest.started_at if latest is not None else session.created_at
    name, number = span(safe(session.pipeline), Role.NAME), f", attempt {attempt}" if attempt > 1 else ""
    word = "was asked for" if latest is None else "started"
    return _timed_line(began, zone, name, span(f" {word}{number}"), span(f", session {safe(session.id)}", Role.MUTED))


def _told_jobs(snapshot: SessionSnapshot) -> Mapping[_Place, JobProgress]:
    """Return the jobs and those of the pipelines that they run, each by where it stands."""
    own = {("", "", "", job.name): job for job in snapshot.jobs}
    below = {
        (child.job, child.item, child.execution_arn, job.name): job for child in snapshot.children for job in child.jobs or ()
    }
    return {**own, **below}


def _name(parent: str, item: str, _execution_arn: str, job: str) -> Span:
    path = "/".join(filter(None, (parent, job)))
    return span(f"{safe(path)} ({safe(item)})" if item else safe(path), Role.NAME)


def _job_news(before: JobProgress | None, after: JobProgress, now: datetime) -> Iterator[tuple[datetime, tuple[Span, ...]]]:
    """Yield what became of the job since: when, and in which words."""
    has_begun = before is not None and before.status not in _NOT_BEGUN
    if after.status is JobStatus.RUNNING and not has_begun:
        yield after.started_at or now, (span(" started"),)
    elif after.status is JobStatus.RUNNING and before is not None and after.tries > max(before.tries, 1):
        error = f" after {safe(after.error)}" if after.error else ""
        yield now, (span(f" is tried again{error}, try {after.tries}", Role.WARN),)
    yield from _item_news(before, after, now)
    if after.status.is_final and (before is None or before.status is not after.status):
        yield after.stopped_at or now, tuple(_end_spans(after, now))


def _item_news(before: JobProgress | None, after: JobProgress, now: datetime) -> Iterator[tuple[datetime, tuple[Span, ...]]]:
    """Yield which items failed since, and as long as the job runs how many are done."""
    at = (after.stopped_at or now) if after.status.is_final else now
    for item in after.failed_items[len(before.failed_items) if before is not None else 0 :]:
        error = f": {safe(item.error)}" if item.error else ""
        yield at, (span(f" item {safe(item.label)} failed{error}", Role.WARN),)
    counts, former = (after.items_done, after.items_failed), (before.items_done, before.items_failed) if before else (0, 0)
    if after.status is JobStatus.RUNNING and after.items_total is not None and counts != former:
        failed = f", {after.items_failed} failed" if after.items_failed else ""
        yield now, (span(f" has done {after.items_done} of {after.items_total} items{failed}"),)


def _end_spans(job: JobProgress, now: datetime) -> Iterator[Span]:
    yield span(f" {status_word(job.status)}", JOB_SYMBOLS[job.status][1])
    took = between(job.started_at, job.stopped_at, now=now)
    if took is not None and job.status in (JobStatus.SUCCEEDED, JobStatus.FAILED, JobStatus.STOPPED):
        yield span(f" after {duration(took.total_seconds())}")
    if job.tries > 1:
        yield span(f", try {job.tries}")
    if job.items_total is not None:
        failed = f", {job.items_failed} failed" if job.items_failed else ""
        yield span(f", {job.items_done} of {job.items_total} items{failed}")
    if job.status is JobStatus.FAILED and job.error:
        yield span(f": {safe(job.error)}", Role.BAD)


def _timed_line(at: datetime, zone: tzinfo, *parts: Span) -> Line:
    return line(span(f"{clock_time(at, zone)}  ", Role.MUTED), *parts)
