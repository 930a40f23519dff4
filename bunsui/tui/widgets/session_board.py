"""The list of sessions: columns for what differs, as many as there is room for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from bunsui.tui.widgets.virtual_table import Cells, Column, VirtualTable
from bunsui.view.dashboard import rows as cells_of
from bunsui.view.dashboard.rows import BoardRow, Shared
from bunsui.view.spans import Line, Role, line, span
from bunsui.view.table import cells

CellOf = Callable[[BoardRow], Line]
_GAP = 2
_WIDE = 140
"""From so many cells on there is room for how old each row is."""
_LEAST_JOB, _MOST_JOB = 14, 44
"""With less room, what a session is at has no column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardSight:
    """How the rows are looked at."""

    now: Callable[[], datetime]
    zone: Callable[[], tzinfo]
    looked_at: Callable[[str], str]
    """How long ago a pipeline's machine was looked at."""

    def status_of(self, row: BoardRow) -> Line:
        """How it stands."""
        return cells_of.status_cell(row, self.now())

    def started_of(self, row: BoardRow) -> Line:
        """When it started."""
        return cells_of.started_cell(row, self.now(), self.zone())

    def progress_of(self, row: BoardRow) -> Line:
        """How far it was when it was looked at."""
        return cells_of.progress_cell(row, self.now())

    def took_of(self, row: BoardRow) -> Line:
        """How long it takes by now."""
        return cells_of.took_cell(row, self.now())

    def age_of(self, row: BoardRow) -> Line:
        """How old that is."""
        return line(span(self.looked_at(row.pipeline), Role.MUTED))


class SessionBoard(VirtualTable):
    """Shows the rows. Times go on by themselves when it is drawn again."""

    def __init__(self, sight: BoardSight) -> None:
        """Begin without rows."""
        super().__init__([Column(title="status"), Column(title="")], id="sessions")
        self._sight = sight
        self._board: dict[str, BoardRow] = {}
        self.shared = Shared()
        """What its rows have in common."""
        self._marked: frozenset[str] = frozenset()
        self._makers: tuple[CellOf, ...] = ()

    @property
    def row(self) -> BoardRow | None:
        """The row under the cursor."""
        return self._board.get(self.cursor_key or "")

    def show_rows(self, rows: Sequence[BoardRow], shared: Shared, marked: frozenset[str]) -> None:
        """Show these rows; what they share has no column."""
        self._board = {row.key: row for row in rows}
        self.shared, self._marked = shared, marked
        self._arrange()

    def on_resize(self) -> None:
        """Show as many columns as the new room holds."""
        self._arrange()

    def tick(self) -> None:
        """Let the times of what runs go on."""
        if any(row.is_running or row.run is not None for row in self._board.values()):
            self.refresh()

    def _arrange(self) -> None:
        rows = tuple(self._board.values())
        chosen = board_columns(rows, self.shared, self._sight, self._marked, room=self.row_width - _GAP)
        self.set_columns([column for column, _ in chosen])
        self._makers = tuple(maker for _, maker in chosen)
        self.show(tuple(self._board), self._cells)

    def _cells(self, key: str) -> Cells:
        row = self._board[key]
        return tuple(make(row) for make in self._makers)


def board_columns(
    rows: Sequence[BoardRow], shared: Shared, sight: BoardSight, marked: frozenset[str], *, room: int
) -> tuple[tuple[Column, CellOf], ...]:
    """Return the columns that fit into so many cells, each with what makes its cells: status, name, start and time always, then
    what is to be known first. Room that is left goes to the names."""
    always: dict[str, tuple[Column, CellOf]] = {
        "status": (_column("status", rows, sight.status_of, most=22), sight.status_of),
        "pipeline": (_column("pipeline", rows, _name, most=30), _name),
        "started": (_column("started", rows, sight.started_of, most=16), sight.started_of),
        "took": (_column("took", rows, sight.took_of, most=10, least=6, right=True, quiet=True), sight.took_of),
    }
    if marked:
        always[""] = (
            Column(title="", width=1, quiet=True),
            lambda row: line(span("x" if row.key in marked else " ", Role.WARN)),
        )
    left = room - sum(column.width + _GAP for column, _ in always.values()) + _GAP
    if left < 0:
        column, maker = always["pipeline"]
        always["pipeline"] = (replace(column, width=max(column.width + left, 4)), maker)
    more: dict[str, tuple[Column, CellOf]] = {}
    left -= _LEAST_JOB + _GAP
    for title, column, maker in _further(rows, shared, sight, room):
        if left >= column.width + _GAP:
            more[title] = (column, maker)
            left -= column.width + _GAP
    if left >= 0:
        most = min(left + _LEAST_JOB, _MOST_JOB)
        more["job now"] = (_column("job now", rows, cells_of.job_cell, most=most, least=_LEAST_JOB), cells_of.job_cell)
    every = {**always, **more}
    room -= sum(column.width + _GAP for column, _ in every.values()) - _GAP
    column, maker = every["pipeline"]
    longest = max((cells(row.pipeline) for row in rows), default=0)
    every["pipeline"] = (replace(column, width=column.width + max(min(longest - column.width, room), 0)), maker)
    return tuple(every[title] for title in _ORDER if title in every)


_ORDER = (*("", "status", "pipeline", "job now", "progress", "started", "took", "p95", "attempt", "for", "by", "looked at"),)
"""From the left to the right."""


def _name(row: BoardRow) -> Line:
    return line(span(row.pipeline))


def _further(rows: Sequence[BoardRow], shared: Shared, sight: BoardSight, room: int) -> list[tuple[str, Column, CellOf]]:
    """Return what is shown where there is room, the most wanted first."""
    found: list[tuple[str, Column, CellOf]] = []
    if shared.has_progress:
        progress = sight.progress_of
        found.append(("progress", _column("progress", rows, progress, most=20, quiet=True), progress))
    if shared.has_attempts:
        found.append(("attempt", Column(title="attempt", width=7), cells_of.attempt_cell))
    if shared.has_p95:
        found.append(("p95", Column(title="p95", width=7, right=True, quiet=True), cells_of.p95_cell))
    if not shared.by:
        found.append(("by", _column("by", rows, cells_of.by_cell, most=18), cells_of.by_cell))
    if shared.has_slots:
        found.append(("for", Column(title="for", width=10), cells_of.slot_cell))
    if room >= _WIDE:
        found.append(("looked at", Column(title="looked at", width=14, right=True, quiet=True), sight.age_of))
    return found


def _column(
    title: str, rows: Sequence[BoardRow], make: CellOf, *, most: int, least: int = 0, right: bool = False, quiet: bool = False
) -> Column:
    """Return a column that is as wide as its rows need, within bounds."""
    widest = max((cells(make(row).text) for row in rows), default=0)
    return Column(title=title, width=max(min(widest, most), len(title), least), right=right, quiet=quiet)
