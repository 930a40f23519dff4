"""The Sessions screen: a live list, newest first, with a filter language."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from bunsui.tui.bridge import Bridge
from bunsui.tui.messages import SessionsListed, Work
from bunsui.tui.polling import LIST_SECONDS
from bunsui.tui.problem import Problem, problem_lines
from bunsui.tui.screens.choose import Choice, ChooseScreen
from bunsui.tui.screens.polled import PolledScreen
from bunsui.tui.screens.session import SessionScreen
from bunsui.tui.session_filter import parse_filter
from bunsui.tui.widgets.filter_bar import FilterBar
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.tui.widgets.virtual_table import Cells, Column, VirtualTable
from bunsui.view.session_view import SessionRow, session_rows
from bunsui.view.session_words import zone_name
from bunsui.view.spans import Role, line, span

COLUMNS = (
    Column(title="status", width=12),
    Column(title="pipeline"),
    Column(title="date", width=10),
    Column(title="started", width=19, least_room=94),
    Column(title="took", width=11, right=True),
    Column(title="failed job", width=14, least_room=66),
    Column(title="session", width=11, least_room=118),
    Column(title="started by", width=18, least_room=136),
)
_SYMBOL, _ID, _PIPELINE, _STATUS, _DATE, _STARTED, _TOOK, _ATTEMPT, _FAILED_JOB, _WHO = range(10)


class SessionsScreen(PolledScreen):
    """The list; `enter` opens the session under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yank", "copy…"),
        Binding("escape", "back", "clear the filter", show=False),
    ]

    DEFAULT_CSS = """
    SessionsScreen {
        & #told { display: none; padding: 0 1; }
        &.-telling #told { display: block; }
        &.-telling #sessions { display: none; }
    }
    """

    work = Work.SESSIONS

    def __init__(self, bridge: Bridge) -> None:
        """Begin with an empty list."""
        super().__init__(bridge, every_seconds=LIST_SECONDS)
        self.table = VirtualTable(COLUMNS, id="sessions")
        self.told = LinePane(id="told")
        self._rows: dict[str, SessionRow] = {}

    def body(self) -> ComposeResult:
        """The table, and what stands in its place while there is nothing to list."""
        yield self.table
        yield self.told

    def on_mount(self) -> None:
        """Say that the list is being read."""
        super().on_mount()
        self._tell_waiting()
        self.table.focus()

    def ask(self) -> None:
        """Ask for the list."""
        self.bridge.list_sessions(self)

    def on_sessions_listed(self, message: SessionsListed) -> None:
        """Show the list."""
        rows = session_rows(message.sessions, now=message.at, zone=self.bridge.zone)
        self._rows = {row.id: row for row in rows}
        self.answered()
        self._refill()

    def show_nothing_but(self, problem: Problem) -> None:
        """Show the problem in place of the list."""
        self.add_class("-telling")
        self.title_bar.show(line(span("Sessions", Role.STRONG)))
        self.told.show(problem_lines(problem), from_top=True)

    def action_yank(self) -> None:
        """Copy the id, the pipeline or the command of the session under the cursor."""
        row = self._rows.get(self.table.cursor_key or "")
        if row is None:
            return
        choices = [
            Choice(label="session", value=row.id),
            Choice(label="pipeline", value=row.pipeline),
            Choice(label="command", value=f"bunsui show {row.id}"),
        ]
        self.app.push_screen(ChooseScreen("Copy", choices), self._copy)

    def _copy(self, choice: Choice | None) -> None:
        if choice is not None:
            self.app.copy_to_clipboard(choice.value)
            self.say(line(span("copied ", Role.MUTED), span(choice.value, Role.NAME)))

    @on(VirtualTable.Chosen)
    def _chosen(self, event: VirtualTable.Chosen) -> None:
        self.app.push_screen(SessionScreen(self.bridge, event.key))

    @on(FilterBar.Changed)
    def _filtered(self) -> None:
        self._refill()

    @on(FilterBar.Closed)
    def _filter_closed(self) -> None:
        self.table.focus()

    def _refill(self) -> None:
        wanted = parse_filter(self.filter.value)
        now = self.bridge.now()
        shown = tuple(key for key, row in self._rows.items() if wanted.shows(row, now=now))
        self.table.show(shown, self._cells)
        zone = span(f"  times in {zone_name(self.bridge.zone)}", Role.MUTED)
        misread = [span(f"not understood: {' '.join(wanted.misread)}  ", Role.WARN)] if wanted.misread else []
        chip = self.filter.chip(len(shown), len(self._rows))
        self.title_bar.show(line(span("Sessions", Role.STRONG), zone), line(*misread, *chip.parts))
        if self.read_at is not None and not shown:
            self._tell_empty()
        else:
            self.set_class(not shown, "-telling")

    def _tell_waiting(self) -> None:
        self.add_class("-telling")
        self.title_bar.show(line(span("Sessions", Role.STRONG)))
        self.told.show((line(span("reading the sessions …", Role.MUTED)),))

    def _tell_empty(self) -> None:
        self.add_class("-telling")
        if self._rows:
            self.told.show((line(span("nothing matches the filter", Role.MUTED)), line(span("esc", Role.HINT), " clears it")))
        else:
            self.told.show(
                (
                    line(span("No sessions yet", Role.STRONG)),
                    line(),
                    line(span("bunsui run PIPELINE", Role.HINT), span("  starts one", Role.MUTED)),
                )
            )

    def _cells(self, key: str) -> Cells:
        cells = self._rows[key].cells
        return (
            line(cells[_SYMBOL], " ", cells[_STATUS]),
            line(cells[_PIPELINE]),
            *(line(cells[index]) for index in (_DATE, _STARTED, _TOOK, _FAILED_JOB, _ID, _WHO)),
        )
