"""The Sessions screen, home: what hurts, a live list, the cause of what is under the cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from bunsui.command_line import command_line
from bunsui.model.session import Session
from bunsui.services.session_filter import parse_filter
from bunsui.tui.actions.registry import possible
from bunsui.tui.bridge import Bridge
from bunsui.tui.feed.due import DueSubject
from bunsui.tui.feed.machines import MachinesSubject
from bunsui.tui.feed.news import FeedNews
from bunsui.tui.feed.running import RunningSubject
from bunsui.tui.feed.sessions import SessionsSubject
from bunsui.tui.feed.subject import Known, Subject
from bunsui.tui.polling import DUE_SECONDS
from bunsui.tui.problem import ShownProblem
from bunsui.tui.screens.acting import ActingScreen
from bunsui.tui.screens.base import ago
from bunsui.tui.screens.choose import ChooseScreen, MenuChoice
from bunsui.tui.screens.session import SessionScreen
from bunsui.tui.widgets.bar import Bar
from bunsui.tui.widgets.filter_bar import FilterBar
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.tui.widgets.session_board import BoardSight, SessionBoard
from bunsui.tui.widgets.virtual_table import VirtualTable
from bunsui.view.dashboard.cause import cause_lines
from bunsui.view.dashboard.day import DAY, counts_line, counts_of, rhythm_line, rhythm_of
from bunsui.view.dashboard.rows import DUE, board_rows, shared_of
from bunsui.view.safe import safe
from bunsui.view.sessions.wording import clock_time, zone_name
from bunsui.view.spans import Line, Role, Span, line, span

if TYPE_CHECKING:
    from bunsui.services.sessions import SessionList

_OLD_SECONDS = 30
"""From this age on the list says whose machine was looked at so long ago."""
_OLD_DUE_SECONDS = 2 * DUE_SECONDS
"""From this age on the list says when it was looked for overdue runs."""
_NARROW = 100
"""With fewer columns, the title says the counts without words."""


class SessionsScreen(ActingScreen):
    """The list; `enter` opens the session under the cursor, space marks it for what is done with several."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yank", "copy…", id="screen.copy"),
        Binding("space", "mark", "mark", id="sessions.mark"),
        Binding("escape", "back", "clear the filter", id="screen.back", show=False),
    ]

    DEFAULT_CSS = """
    SessionsScreen {
        & > #title { margin: 1 0 0 0; }
        & #rhythm { margin: 0 0 1 0; }
        & #cause { height: auto; max-height: 8; padding: 0 1; border-top: solid $rule; }
        & #told { display: none; padding: 0 1; }
        &.-telling #told { display: block; }
        &.-telling #sessions, &.-telling #cause { display: none; }
    }
    SessionsScreen.-short #cause { display: none; }
    SessionsScreen.-short #rhythm { margin: 0; }
    """

    def __init__(self, bridge: Bridge) -> None:
        """Begin with an empty list."""
        super().__init__(bridge)
        self.table = SessionBoard(BoardSight(now=bridge.now, zone=lambda: bridge.zone, looked_at=self._look_age))
        self.rhythm = Bar(id="rhythm")
        self.cause = LinePane(id="cause", invocation=bridge.invocation)
        self.cause.can_focus = False
        self.told = LinePane(id="told", invocation=bridge.invocation)
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
        self._offered: tuple[str, ...] = ()
        """The actions that the footer was last drawn with."""

    def body(self) -> ComposeResult:
        """The rhythm of the day, the table, and what stands in its place while there is nothing to list; the cause."""
        yield self.rhythm
        yield self.table
        yield self.told
        yield self.cause

    def on_mount(self) -> None:
        """Say that the list is being read."""
        self._tell_waiting()
        self.table.focus()

    def on_resize(self, event: events.Resize) -> None:
        """Say more where there is room."""
        if self._sessions:
            self._show_titles()

    def subjects(self) -> Sequence[Subject[Any]]:
        """The rows, those that fit the filter where the list is too short for all, and beside them a look at machines, at what
        runs, at what was due."""
        rows = SessionsSubject(fitting="" if self._holds_all else self.filter.value)
        return (rows, MachinesSubject(), RunningSubject(), DueSubject())

    def on_feed_news(self, news: FeedNews) -> None:
        """Show the list; read it again when a look at the machines had news."""
        listed, *_ = self.subjects()
        if isinstance(listed, SessionsSubject) and (rows := news.about(listed)) is not None:
            self._show_list(rows, fitting=listed.fitting)
        elif (visited := news.about(MachinesSubject())) is not None and visited.value is not None:
            is_first, self._is_visited = not self._is_visited, True
            if is_first or (visited.problem is None and any(visit.changes for visit in visited.value.visits)):
                self.bridge.feed.refresh(listed)
        elif self._is_visited:
            self._refill()

    def _show_list(self, known: Known[SessionList], *, fitting: str) -> None:
        listed, first = known.value, not self._sessions
        if listed is None:
            return
        self._sessions = {one.id: one for one in listed.sessions}
        self._is_cut, self._fitting, self.read_at = listed.is_cut, fitting, known.at
        self._machines_looked_at, self._shortened = listed.looked_at, listed.shortened
        if not fitting:
            self._holds_all = not listed.is_cut
            if not self._holds_all and self.filter.value:
                self.look()
        self._refill()
        if first and self._sessions:
            self.bridge.feed.refresh(RunningSubject())

    def show_nothing_but(self, problem: ShownProblem) -> None:
        """Show the problem in place of the list."""
        self.add_class("-telling")
        self.title_bar.show(line(span("Sessions", Role.STRONG)))
        self.told.show(self.problem_text(problem), from_top=True)

    def show_age(self) -> None:
        """Let ages and times go on."""
        super().show_age()
        self.table.tick()
        if self.table.row is not None and (self.table.row.is_running or self.table.row.run is not None):
            self._show_cause()

    def targets(self) -> Sequence[Session]:
        """The marked sessions, else the one under the cursor."""
        keys = [key for key in self.table.keys if key in self._marked] or [self.table.cursor_key or ""]
        return tuple(self._sessions[key] for key in keys if key in self._sessions)

    def action_mark(self) -> None:
        """Mark the session under the cursor, or take the mark away, and go on to the next."""
        key = self.table.cursor_key
        if key in self._sessions:
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
        self._show_cause()
        self._offered = tuple(action.name for action in possible(self.targets()))
        self.refresh_bindings()

    def action_yank(self) -> None:
        """Copy the id, the pipeline, the error or the command of the session under the cursor."""
        row = self.table.row
        if row is None:
            return
        choices = [MenuChoice(label="pipeline", value=row.pipeline)]
        if row.session is not None:
            command = self.bridge.invocation.complete(command_line("show", row.key))
            choices = [MenuChoice(label="session", value=row.key), *choices, MenuChoice(label="command", value=command)]
            if row.session.failure is not None:
                error = row.session.failure
                choices.append(MenuChoice(label="error", value=f"{error.error}: {error.message}"))
        self.app.push_screen(ChooseScreen("Copy", choices), self._copy)

    def _copy(self, choice: MenuChoice | None) -> None:
        if choice is not None:
            self.app.copy_to_clipboard(choice.value)
            self.answer(line(span("copied ", Role.MUTED), span(choice.shown, Role.NAME)))

    @on(VirtualTable.Chosen)
    def _chosen(self, event: VirtualTable.Chosen) -> None:
        if event.key.startswith(DUE):
            self.answer(line(span("no session began: there is nothing to open", Role.MUTED)))
        else:
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
        wanted, now = parse_filter(self.filter.value), self.bridge.now()
        feed = self.bridge.feed
        running, overdue = feed.known_of(RunningSubject()).value, feed.known_of(DueSubject())
        self._marked &= self._sessions.keys()
        shown = [one for one in self._sessions.values() if wanted.fits(one, now=now)]
        seen = running.snapshots if running is not None else {}
        rows = board_rows(shown, overdue.value or (), seen, wanted, due_at=overdue.at)
        self.table.show_rows(rows, shared_of(rows, self.bridge.zone), frozenset(self._marked))
        self._show_titles()
        if not self._sessions and not rows and not self._is_visited and not self.polling.failures:
            self._tell_waiting()
        elif self.read_at is not None and not rows:
            self._tell_empty()
        else:
            self.set_class(not rows, "-telling")
            self._show_cause()
        self._offer_what_is_possible()

    def _offer_what_is_possible(self) -> None:
        """Draw the footer anew where news changed what can be done with what is meant."""
        offered = tuple(action.name for action in possible(self.targets()))
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    def _show_titles(self) -> None:
        """Say how the day goes, and what the list holds."""
        bridge, width = self.bridge, self.app.size.width
        day = bridge.feed.known_of(SessionsSubject())
        sessions = day.value.sessions if day.value is not None else ()
        oldest = sessions[-1].created_at if day.value is not None and day.value.is_cut and sessions else None
        now = day.at or bridge.now()
        due = bridge.feed.known_of(DueSubject())
        counts = counts_of(sessions, due.value or (), now=now, is_whole=oldest is None or now - oldest > DAY)
        parts = [span("Sessions  ", Role.STRONG), *counts_line(counts, is_narrow=width < _NARROW)]
        if self._fitting and day.at is not None:
            parts.append(span(f" at {clock_time(day.at, bridge.zone)}", Role.MUTED))
        by = self.table.shared.by
        parts += [span(f"  by {by}", Role.MUTED)] if by else []
        self.title_bar.show(line(*parts), line(span(f"times in {zone_name(bridge.zone)}", Role.MUTED)))
        is_old = due.value and due.at is not None and (bridge.now() - due.at).total_seconds() > _OLD_DUE_SECONDS
        overdue = f"  overdue: looked {ago(due.at, bridge.now())}" if is_old and due.at is not None else ""
        holds, old = self._holds(), f"{self._age()}{self._unseen()}{overdue}".strip()
        beats = rhythm_of(sessions, now=now, complete_since=oldest)
        beat = rhythm_line(beats, bridge.zone, width=width - len(holds.text) - len(old) - 7)
        self.rhythm.show(line(span(f"{old}  " if old else "", Role.WARN), *beat.parts), holds)

    def _holds(self) -> Line:
        """Say what the list holds: what is marked, what the filter lets through, whether all was read."""
        misread = [span(f"{one.word}: {one.hint}  ", Role.WARN) for one in parse_filter(self.filter.value).misread[:1]]
        marked = [span(f"{len(self._marked)} marked  ", Role.STRONG)] if self._marked else []
        shown = sum(not key.startswith(DUE) for key in self.table.keys)
        chip = self.filter.chip(shown, None if self._fitting else len(self._sessions))
        return line(*misread, *marked, *chip.parts, self._wholeness())

    def _show_cause(self) -> None:
        """Say what is to be known of the row under the cursor, and what can be done with it."""
        row = self.table.row
        if row is None:
            self.cause.show(())
            return
        does: list[tuple[str, str]] = []
        if row.session is not None:
            found = () if self.bridge.read_only else possible((row.session,))
            does += [(one.key, f"{one.name}…") for one in found if one.key]
            does += [("x", "actions…"), ("enter", "more")] if found else [("enter", "more")]
        sessions = tuple(self._sessions.values())
        self.cause.show(cause_lines(row, sessions, does, now=self.bridge.now(), zone=self.bridge.zone), from_top=True)

    def _wholeness(self) -> Span:
        """Say whether the list holds everything that there is, or that fits."""
        if self._fitting != self.filter.value and not self._holds_all:
            return span(" of the newest; reading …", Role.MUTED)
        if self._is_cut:
            return span(", the newest", Role.WARN)
        return span(", all read" if self._sessions else "", Role.MUTED)

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

    def _look_age(self, pipeline: str) -> str:
        """Say when the pipeline's machine was looked at: so old is what its rows say."""
        at = self._machines_looked_at.get(pipeline)
        return ago(at, self.bridge.now()) if at is not None else ""

    def _tell_waiting(self) -> None:
        self.add_class("-telling")
        self.title_bar.show(line(span("Sessions", Role.STRONG)))
        self.told.show((line(span("reading the sessions …", Role.MUTED)),))

    def _tell_empty(self) -> None:
        self.add_class("-telling")
        if not self.bridge.is_managed and not self._sessions:
            self.told.show((line(span("No executions seen", Role.STRONG)), line(span(self._age().strip(), Role.MUTED))))
        elif self._sessions:
            self.told.show((line(span("nothing matches the filter", Role.MUTED)), line(span("esc", Role.HINT), " clears it")))
        else:
            self.told.show(
                (
                    line(span("No sessions yet", Role.STRONG)),
                    line(),
                    line(span(command_line("run", "PIPELINE"), Role.COMMAND), span("  starts one", Role.MUTED)),
                    line(
                        span("2", Role.HINT),
                        span(" then ", Role.MUTED),
                        span("n", Role.HINT),
                        span(" does so here", Role.MUTED),
                    ),
                )
            )


def _machines(count: int) -> str:
    return f"{count} machine{'s' * (count != 1)}"
