"""What the tabs of one session show: which subjects each is made of, and how their news come onto the screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import ContentSwitcher

from bunsui.sessions.snapshot import SessionSnapshot
from bunsui.tui.bridge import Bridge
from bunsui.tui.feed.attempt import AttemptSubject
from bunsui.tui.feed.events import EventsSubject
from bunsui.tui.feed.job import JobSubject
from bunsui.tui.feed.logs import GrowingLog, LogsSeen, LogsSubject
from bunsui.tui.feed.machine import MachineSubject
from bunsui.tui.feed.news import FeedNews
from bunsui.tui.feed.recovery import RecoverySubject
from bunsui.tui.feed.session import SessionSubject
from bunsui.tui.feed.subject import Known, Subject
from bunsui.tui.problem import ShownProblem, problem_lines
from bunsui.tui.screens.acting import ActingScreen
from bunsui.tui.widgets.event_table import EventTable
from bunsui.tui.widgets.graph_pane import GraphPane
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.tui.widgets.log_pane import LogPane
from bunsui.tui.widgets.recovery_pane import RecoveryPane
from bunsui.tui.widgets.tab_line import TabLine
from bunsui.tui.widgets.timeline_pane import TimelinePane
from bunsui.view.sessions.job_page import job_page
from bunsui.view.sessions.model import SessionDetail, session_detail
from bunsui.view.sessions.story import story_lines
from bunsui.view.sessions.tabs.difference import difference_lines
from bunsui.view.sessions.tabs.job_graph import session_picture
from bunsui.view.sessions.tabs.job_tree import item_rows
from bunsui.view.sessions.tabs.recovery_rows import way_rows
from bunsui.view.sessions.tabs.titles import attempt_title, log_title, narrowed_title
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    from bunsui.services.history.events import EventList
    from bunsui.services.history.job_runs import JobRuns
    from bunsui.services.recovery.options import RecoveryOutlook
    from bunsui.view.plan.graph import GraphFlow

TABS = ("graph", "timeline", "events", "io", "logs", "recovery")
FIRST = "timeline"
"""The tab with which a session begins: it says why it failed."""


class SessionGraph(GraphPane, inherit_bindings=False):
    """The graph, whose `l` means the log as on all tabs: only the arrows go along edges."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step('left')", "back along an edge", id="session.graph-left", show=False),
        Binding("right", "step('right')", "along an edge", id="session.graph-right", show=False),
        *GraphPane.BINDINGS[2:],
    ]


