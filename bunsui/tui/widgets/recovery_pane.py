"""The ways to go on with a session: a row for each, and below what is to be known of the one under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from bunsui.command_line import Invocation
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.tui.widgets.virtual_table import Cells, Column, VirtualTable
from bunsui.view.sessions.tabs.recovery_rows import TITLES, WayRow
from bunsui.view.spans import Line, Role, line, span
from bunsui.view.table import cells

_COLUMNS = (
    Column(title=TITLES[0], width=26),
    Column(title=TITLES[1], width=22, least_room=96),
    Column(title=TITLES[2], width=22, least_room=72),
    Column(title=TITLES[3], width=12, right=True, least_room=60),
    Column(title=TITLES[4], width=16, right=True, least_room=110),
    Column(title=TITLES[5]),
)


class RecoveryPane(Vertical):
    """Shows the ways; `enter` on one asks for it, which whoever holds the pane hears as `VirtualTable.Chosen`."""

    DEFAULT_CSS = """
    RecoveryPane {
        & > VirtualTable { height: auto; max-height: 60%; }
        & > LinePane { margin: 1 0 0 0; padding: 0 1; }
    }
    """

    def __init__(self, invocation: Invocation) -> None:
        """Begin without ways; `invocation` completes the commands."""
        super().__init__(id="recovery")
        self.table = VirtualTable(_COLUMNS, id="ways")
        self.page = LinePane(id="way", invocation=invocation)
        self._rows: dict[str, WayRow] = {}
        self._told: tuple[Line, ...] = ()
        self._shown: tuple[int, ...] = tuple(range(len(_COLUMNS)))
        """The columns that some row has something in."""

    def compose(self) -> ComposeResult:
        """The rows above, one of them below."""
        yield self.table
        yield self.page

    @property
    def current(self) -> WayRow | None:
        """The way under the cursor."""
        return self._rows.get(self.table.cursor_key or "")

    def wait(self) -> None:
        """Say that the ways are being found out."""
        self.page.show((line(span("finding out what each way would keep and run …", Role.MUTED)),), from_top=True)

    def show_ways(self, rows: Sequence[WayRow], told: tuple[Line, ...]) -> None:
        """Show these rows, with what there is to say of all of them."""
        self._rows = {row.key: row for row in rows}
        self._told = told
        last = len(_COLUMNS) - 1
        self._shown = tuple(at for at in range(last + 1) if at == last or any(row.cells[at].text for row in rows))
        self.table.set_columns([self._column(at) for at in self._shown])
        self.table.styles.height = len(rows) + 1
        self.table.show(tuple(self._rows), self._cells)
        self._show_page()

    @on(VirtualTable.Moved)
    def _on_moved(self, event: VirtualTable.Moved) -> None:
        event.stop()
        self._show_page()

    def _show_page(self) -> None:
        row = self.current
        self.page.show(
            (*(row.page if row is not None else ()), *([line()] if row is not None else []), *self._told), from_top=True
        )

    def _cells(self, key: str) -> Cells:
        every = self._rows[key].cells
        return tuple(every[at] for at in self._shown)

    def _column(self, at: int) -> Column:
        """Return a column; that of the ways is as wide as their names."""
        widest = max((cells(row.cells[0].text) for row in self._rows.values()), default=0)
        return _COLUMNS[at] if at else replace(_COLUMNS[0], width=min(max(widest, len(TITLES[0])), _COLUMNS[0].width))
