"""When each job was at work: a row and a bar for each, in one common window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from bunsui.model.session import JobStatus
from bunsui.tui.widgets.virtual_table import Cells, Column, VirtualTable
from bunsui.view.sessions.job_rows import JobRow
from bunsui.view.sessions.tabs.job_tree import TreeRow, tree_of
from bunsui.view.sessions.timeline import Window, drawn
from bunsui.view.sessions.wording import duration
from bunsui.view.spans import Role, line, span
from bunsui.view.table import cells as width_of_text

_STATUS, _TOOK = 12, 11
_SAID = 20
"""Cells that what is said of a job may take at least: "waits until" with a time."""


class TimelinePane(VirtualTable, inherit_bindings=False):
    """Shows jobs in the order in which they may run; the cursor chooses the one that other tabs are about, and space unfolds
    what a job runs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *VirtualTable.BINDINGS[:-1],
        Binding("space", "fold", "fold", show=False, id="jobs.fold"),
        Binding("enter", "choose", "open the job", id="list.open", key_display="enter"),
    ]

    class Folded(Message):
        """Something was folded or unfolded."""

    DEFAULT_CSS = """
    TimelinePane { height: auto; max-height: 50%; min-height: 2; }
    """

    def __init__(self) -> None:
        """Begin without jobs."""
        super().__init__([Column(title="job"), Column(title="")], id="jobs")
        self._rows: Sequence[JobRow] = ()
        self._items: Mapping[str, Sequence[JobRow]] = {}
        self._turned: set[str] = set()
        """Jobs that were folded or unfolded, by path."""
        self._tree: dict[str, TreeRow] = {}
        self._window: Window | None = None
        self._bar = 0

    def show_jobs(self, jobs: Sequence[JobRow], window: Window | None) -> None:
        """Show the jobs and their bars in the window."""
        self._rows, self._window = jobs, window
        self._arrange()

    def show_items(self, items: Mapping[str, Sequence[JobRow]]) -> None:
        """Show these items below their jobs, by the path of the job, where they are unfolded."""
        self._items = items
        self._arrange()

    @property
    def job(self) -> str:
        """The path of the job under the cursor, on an item of it as well; empty without jobs."""
        found = self._tree.get(self.cursor_key or "")
        return found.row.path if found is not None else ""

    @property
    def item(self) -> str:
        """The label of the item under the cursor; empty for a job."""
        found = self._tree.get(self.cursor_key or "")
        return found.row.item if found is not None else ""

    @property
    def shows_items(self) -> bool:
        """True when some foreach is unfolded."""
        return any(one.is_open and one.row.items for one in self._tree.values())

    def action_fold(self) -> None:
        """Fold what stands below the job under the cursor, or unfold it."""
        found = self._tree.get(self.cursor_key or "")
        if found is not None and found.row.item:
            self.move_to(found.row.path)
            found = self._tree.get(found.row.path)
        if found is not None and found.can_fold:
            self._turned ^= {found.row.path}
            self._arrange()
            self.post_message(self.Folded())

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the row; a click on its mark folds or unfolds it."""
        key = self.key_at(event.y)
        found = self._tree.get(key or "")
        if key is not None:
            self.move_to(key)
        if found is not None and found.can_fold and 0 < event.x <= 3 + 2 * found.row.depth:
            self.action_fold()

    def move_to_failed(self) -> None:
        """Put the cursor on the first job that failed, inside of what it runs, if any did."""
        failed = [one.row for one in self._tree.values() if one.row.status is JobStatus.FAILED]
        self.move_to(max(failed, key=lambda job: job.depth).key if failed else "")

    def on_resize(self) -> None:
        """Draw the bars anew for the new width."""
        self._arrange()

    def _arrange(self) -> None:
        """Return the columns their widths: names as wide as needed, the bars what is left."""
        tree = tree_of(self._rows, self._items, self._turned)
        self._tree = {one.row.key: one for one in tree}
        name = min(max((width_of_text(_tree_name(one)) for one in tree), default=3), max(self.row_width // 4, 8))
        said = min(max((width_of_text(_row_words(one.row)) for one in tree), default=0), max(self.row_width // 4, _SAID))
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
        self.styles.height = len(tree) + 1
        self.show(tuple(self._tree), self._cells)

    def _cells(self, key: str) -> Cells:
        one = self._tree[key]
        job = one.row
        cells = [line(span(_tree_name(one), Role.NAME)), line(job.symbol, " ", job.word), line(span(job.took))]
        if self._bar:
            cells.append(line(span(drawn(job.bar, self._bar), job.symbol.role)))
        return (*cells, line(span(_row_words(job), Role.MUTED)))


def _tree_name(one: TreeRow) -> str:
    return "  " * one.row.depth + one.mark + one.row.name


def _row_words(job: JobRow) -> str:
    return "  ".join(text for text in (job.items, job.tries, job.note) if text)
