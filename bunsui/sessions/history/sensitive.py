"""What must not be shown of a session: values of sensitive outputs, which may stand in any text that speaks of what failed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from bunsui.model.references import hide_values, scalars
from bunsui.model.session import Attempt, HistoryEvent, JobProgress, Session
from bunsui.sessions.history.operation_runs import OperationRun, operation_runs
from bunsui.sessions.progress import job_progress
from bunsui.sessions.shape import MachineShape
from bunsui.sessions.snapshot import SessionFailure, SessionSnapshot
from bunsui.sessions.trace import Trace, read_trace

Hidden: TypeAlias = Collection[str | int | float]
"""Values that are shown nowhere."""

_TELLING = 8
"""Characters of a text from which on what a job with sensitive outputs was answered is hidden elsewhere, too."""


def hidden_in_history(shape: MachineShape, events: Sequence[HistoryEvent]) -> frozenset[str | int | float]:
    """Return what an execution's history tells of its jobs' sensitive outputs."""
    if not shape.sensitive:
        return frozenset()
    jobs = {job.name: job for job in job_progress(shape, events)}
    return frozenset(hidden_values(shape, read_trace(events), jobs))


def hidden_values(shape: MachineShape, trace: Trace, jobs: Mapping[str, JobProgress]) -> Iterator[str | int | float]:
    """Return the values of an execution's sensitive outputs, and the longer texts of which these were made."""
    for job, names in shape.sensitive.items():
        progress = jobs.get(job)
        outputs = progress.output if progress is not None and isinstance(progress.output, Mapping) else {}
        for name in names & outputs.keys():
            yield from scalars(outputs[name])
        known = {text for name, value in outputs.items() if name not in names for text in scalars(value)}
        yield from _told_texts(operation_runs(shape, trace, job), known)


def _told_texts(runs: Sequence[OperationRun], known: set[str | int | float]) -> Iterator[str]:
    """Return the longer texts that the operations of a job were answered, but for what is `known`, or was handed to it."""
    handed_over = set(known)
    for run in runs:
        handed_over.update(scalars(run.input))
        if run.output is not None:
            break
    for run in runs:
        texts = (text for text in scalars(run.output) if isinstance(text, str) and len(text) >= _TELLING)
        yield from (text for text in texts if text not in handed_over)


def text_without(text: str, hidden: Hidden) -> str:
    """Return a text without what is hidden."""
    return str(hide_values(text, hidden)) if text else text


def row_without(row: Session, hidden: Hidden) -> Session:
    """Return a session's row without what is hidden, in whatever tells of failures."""
    if not hidden:
        return row
    note = row.failure
    return replace(
        row,
        attempts=tuple(_attempt(one, hidden) for one in row.attempts),
        duplicates=tuple(_attempt(one, hidden) for one in row.duplicates),
        failure=None if note is None else replace(note, message=text_without(note.message, hidden)),
        warned=tuple(text_without(one, hidden) for one in row.warned),
    )


def snapshot_without(snapshot: SessionSnapshot, hidden: Hidden) -> SessionSnapshot:
    """Return what was seen of a session without what is hidden, in whatever tells of failures."""
    if not hidden:
        return snapshot
    return replace(
        snapshot,
        session=row_without(snapshot.session, hidden),
        jobs=_jobs(snapshot.jobs, hidden),
        failure=None if snapshot.failure is None else _failure(snapshot.failure, hidden),
        children=tuple(
            replace(child, jobs=None if child.jobs is None else _jobs(child.jobs, hidden)) for child in snapshot.children
        ),
        compared=tuple(replace(one, jobs=None if one.jobs is None else _jobs(one.jobs, hidden)) for one in snapshot.compared),
    )


def _attempt(attempt: Attempt, hidden: Hidden) -> Attempt:
    return replace(attempt, cause=text_without(attempt.cause, hidden))


def _jobs(jobs: Sequence[JobProgress], hidden: Hidden) -> tuple[JobProgress, ...]:
    return tuple(
        replace(
            job,
            cause=text_without(job.cause, hidden),
            warnings=tuple(text_without(one, hidden) for one in job.warnings),
            failed_items=tuple(replace(item, message=text_without(item.message, hidden)) for item in job.failed_items),
        )
        for job in jobs
    )


def _failure(failure: SessionFailure, hidden: Hidden) -> SessionFailure:
    return replace(
        failure,
        cause=text_without(failure.cause, hidden),
        message=text_without(failure.message, hidden),
        traceback=tuple(text_without(one, hidden) for one in failure.traceback),
        last_lines=tuple(text_without(one, hidden) for one in failure.last_lines),
    )
