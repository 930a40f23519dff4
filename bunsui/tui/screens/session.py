"""One session: the keys of its tabs, and what can be done from each."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import on
from textual.app import SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.widget import Widget

from bunsui.model.session import Session
from bunsui.tui.actions.registry import action_of
from bunsui.tui.editor import editor_command
from bunsui.tui.messages import CodeFound
from bunsui.tui.screens.base import FullScreen
from bunsui.tui.screens.choose import ChooseScreen, MenuChoice
from bunsui.tui.screens.drafting import DraftingScreen
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.tui.screens.session_tabs import TABS, SessionTabs
from bunsui.tui.widgets.filter_bar import FilterBar
from bunsui.tui.widgets.graph_pane import GraphPane
from bunsui.tui.widgets.log_pane import LogPane
from bunsui.tui.widgets.tab_line import TabLine
from bunsui.tui.widgets.timeline_pane import TimelinePane
from bunsui.tui.widgets.virtual_table import VirtualTable
from bunsui.view.sessions.tabs.copies import copies_of
from bunsui.view.sessions.tabs.event_rows import event_page
from bunsui.view.sessions.tabs.recovery_rows import WayRow
from bunsui.view.spans import Role, line, plain, span

_NARROWED = frozenset({"events", "logs"})
"""Tabs that show all jobs, or only the one that is chosen, and that a filter narrows."""


class SessionScreen(SessionTabs):
    """The tabs of a session, with what keys and clicks do on them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back", id="session.back"),
        Binding("right_square_bracket", "tab(1)", "tabs", key_display="[ ]", id="session.tab"),
        Binding("left_square_bracket", "tab(-1)", "tab before", show=False, key_display="[", id="session.tab-before"),
        Binding("tab", "pane(1)", "next pane, then the next tab", show=False, id="session.pane"),
        Binding("shift+tab", "pane(-1)", "pane before", show=False, id="session.pane-before"),
        Binding("l", "logs", "logs", id="session.logs"),
        Binding("o", "narrow", "this job or all", show=False, id="session.narrow"),
        Binding("right_curly_bracket", "job(1)", "next job", show=False, key_display="}", id="session.job"),
        Binding("left_curly_bracket", "job(-1)", "job before", show=False, key_display="{", id="session.job-before"),
        Binding("less_than_sign", "attempt(-1)", "attempt before", show=False, key_display="<", id="session.attempt-before"),
        Binding("greater_than_sign", "attempt(1)", "attempt after", show=False, key_display=">", id="session.attempt"),
        Binding("c", "compare", "compare attempts", show=False, id="session.compare"),
        Binding("e", "edit", "code", id="session.edit"),
        Binding("E", "build", "builder", id="session.build"),
        Binding("y", "yank", "copy…", id="session.copy"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave out what cannot be done now."""
        if action in ("logs", "yank", "edit"):
            return self._latest is not None
        if action == "build":
            return self._latest is not None and self.bridge.has_plan
        if action in ("attempt", "compare"):
            return self._latest is not None and len(self._latest.session.attempts) > 1
        return super().check_action(action, parameters)

    @on(VirtualTable.Moved)
    def _follow_cursor(self, event: VirtualTable.Moved) -> None:
        if event.table is self.jobs_pane:
            self._choose_job()

    @on(VirtualTable.Chosen)
    def _open_chosen(self, event: VirtualTable.Chosen) -> None:
        way, picked = self.recovery_pane.current, self.events_pane.current
        if event.table is self.jobs_pane:
            self._show_tab("io")
        elif event.table is self.events_pane and picked is not None:
            self.app.push_screen(NoticeScreen(event_page(picked, self.bridge.zone)))
        elif event.table is self.recovery_pane.table and way is not None:
            self.ask_way(way)

    @on(TimelinePane.Folded)
    def _look_at_items(self) -> None:
        self.look()

    @on(TabLine.Turned)
    def _tab_turned(self, event: TabLine.Turned) -> None:
        if self.switcher.current != self.tab:
            self._open_tab()

    @on(GraphPane.JobReached)
    def _job_reached(self, event: GraphPane.JobReached) -> None:
        if self.tab == "graph" and event.job != self._job.partition("/")[0]:
            self.jobs_pane.move_to(event.job)
            self._choose_job()

    @on(GraphPane.JobChosen)
    def _graph_job_chosen(self, event: GraphPane.JobChosen) -> None:
        self._show_tab("io")

    @on(LogPane.ViewChanged)
    def _log_turned(self) -> None:
        self._show_titles()

    def action_tab(self, by: int) -> None:
        """Show the tab that far to the right."""
        self._show_tab(TABS[(TABS.index(self.tab) + by) % len(TABS)])

    def action_pane(self, by: int) -> None:
        """Go to the next pane of the tab, behind the last one to the next tab."""
        panes = self._panes
        place = panes.index(self.focused) + by if self.focused in panes else 0
        if 0 <= place < len(panes):
            panes[place].focus()
        else:
            self.action_tab(by)

    def action_job(self, by: int) -> None:
        """Choose the next job, whatever tab is shown."""
        self.jobs_pane.action_move(by)
        self._choose_job()
        self._renew_tab()

    def action_logs(self) -> None:
        """Show the log of the chosen job, or the jobs again."""
        if self.tab == "logs":
            self._show_tab("timeline")
            return
        self._narrow = bool(self._job) and self.tab != "events"
        self._show_tab("logs")

    def action_narrow(self) -> None:
        """Show the chosen job alone, or all jobs."""
        if self.tab in _NARROWED:
            self._narrow = not self._narrow
            self._renew_tab()

    def action_attempt(self, by: int) -> None:
        """Look back at the attempt before, or at the one after."""
        assert self._latest is not None, "only offered then"
        count = len(self._latest.session.attempts)
        number = min(max((self._number or count) + by, 1), count)
        self._number, self._earlier = (number if number < count else 0), None
        self._refill()
        self._renew_tab()

    def action_compare(self) -> None:
        """Show two attempts side by side, or the story again."""
        self._compares = not self._compares
        self._show_tab("timeline")
        self._refill()

    def action_back(self) -> None:
        """Pop one level: the filter, the tab, the screen."""
        if self._latest is not None and self.tab != "timeline" and not self.filter.value:
            self._show_tab("timeline")
        else:
            super().action_back()

    def targets(self) -> Sequence[Session]:
        """The session, once it was read."""
        return () if self._latest is None else (self._latest.session,)

    def ask_way(self, way: WayRow) -> None:
        """Ask whether to go on in that way, or say why that cannot be."""
        if not way.is_possible:
            self.answer(line(span(f"not possible: {way.option.why_not if way.option is not None else ''}", Role.WARN)))
        elif self.bridge.read_only:
            self.answer(line(span("this was started read-only", Role.MUTED)))
        else:
            self.begin(action_of(way), tuple(self.targets()))

    def action_build(self) -> None:
        """Open the pipeline in the Builder, at the chosen job: the one that failed, where none was chosen."""
        if self._latest is None:
            return
        failure = self._latest.failure
        job = (self._job or (failure.job if failure is not None else "")).partition("/")[0]
        pipeline = self._latest.session.pipeline

        def show(screen: FullScreen) -> None:
            if isinstance(screen, DraftingScreen):
                screen.show_job(pipeline, job)

        self.app.call_later(self.app.lead_to, "builder", show)  # type: ignore[attr-defined]  # BunsuiApp

    def action_edit(self) -> None:
        """Find the code of the chosen job."""
        if self._latest is not None and self._job:
            failure = self._latest.failure
            is_it = failure is not None and failure.job == self._job.partition("/")[0]
            traceback = failure.traceback if failure is not None and is_it else ()
            self.bridge.find_code(self, self._latest.session.pipeline, self._job, traceback)

    def on_code_found(self, message: CodeFound) -> None:
        """Open it in the user's editor; the screens come back when that ends, and know of a change."""
        path = message.place.path
        command, before = editor_command(os.environ, path, message.place.line), _written_at(path)
        try:
            with self.app.suspend():
                code = subprocess.call(command)
        except SuspendNotSupported:
            code = 0
        except OSError as error:
            self.answer(line(span(f"{command[0]} cannot be started: {error.strerror}. Set EDITOR.", Role.WARN)))
            return
        left = [span("back from ", Role.MUTED), span(f"{path.name}:{message.place.line}", Role.NAME)]
        if _written_at(path) != before:
            self.bridge.take_written()
            left.append(span("  3 plans the change; once it is applied, R resumes", Role.MUTED))
        self.answer(line(*left) if not code else line(span(f"{command[0]} ended with {code}", Role.WARN)))

    def action_yank(self) -> None:
        """Copy what is read at this moment, the error, the id, the ARN or a command of the session."""
        if self._latest is None or self.detail is None:
            return
        event, way = self.events_pane.current, self.recovery_pane.current
        here = ("", "")
        if self.tab == "events" and event is not None:
            here = ("event", plain(event_page(event, self.bridge.zone)))
        elif self.tab == "io":
            here = ("job", self.io_pane.text)
        elif self.tab == "logs":
            here = ("logs", self.log_pane.text)
        elif self.tab == "recovery" and way is not None:
            here = ("command", self.bridge.invocation.complete(way.command))
        found = copies_of(self._latest, self.detail, here=here, complete=self.bridge.invocation.complete)
        choices = [MenuChoice(label=label, value=value) for label, value in found]
        self.app.push_screen(ChooseScreen("Copy", choices), self._copy)

    def _copy(self, choice: MenuChoice | None) -> None:
        if choice is not None:
            self.app.copy_to_clipboard(choice.value)
            self.answer(line(span("copied ", Role.MUTED), span(choice.shown, Role.NAME)))

    @on(FilterBar.Changed)
    def _on_filter_changed(self, event: FilterBar.Changed) -> None:
        self._renew_tab()

    @on(FilterBar.Closed)
    def _filter_closed(self) -> None:
        self._panes[0].focus()

    def action_filter(self) -> None:
        """Filter events or the log, which is shown for it."""
        if self.tab not in _NARROWED:
            self._show_tab("logs")
        super().action_filter()

    @property
    def _panes(self) -> tuple[Widget, ...]:
        """What can be focused in the shown tab."""
        panes: dict[str, tuple[Widget, ...]] = {
            "graph": (self.graph_pane,),
            "timeline": (self.jobs_pane, self.story_pane),
            "events": (self.events_pane,),
            "io": (self.io_pane,),
            "logs": (self.log_pane,),
            "recovery": (self.recovery_pane.table, self.recovery_pane.page),
        }
        return panes[self.tab]

    def _show_tab(self, name: str) -> None:
        if self._latest is None:
            return
        self.tab_bar.choose(name)
        self._open_tab()

    def _open_tab(self) -> None:
        name = self.tab
        if self.switcher.children:  # the parts of a screen go before the screen
            self.switcher.current = name
        if self.filter.value:
            self.filter.clear()
        if name == "recovery":
            self.recovery_pane.wait()
            if self._ways in self.subjects():
                self.bridge.feed.refresh(self._ways)
        elif name == "io":
            told = f"reading {self._job} …" if self._job else "no job is chosen"
            self.io_pane.show((line(span(told, Role.MUTED)),), from_top=True)
        self._panes[0].focus()
        self._renew_tab()

    def _renew_tab(self) -> None:
        """Show what was chosen since: another job, another attempt, another filter."""
        events = self.bridge.feed.value(self._events)
        if events is not None:
            self._show_events(events)
        wanted = self.filter.value if self.tab == "logs" else ""
        self.log_pane.choose(job=self._job if self._narrow else "", wanted=wanted)
        self.look()
        self._show_titles()
        self.refresh_bindings()


def _written_at(path: Path) -> int:
    """Return when the file was written last; 0 where there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
