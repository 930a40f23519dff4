"""How each job went in each attempt of a session, side by side.

An execution that was redriven goes on in one history: what its earlier turn completed is not run again, so it counts as kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bunsui.model.session import Attempt, HistoryEvent, JobProgress, JobStatus
from bunsui.sessions.progress import job_progress, shown_progress
from bunsui.sessions.shape import MachineShape
from bunsui.sessions.snapshot import AttemptJobs

MOST_ATTEMPTS = 6
"""Attempts that are compared, the latest."""

_REDRIVEN = "ExecutionRedriven"


def attempt_jobs(
    attempt: Attempt, shape: MachineShape, events: Sequence[HistoryEvent], *, order: Sequence[str] = ()
) -> AttemptJobs:
    """Return the jobs of an attempt, from the history of its execution with all its redrives."""
    jobs = shown_progress(shape, job_progress(shape, turn_events(attempt, events), order=order))
    if attempt.redrive:
        jobs = tuple(_in_turn(job, attempt) for job in jobs)
    return AttemptJobs(number=attempt.number, jobs=jobs)


def turn_events(attempt: Attempt, events: Sequence[HistoryEvent]) -> Sequence[HistoryEvent]:
    """Return the history of the attempt's execution up to the end of its turn, before a later redrive."""
    turns = [place for place, event in enumerate(events) if event.type == _REDRIVEN]
    return events[: turns[attempt.redrive] if attempt.redrive < len(turns) else len(events)]


def _in_turn(job: JobProgress, attempt: Attempt) -> JobProgress:
    """Return the job as it went in a turn of the execution that a redrive began."""
    began = attempt.started_at
    if job.stopped_at is not None and job.stopped_at < began:
        status = _kept_status(job.status, attempt)
        return replace(job, status=status, started_at=None, stopped_at=None, error="", cause="")
    if job.started_at is not None and job.started_at < began:
        return replace(job, started_at=began)
    return job


def _kept_status(before: JobStatus, attempt: Attempt) -> JobStatus:
    """Return where a job stands in a turn that has not touched it."""
    match before:
        case JobStatus.SUCCEEDED:
            return JobStatus.RESTORED
        case JobStatus.FAILED | JobStatus.STOPPED:
            return JobStatus.NOT_RUN if attempt.status.is_final else JobStatus.WAITING
        case _:
            return before
