"""The Sessions screen: a live list, newest first, with a filter language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from bunsui.command_line import command_line
from bunsui.model.session import Session
from bunsui.services.session_filter import parse_filter
from bunsui.tui.bridge import Bridge
from bunsui.tui.feed.machines import MachinesSubject
from bunsui.tui.feed.news import FeedNews
from bunsui.tui.feed.sessions import SessionsSubject
from bunsui.tui.feed.subject import Subject
from bunsui.tui.problem import ShownProblem, problem_lines
from bunsui.tui.screens.acting import ActingScreen
from bunsui.tui.screens.base import ago
from bunsui.tui.screens.choose import ChooseScreen, MenuChoice
from bunsui.tui.screens.session import SessionScreen
from bunsui.tui.widgets.filter_bar import FilterBar
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.tui.widgets.virtual_table import Cells, Column, VirtualTable
from bunsui.view.safe import safe
from bunsui.view.sessions.model import SessionRow, session_rows
from bunsui.view.sessions.wording import zone_name
from bunsui.view.spans import Role, Span, line, span

if TYPE_CHECKING:
    from bunsui.services.sessions import SessionList

_OLD_SECONDS = 30
"""From this age on the list says whose machine was looked at so long ago."""

COLUMNS = (
    Column(title="status", width=12),
    Column(title="pipeline"),
    Column(title="date", width=10, least_room=94),
    Column(title="started", width=19),
    Column(title="took", width=11, right=True),
    Column(title="failed job", width=14, least_room=66),
    Column(title="session", width=11, least_room=118),
    Column(title="started by", width=18, least_room=136),
    Column(title="looked at", width=16, right=True, least_room=154),
)
_MARK = Column(title="", width=1, quiet=True)
_SYMBOL, _ID, _PIPELINE, _STATUS, _DATE, _STARTED, _TOOK, _ATTEMPT, _FAILED_JOB, _WHO = range(10)


class SessionsScreen(ActingScreen):
    """The list; `enter` opens the session under the cursor, space marks it for what is done with several."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "mark", id="sessions.mark", show=False),
        Binding("y", "yank", "copy…", id="screen.copy"),
        Binding("escape", "back", "clear the filter", id="screen.back", show=False),
    ]

    DEFAULT_CSS = """
    SessionsScreen {
        & #told { display: none; padding: 0 1; }
        &.-telling #told { display: block; }
        &.-telling #sessions { display: none; }
    }
    """

    def __init__(self, bridge: Bridge) -> None:
        """Begin with an empty list."""
        super().__init__(bridge)
        self.table = VirtualTable(COLUMNS, id="sessions")
        self.told = LinePane(id="told", invocation=bridge.invocation)
        self._rows: dict[str, SessionRow] = {}
        self._sessions: dict[str, Session] = {}
        self._marked: set[str] = set()
        self._is_cut = False
        """Whether there are more sessions, or more that fit, than the list holds."""
        self._holds_all = True
        """Whether all sessions are in the list; else the table is asked for what fits the filter."""
        self._fitting = ""
        """The filter by which the list was read."""
        self._machines_looked_at: Mapping[str, datetime | None] = {}
        self._shortened = 0
        """Of how many machines older runs were never looked at."""
        self._is_visited = False
        """Whether machines were looked at since the screen was opened."""

    def body(self) -> ComposeResult:
        """The table, and what stands in its place while there is nothing to list."""
        yield self.table
        yield self.told

    def on_mount(self) -> None:
        """Say that the list is being read."""
        super().on_mount()
        self._tell_waiting()
        self.table.focus()

    def subjects(self) -> Sequence[Subject[Any]]:
        """The rows, those that fit the filter where the list is too short for all, and beside them a look at machines."""
        return (SessionsSubject(fitting="" if self._holds_all else self.filter.value), MachinesSubject())

    def on_feed_news(self, news: FeedNews) -> None:
        """Show the list; read it again when a look at the machines had news."""
        listed, *_ = self.subjects()
        if isinstance(listed, SessionsSubject) and (rows := news.about(listed)) is not None and rows.value is not None:
            self._show_list(rows.value, at=rows.at or self.bridge.now(), fitting=listed.fitting)
        elif (visited := news.about(MachinesSubject())) is not None and visited.value is not None:
            is_first, self._is_visited = not self._is_visited, True
            if is_first or (visited.problem is None and any(visit.changes for visit in visited.value.visits)):
                self.bridge.feed.refresh(listed)

    def _show_list(self, listed: SessionList, *, at: datetime, fitting: str) -> None:
        rows = session_rows(listed.sessions, now=at, zone=self.bridge.zone)
        self._rows = {row.id: row for row in rows}
        self._sessions = {one.id: one for one in listed.sessions}
        self._is_cut, self._fitting, self.read_at = listed.is_cut, fitting, at
        self._machines_looked_at, self._shortened = listed.looked_at, listed.shortened
        if not fitting:
            self._holds_all = not listed.is_cut
            if not self._holds_all and self.filter.value:
                self.look()
        self._refill()

    def show_nothing_but(self, problem: ShownProblem) -> None:
        """Show the problem in place of the list."""
        self.add_class("-telling")
        self.title_bar.show(line(span("Sessions", Role.STRONG)))
        self.told.show(problem_lines(problem), from_top=True)

    def targets(self) -> Sequence[Session]:
        """The marked sessions, else the one under the cursor."""
        keys = [key for key in self.table.keys if key in self._marked] or [self.table.cursor_key or ""]
        return tuple(self._sessions[key] for key in keys if key in self._sessions)

    def action_mark(self) -> None:
        """Mark the session under the cursor, or take the mark away, and go on to the next."""
        key = self.table.cursor_key
        if key is not None:
            self._marked ^= {key}
            self.table.action_move(1)
            self._refill()
            self.refresh_bindings()

    def action_back(self) -> None:
        """Take the marks away, then the filter."""
        if self._marked and not self.filter.is_open:
            self.after_action()
        else:
            super().action_back()

    def after_action(self) -> None:
        """Take the marks away."""
        self._marked.clear()
        self._refill()
        self.refresh_bindings()

    @on(VirtualTable.Moved)
    def _on_moved(self) -> None:
        self.refresh_bindings()

    def action_yank(self) -> None:
        """Copy the id, the pipeline or the command of the session under the cursor."""
        row = self._rows.get(self.table.cursor_key or "")
        if row is None:
            return
        choices = [
            MenuChoice(label="session", value=row.id),
            MenuChoice(label="pipeline", value=row.pipeline),
            MenuChoice(label="command", value=self.bridge.invocation.complete(command_line("show", row.id))),
        ]
        self.app.push_screen(ChooseScreen("Copy", choices), self._copy)

    def _copy(self, choice: MenuChoice | None) -> None:
        if choice is not None:
            self.app.copy_to_clipboard(choice.value)
            self.answer(line(span("copied ", Role.MUTED), span(choice.value, Role.NAME)))

    @on(VirtualTable.Chosen)
    def _chosen(self, event: VirtualTable.Chosen) -> None:
        self.app.push_screen(SessionScreen(self.bridge, event.key))

    @on(FilterBar.Changed)
    def _filtered(self) -> None:
        self._refill()
        if not self._holds_all:
            self.look()

    @on(FilterBar.Closed)
    def _filter_closed(self) -> None:
        self.table.focus()

    def _refill(self) -> None:
        wanted = parse_filter(self.filter.value)
        now = self.bridge.now()
        shown = tuple(key for key, one in self._sessions.items() if wanted.fits(one, now=now))
        self._marked &= self._sessions.keys()
        self.table.set_columns((_MARK, *COLUMNS) if self._marked else COLUMNS)
        self.table.show(shown, self._cells)
        zone = span(f"  times in {zone_name(self.bridge.zone)}{self._age()}{self._unseen()}", Role.MUTED)
        misread = [span(f"{one.word}: {one.hint}  ", Role.WARN) for one in wanted.misread[:1]]
        if self._marked:
            misread.append(span(f"{len(self._marked)} marked  ", Role.STRONG))
        chip = self.filter.chip(len(shown), None if self._fitting else len(self._rows))
        self.title_bar.show(line(span("Sessions", Role.STRONG), zone), line(*misread, *chip.parts, self._wholeness()))
        if not self._rows and not self._is_visited and not self.polling.failures:
            self._tell_waiting()
        elif self.read_at is not None and not shown:
            self._tell_empty()
        else:
            self.set_class(not shown, "-telling")

    def _wholeness(self) -> Span:
        """Say whether the list holds everything that there is, or that fits."""
        if self._fitting != self.filter.value and not self._holds_all:
            return span(" of the newest; reading …", Role.MUTED)
        if self._is_cut:
            return span(", the newest", Role.WARN)
        return span(", all read" if self._rows else "", Role.MUTED)

    def _age(self) -> str:
        """Say which machine was not looked at for longest, when that is long."""
        never = [name for name, at in self._machines_looked_at.items() if at is None]
        if never:
            return f"  {_machines(len(never))} not looked at yet" if self._is_visited else ""
        known = [(at, name) for name, at in self._machines_looked_at.items() if at is not None]
        if not known:
            return ""
        at, name = min(known)
        is_old = (self.bridge.now() - at).total_seconds() > _OLD_SECONDS
        return f"  {safe(name)} looked at {ago(at, self.bridge.now())}" if is_old else ""

    def _unseen(self) -> str:
        return f"  older runs of {_machines(self._shortened)} not looked at" if self._shortened else ""

    def _look_age(self, session_id: str) -> str:
        """Say when the machine of the session's pipeline was looked at: so old is what its row says."""
        session = self._sessions.get(session_id)
        at = self._machines_looked_at.get(session.pipeline) if session is not None else None
        return ago(at, self.bridge.now()) if at is not None else ""

    def _tell_waiting(self) -> None:
        self.add_class("-telling")
        self.title_bar.show(line(span("Sessions", Role.STRONG)))
        self.told.show((line(span("reading the sessions …", Role.MUTED)),))

    def _tell_empty(self) -> None:
        self.add_class("-telling")
        if not self.bridge.is_managed and not self._rows:
            self.told.show((line(span("No executions seen", Role.STRONG)), line(span(self._age().strip(), Role.MUTED))))
        elif self._rows:
            self.told.show((line(span("nothing matches the filter", Role.MUTED)), line(span("esc", Role.HINT), " clears it")))
        else:
            self.told.show(
                (
                    line(span("No sessions yet", Role.STRONG)),
                    line(),
                    line(span(command_line("run", "PIPELINE"), Role.COMMAND), span("  starts one", Role.MUTED)),
                )
            )

    def _cells(self, key: str) -> Cells:
        cells = self._rows[key].cells
        mark = (line(span("x" if key in self._marked else " ", Role.WARN)),) if self._marked else ()
        return (
            *mark,
            line(cells[_SYMBOL], " ", cells[_STATUS]),
            line(cells[_PIPELINE]),
            *(line(cells[index]) for index in (_DATE, _STARTED, _TOOK, _FAILED_JOB, _ID, _WHO)),
            line(span(self._look_age(key), Role.MUTED)),
        )


def _machines(count: int) -> str:
    return f"{count} machine{'s' * (count != 1)}"
