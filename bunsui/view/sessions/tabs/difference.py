"""Two attempts of a session side by side: how each job went in either, and where that differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from bunsui.model.session import JobProgress, Session
from bunsui.sessions.snapshot import AttemptJobs
from bunsui.view.sessions.attempts import job_cell
from bunsui.view.sessions.wording import between, duration
from bunsui.view.spans import Line, Role, Span, line, span
from bunsui.view.table import Layout, table

_SAME_SECONDS = 1.0
"""Times that lie closer together are no difference."""


def difference_lines(
    compared: Sequence[AttemptJobs], session: Session, numbers: tuple[int, int], *, now: datetime
) -> tuple[Line, ...]:
    """Return a table of the jobs in the attempts of these two numbers, with what differs in words."""
    found = {one.number: one for one in compared}
    left, right = (found.get(number) for number in numbers)
    if left is None or right is None or left.jobs is None or right.jobs is None:
        gone = ", ".join(str(number) for number in numbers if found.get(number) is None or found[number].jobs is None)
        return (line(span(f"attempt {gone} is not compared: it is too old, or Step Functions has forgotten it", Role.WARN)),)
    before, after = ({job.name: job for job in one.jobs or ()} for one in (left, right))
    names = list(dict.fromkeys((*before, *after)))
    kinds = {attempt.number: attempt.kind for attempt in session.attempts}
    header = ("job", *(f"attempt {number} {kinds.get(number, '')}".strip() for number in numbers), "difference")
    rows = [_row(name, before.get(name), after.get(name), now) for name in names]
    return table(header, rows, Layout(limit=40, whole=frozenset({0})))


def _row(name: str, left: JobProgress | None, right: JobProgress | None, now: datetime) -> tuple[Span, ...]:
    cells = (span("–", Role.MUTED) if job is None else job_cell(job, now) for job in (left, right))
    told = ", ".join(_differences(left, right, now))
    return (span(name, Role.NAME), *cells, span(told or "same", Role.WARN if told else Role.MUTED))


def _differences(left: JobProgress | None, right: JobProgress | None, now: datetime) -> Iterator[str]:
    if left is None or right is None:
        yield "only in one"
        return
    if left.status is not right.status:
        yield f"{left.status.value.replace('_', ' ')} → {right.status.value.replace('_', ' ')}"
    elif left.error != right.error:
        yield f"{left.error or 'no error'} → {right.error or 'no error'}"
    if left.output is not None and right.output is not None and left.output != right.output:
        yield "other outputs"
    first, second = (between(job.started_at, job.stopped_at, now=now) for job in (left, right))
    if first is not None and second is not None:
        more = (second - first).total_seconds()
        if abs(more) >= _SAME_SECONDS:
            yield f"{duration(abs(more))} {'longer' if more > 0 else 'shorter'}"
