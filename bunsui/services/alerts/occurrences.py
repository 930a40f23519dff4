"""What happened to a pipeline's sessions that people are to be told: no call, no clock."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bunsui.model.alerts import DID_NOT_RUN, FAILED, LATE, SLOWER, Alert
from bunsui.model.environment.deadlines import deadline_after
from bunsui.model.pipeline import Pipeline
from bunsui.model.session import Attempt, Session, SessionStatus
from bunsui.services.alerts.usual import UsualTime, passed_at, usual_time
from bunsui.services.morning.causes import note_of
from bunsui.services.morning.expected import PATIENCE, ExpectedRun, RunState

_BAD = (SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED)
_UNDESCRIBED = timedelta(minutes=15)
"""So long it is waited for why a session failed, where only a list told of it."""
_ABSENT = (RunState.LATE, RunState.MISSING)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedPipeline:
    """What is known of a pipeline at one look."""

    pipeline: Pipeline
    rows: Sequence[Session] = ()
    """Those that may have changed lately; in any order."""
    runs: Sequence[ExpectedRun] = ()
    """What its schedules were to start."""
    succeeded: Sequence[Session] = ()
    """The last that succeeded, for how long they take as a rule; in any order."""
    waiting: frozenset[str] = frozenset()
    """The ids of sessions that wait for an approval."""
    looked_at: datetime | None = None
    """When its machine was looked at; None for never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """Something that is told once."""

    id: str
    """Within its pipeline, the same at each look."""
    kind: str
    fingerprint: str
    """What is the same for all that is told together."""
    at: datetime
    """When it happened."""
    ordered: datetime
    """When its run began, or was due."""
    session: Session | None = None
    run: ExpectedRun | None = None
    deadline: datetime | None = None
    usual: UsualTime | None = None


def occurrences(watched: WatchedPipeline, now: datetime) -> list[Occurrence]:
    """Return all that the pipeline's alerts ask for, as far as it is known, earliest first."""
    found: list[Occurrence] = []
    for alert in watched.pipeline.alerts:
        match alert.event:
            case "failed":
                found += _failures(watched, now)
            case "late":
                found += _late_runs(watched, alert, now)
            case "did_not_run":
                found += _absent_runs(watched, alert, now)
            case "slower":
                found += _slow_sessions(watched, now)
    return sorted({one.id: one for one in found}.values(), key=lambda one: (one.at, one.id))


def _failures(watched: WatchedPipeline, now: datetime) -> Iterator[Occurrence]:
    """Every execution that ended badly, each of its turns: it is told once, also when somebody went on meanwhile."""
    for row in watched.rows:
        for place, attempt in enumerate((*row.attempts, *row.duplicates)):
            at = attempt.stopped_at
            if attempt.status not in _BAD or at is None:
                continue
            if not row.is_described and now - at < _UNDESCRIBED:
                continue
            then = row if attempt == row.latest else _as_it_was(row, place, attempt)
            note = note_of(then)
            yield Occurrence(
                id=f"{FAILED}/{attempt.execution_arn.rpartition(':')[2]}/{attempt.redrive}",
                kind=FAILED,
                fingerprint=note.fingerprint if note is not None else attempt.status.value,
                at=at,
                ordered=row.created_at,
                session=then,
            )


def _as_it_was(row: Session, place: int, attempt: Attempt) -> Session:
    """Return a session as it was when an attempt ended behind which others came."""
    attempts = row.attempts[: place + 1] if place < len(row.attempts) else (attempt,)
    return replace(row, attempts=attempts, status=attempt.status, failure=None, failed_job="")


def _late_runs(watched: WatchedPipeline, alert: Alert, now: datetime) -> Iterator[Occurrence]:
    for run in watched.runs:
        deadline = deadline_after(alert.deadline, run.at, watched.pipeline.timezone)
        if deadline > now or not _is_known_at(watched, deadline) or not _is_unfinished(watched, run, deadline):
            continue
        yield _of_run(LATE, f"{run.schedule}/{alert.deadline}", run, deadline)


def _is_unfinished(watched: WatchedPipeline, run: ExpectedRun, deadline: datetime) -> bool:
    """Tell whether the run had not succeeded by its deadline. One that waits for a person is not late by itself, nor is one
    that somebody stopped."""
    session = run.session
    if session is None:
        return run.state in _ABSENT
    if run.state is RunState.STOPPED or session.id in watched.waiting:
        return False
    if session.status is not SessionStatus.SUCCEEDED:
        return True
    stopped = session.latest.stopped_at if session.latest is not None else None
    return stopped is not None and stopped > deadline


def _absent_runs(watched: WatchedPipeline, alert: Alert, now: datetime) -> Iterator[Occurrence]:
    for run in watched.runs:
        if run.session is not None or run.state not in _ABSENT:
            continue
        if alert.deadline:
            deadline = deadline_after(alert.deadline, run.at, watched.pipeline.timezone)
            is_due = deadline <= now and _is_known_at(watched, deadline)
        else:
            deadline, is_due = run.at + PATIENCE, run.state is RunState.MISSING
        if is_due:
            yield _of_run(DID_NOT_RUN, f"{run.schedule}/{alert.deadline}", run, deadline)


def _of_run(kind: str, fingerprint: str, run: ExpectedRun, deadline: datetime) -> Occurrence:
    due = run.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Occurrence(
        id=f"{kind}/{fingerprint}/{due}",
        kind=kind,
        fingerprint=fingerprint,
        at=deadline,
        ordered=run.at,
        session=run.session,
        run=run,
        deadline=deadline,
    )


def _is_known_at(watched: WatchedPipeline, at: datetime) -> bool:
    return watched.looked_at is not None and watched.looked_at >= at


def _slow_sessions(watched: WatchedPipeline, now: datetime) -> Iterator[Occurrence]:
    for row in watched.rows:
        usual = usual_time(row, watched.succeeded)
        at = None if row.id in watched.waiting else passed_at(row, usual, now)
        if at is not None:
            yield Occurrence(
                id=f"{SLOWER}/{row.id}",
                kind=SLOWER,
                fingerprint=SLOWER,
                at=at,
                ordered=row.created_at,
                session=row,
                usual=usual,
            )
