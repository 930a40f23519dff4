"""When each job was at work: a row and a bar for each, in one common window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from bunsui.model.session import JobStatus
from bunsui.tui.widgets.virtual_table import Cells, Column, VirtualTable
from bunsui.view.sessions.job_rows import JobRow
from bunsui.view.sessions.timeline import Window, drawn
from bunsui.view.sessions.wording import duration
from bunsui.view.spans import Role, line, span
from bunsui.view.table import cells as width_of_text

_STATUS, _TOOK = 12, 11


class TimelinePane(VirtualTable, inherit_bindings=False):
    """Shows jobs in the order in which they may run; `enter` opens the job under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *VirtualTable.BINDINGS[:-1],
        Binding("enter", "choose", "open the job", id="list.open", key_display="enter"),
    ]

    DEFAULT_CSS = """
    TimelinePane { height: auto; max-height: 50%; min-height: 2; }
    """

    def __init__(self) -> None:
        """Begin without jobs."""
        super().__init__([Column(title="job"), Column(title="")], id="jobs")
        self._jobs: dict[str, JobRow] = {}
        self._window: Window | None = None
        self._bar = 0

    def show_jobs(self, jobs: Sequence[JobRow], window: Window | None) -> None:
        """Show the jobs and their bars in the window."""
        self._jobs = {job.path: job for job in jobs}
        self._window = window
        self._arrange()

    def move_to_failed(self) -> None:
        """Put the cursor on the first job that failed, inside of what it runs, if any did."""
        failed = [job for job in self._jobs.values() if job.status is JobStatus.FAILED]
        self.move_to(max(failed, key=lambda job: job.depth).path if failed else "")

    def on_resize(self) -> None:
        """Draw the bars anew for the new width."""
        super().on_resize()
        self._arrange()

    def _arrange(self) -> None:
        """Return the columns their widths: names as wide as needed, the bars what is left."""
        name = min(max((width_of_text(_tree_name(job)) for job in self._jobs.values()), default=3), max(self.row_width // 4, 8))
        said = min(max((width_of_text(_row_words(job)) for job in self._jobs.values()), default=0), max(self.row_width // 4, 0))
        bar = self.row_width - 2 - name - _STATUS - _TOOK - said - 8
        columns = [
            Column(title="job", width=name),
            Column(title="status", width=_STATUS),
            Column(title="took", width=_TOOK, right=True),
        ]
        if bar >= 8:
            whole = duration(self._window.seconds) if self._window else ""
            columns.append(Column(title=f"0{whole:>{bar - 1}}", width=bar))
        columns.append(Column(title=""))
        self.set_columns(columns)
        self._bar = bar if bar >= 8 else 0
        self.styles.height = len(self._jobs) + 1
        self.show(tuple(self._jobs), self._cells)

    def _cells(self, key: str) -> Cells:
        job = self._jobs[key]
        cells = [line(span(_tree_name(job), Role.NAME)), line(job.symbol, " ", job.word), line(span(job.took))]
        if self._bar:
            cells.append(line(span(drawn(job.bar, self._bar), job.symbol.role)))
        return (*cells, line(span(_row_words(job), Role.MUTED)))


def _tree_name(job: JobRow) -> str:
    return "  " * job.depth + job.name


def _row_words(job: JobRow) -> str:
    return "  ".join(text for text in (job.items, job.tries, job.note) if text)
