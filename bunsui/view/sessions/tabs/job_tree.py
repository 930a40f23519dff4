"""The jobs of a session as a tree that unfolds: nested pipelines below the job that runs them, items below their foreach."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from bunsui.model.session import JobProgress, JobStatus
from bunsui.view.sessions.job_rows import JobRow, job_row
from bunsui.view.sessions.timeline import Window

if TYPE_CHECKING:
    from bunsui.services.history.events import EventList, SessionEvent

_ENDS = ("StateExited", "ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted")
_BAD = ("Failed", "TimedOut", "Aborted")


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeRow:
    """A row of the tree."""

    row: JobRow
    can_fold: bool = False
    is_open: bool = False

    @property
    def mark(self) -> str:
        """What stands before the name."""
        return ("▾ " if self.is_open else "▸ ") if self.can_fold else "  "


def tree_of(rows: Sequence[JobRow], items: Mapping[str, Sequence[JobRow]], turned: Collection[str]) -> tuple[TreeRow, ...]:
    """Return the rows that are open to be seen. Nested pipelines begin unfolded and items folded; `turned` are the jobs that
    somebody folded or unfolded, by path. `items` are those that are known, by the path of their job."""
    paths = {row.path for row in rows}
    parents = {path.rpartition("/")[0] for path in paths}
    found: list[TreeRow] = []
    hidden = ""
    for row in rows:
        if hidden and row.path.startswith(hidden):
            continue
        hidden = ""
        runs_others, has_items = row.path in parents, bool(row.items)
        is_open = (row.path in turned) != runs_others
        found.append(TreeRow(row=row, can_fold=runs_others or has_items, is_open=is_open))
        if is_open:
            found += [TreeRow(row=item) for item in items.get(row.path, ())]
        elif runs_others:
            hidden = f"{row.path}/"
    return tuple(found)


def item_rows(
    found: EventList,
    rows: Sequence[JobRow],
    window: Window | None,
    *,
    now: datetime,
    zone: tzinfo,
    execution: int | None = None,
) -> Mapping[str, tuple[JobRow, ...]]:
    """Return the items of each foreach, by the path of its job, in the order in which they began: as events tell of them, of
    the last execution that has any, or of the one that is asked for."""
    wanted: dict[str, JobRow] = {row.path: row for row in rows if row.items and not row.item}
    by_job: dict[str, list[SessionEvent]] = {}
    for event in found.events:
        if event.item and event.job in wanted and execution in (None, event.execution):
            by_job.setdefault(event.job, []).append(event)
    return {job: tuple(_rows(events, wanted[job], window, now, zone)) for job, events in by_job.items()}


def _rows(
    events: Sequence[SessionEvent], above: JobRow, window: Window | None, now: datetime, zone: tzinfo
) -> Iterator[JobRow]:
    last = max(event.execution for event in events)
    of_items: dict[str, list[SessionEvent]] = {}
    for event in events:
        if event.execution == last:
            of_items.setdefault(event.item, []).append(event)
    for label, inside in of_items.items():
        row = job_row(_progress(label, inside, above), window, now=now, zone=zone)
        yield replace(row, path=above.path, depth=above.depth + 1, item=label)


def _progress(label: str, events: Sequence[SessionEvent], above: JobRow) -> JobProgress:
    """Return where an item stands: it failed where an error was not followed by a good answer, and it goes on where nothing
    was left since."""
    error = ""
    for event in events:
        error = event.error if event.error else "" if event.type.endswith("Succeeded") else error
    is_over = above.status.is_final or events[-1].type.endswith(_ENDS) or events[-1].type.endswith(_BAD)
    status = JobStatus.FAILED if error and is_over else JobStatus.SUCCEEDED if is_over else JobStatus.RUNNING
    if is_over and not error and not events[-1].type.endswith(_ENDS):
        status = JobStatus.STOPPED
    tries = max(event.number_of_try for event in events)
    stopped = events[-1].at if is_over else None
    return JobProgress(
        name=label, status=status, started_at=events[0].at, stopped_at=stopped, tries=tries, error=error
    )  # fmt: skip