class SessionTabs(ActingScreen):
    """The tabs of a session. The cursor in the tree of jobs chooses the job that the others are about."""

    DEFAULT_CSS = """
    SessionTabs {
        & #timeline > #story { margin: 1 0 0 0; padding: 0 1; }
        & ContentSwitcher { height: 1fr; }
        &.-telling TimelinePane { display: none; }
        & TabLine { margin: 0 0 1 0; }
        &.-short TabLine, &.-short #story { margin: 0; }
    }
    """

    def __init__(self, bridge: Bridge, session_id: str) -> None:
        """Show the session of that id."""
        super().__init__(bridge)
        self.session_id = session_id
        self._session = SessionSubject(session_id=session_id)
        self._events = EventsSubject(session_id=session_id)
        self._logs = LogsSubject(session_id=session_id)
        self._latest: SessionSnapshot | None = None
        self._earlier: SessionSnapshot | None = None
        """The attempt that is looked back at, once it was read."""
        self._number = 0
        """Its number; 0 for the latest."""
        self._job = ""
        """The path of the job that is chosen."""
        self._narrow = False
        self._compares = False
        self._log: GrowingLog | None = None
        self._taken = 0
        """How many entries of the log are shown."""
        self._counts: dict[str, str] = {}
        """What stands behind the names of tabs."""
        self.detail: SessionDetail | None = None
        self.tab_bar = TabLine(TABS, id="tabs")
        self.switcher = ContentSwitcher(initial=FIRST)
        self.graph_pane = SessionGraph(id="graph")
        self.jobs_pane = TimelinePane()
        self.story_pane = LinePane(id="story", invocation=bridge.invocation)
        self.events_pane = EventTable()
        self.io_pane = LinePane(id="io", invocation=bridge.invocation)
        self.log_pane = LogPane()
        self.recovery_pane = RecoveryPane(bridge.invocation)

    def body(self) -> ComposeResult:
        """The tabs, and what the shown one holds."""
        yield self.tab_bar
        with self.switcher:
            yield self.graph_pane
            with Vertical(id="timeline"):
                yield self.jobs_pane
                yield self.story_pane
            yield self.events_pane
            yield self.io_pane
            yield self.log_pane
            yield self.recovery_pane

    def on_mount(self) -> None:
        """Say that the session is being read."""
        self.add_class("-telling")
        self.title_bar.show(line(span(f"session {self.session_id}", Role.STRONG)))
        self.story_pane.show((line(span("reading the session and its history …", Role.MUTED)),))
        self.log_pane.begin(self.bridge.zone)
        self.tab_bar.choose(FIRST)
        self.story_pane.focus()

    @property
    def tab(self) -> str:
        """The name of the tab that is shown."""
        return self.tab_bar.chosen

    @property
    def snapshot(self) -> SessionSnapshot | None:
        """The attempt that is shown, None before it was read."""
        return self._earlier if self._number else self._latest

    def subjects(self) -> Sequence[Subject[Any]]:
        """The session, and what the shown tab is made of."""
        shown: list[Subject[Any]] = [self._session]
        if self._latest is None:
            return shown
        if self._number:
            shown.append(AttemptSubject(session_id=self.session_id, number=self._number))
        match self.tab:
            case "graph" if self._machine is not None:
                shown.append(self._machine)
            case "timeline" if self.jobs_pane.shows_items:
                shown.append(self._events)
            case "events":
                shown.append(self._events)
            case "io" if self._job:
                shown.append(self._job_subject)
            case "logs":
                shown.append(self._logs)
            case "recovery":
                shown.append(self._ways)
        return shown

    def on_feed_news(self, news: FeedNews) -> None:
        """Show what was read."""
        attempt = AttemptSubject(session_id=self.session_id, number=self._number)
        if (session := news.about(self._session)) is not None and session.value is not None:
            self._show_session(session.value.snapshot)
        elif (earlier := news.about(attempt)) is not None:
            self._earlier = earlier.value
            self._refill()
        elif (events := news.about(self._events)) is not None and events.value is not None:
            self._show_events(events.value)
        elif (machine := news.about(self._machine)) is not None and machine.value is not None:
            self._show_graph(machine.value)
        elif (job := news.about(self._job_subject)) is not None:
            self._show_job(job)
        elif (logs := news.about(self._logs)) is not None and logs.value is not None:
            self._show_logs(logs.value)
        elif (ways := news.about(self._ways)) is not None and ways.value is not None:
            self._show_ways(ways.value)

    @property
    def _job_subject(self) -> JobSubject:
        item = self.jobs_pane.item
        return JobSubject(session_id=self.session_id, job=self._job, item=item, execution=self._execution)

    @property
    def _machine(self) -> MachineSubject | None:
        """What the attempt that is shown ran; None for one that was not started."""
        latest = self.snapshot.session.latest if self.snapshot is not None else None
        return MachineSubject(execution_arn=latest.execution_arn) if latest is not None else None

    @property
    def _ways(self) -> RecoverySubject:
        return RecoverySubject(session_id=self.session_id, job=self._job.partition("/")[0])

    @property
    def _execution(self) -> int | None:
        """The number of the execution of the attempt that is looked back at; None for all."""
        if self._latest is None or not self._number:
            return None
        attempts = self._latest.session.attempts
        arns = list(dict.fromkeys(one.execution_arn for one in attempts))
        return arns.index(attempts[self._number - 1].execution_arn) + 1

    def _show_session(self, snapshot: SessionSnapshot) -> None:
        before, self._latest = self._latest, snapshot
        self._refill()
        if before is None:
            self.remove_class("-telling")
            self.jobs_pane.focus()
            self.jobs_pane.move_to_failed()
            self._choose_job()
            self.look()
        else:
            for one in self.subjects():
                if one in (self._events, self._job_subject) or (one == self._ways and before.session != snapshot.session):
                    self.bridge.feed.refresh(one)
        self.refresh_bindings()

    def _choose_job(self) -> None:
        self._job = self.jobs_pane.job
        self._show_titles()

    def _refill(self) -> None:
        snapshot = self.snapshot
        if snapshot is None:
            return
        self.detail = session_detail(snapshot, zone=self.bridge.zone)
        self.jobs_pane.show_jobs(self.detail.jobs, self.detail.window)
        machine = self.bridge.feed.value(self._machine) if self._machine is not None else None
        if machine is not None:
            self._show_graph(machine)
        self.story_pane.show(self._comparison() if self._compares else story_lines(self.detail))
        self._show_titles()

    def _show_graph(self, flow: GraphFlow) -> None:
        if self.snapshot is not None:
            now, before = self.snapshot.taken_at, self.graph_pane.picture
            self.graph_pane.show(session_picture(flow, self.snapshot.jobs, now=now, before=before if before.names else None))
            self.graph_pane.move_to(self._job.partition("/")[0])

    def _show_events(self, found: EventList) -> None:
        execution = self._execution
        self._counts["events"] = f"{len(found.events):,}"
        self.events_pane.show_events(
            found,
            self.bridge.zone,
            job=self._job if self._narrow else "",
            wanted=self.filter.value if self.tab == "events" else "",
            execution=execution,
        )
        if self.snapshot is not None and self.detail is not None:
            now = self.snapshot.taken_at
            rows = item_rows(found, self.detail.jobs, self.detail.window, now=now, zone=self.bridge.zone, execution=execution)
            self.jobs_pane.show_items(rows)
        self._show_titles()

    def _show_job(self, known: Known[JobRuns]) -> None:
        if known.value is not None and known.at is not None:
            self.io_pane.show(job_page(known.value, now=known.at, zone=self.bridge.zone))
        elif known.problem is not None:
            self.io_pane.show(problem_lines(known.problem), from_top=True)

    def _show_logs(self, seen: LogsSeen) -> None:
        if seen.log is not self._log:
            self._log, self._taken = seen.log, 0
            self.log_pane.begin(self.bridge.zone)
        fresh, self._taken = seen.log.entries[self._taken : seen.count], seen.count
        self.log_pane.take(fresh, told="its tasks wrote nothing" if seen.is_over else "its tasks wrote nothing yet")
        self._show_titles()

    def _show_ways(self, outlook: RecoveryOutlook) -> None:
        if self._latest is not None:
            now, zone = self._latest.taken_at, self.bridge.zone
            rows = way_rows(outlook, self._latest.session, self._latest.gates, now=now, zone=zone)
            told = (line(span("recover would leave it: ", Role.MUTED), span(outlook.left)),) if outlook.left else ()
            self.recovery_pane.show_ways(rows, told)

    def show_nothing_but(self, problem: ShownProblem) -> None:
        """Show the problem in place of the session."""
        self.story_pane.show(problem_lines(problem), from_top=True)

    def _show_titles(self) -> None:
        """Say which attempt is shown, what the filter lets through, and what the tab is about."""
        if self.detail is None or self._latest is None:
            return
        attempts = len(self._latest.session.attempts)
        parts = list(attempt_title(self._number or attempts, attempts).parts)
        if self.filter.value and self.tab in ("events", "logs"):
            pane = self.events_pane if self.tab == "events" else self.log_pane
            parts += [*([span("  ")] if parts else []), *self.filter.chip(pane.shown, pane.total).parts]
        self.title_bar.show(self.detail.title, Line(parts=tuple(parts)))
        self.tab_bar.note(self._counts, self._about())

    def _about(self) -> Line:
        match self.tab:
            case "events":
                return narrowed_title(self._job, narrow=self._narrow, remarks=len(self.events_pane.remarks))
            case "logs":
                pane, seen = self.log_pane, self.bridge.feed.value(self._logs)
                return log_title(
                    seen,
                    job=self._job if self._narrow else "",
                    lines=pane.shown,
                    follows=pane.follows,
                    wraps=pane.wraps,
                    is_match=pane.matched is not None,
                )
            case "io" | "recovery" | "graph":
                item = self.jobs_pane.item if self.tab == "io" else ""
                named = span(f"{self._job} {item}".rstrip(), Role.NAME)
                return line(span("job ", Role.MUTED), named) if self._job else line()
            case _:
                return line()

    def _comparison(self) -> tuple[Line, ...]:
        """Return the shown attempt beside the one before it."""
        assert self._latest is not None, "compared once it was read"
        count = len(self._latest.session.attempts)
        number = max(self._number or count, 2)
        told = line(span("what differed  ", Role.MUTED), span("< > other attempts   c the story again", Role.MUTED))
        now = self._latest.taken_at
        return (told, *difference_lines(self._latest.compared, self._latest.session, (number - 1, number), now=now))
