"""One session: its jobs on a timeline, why it failed, what it gave; each job, the logs; what can be done with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from bunsui.model.session import Session
from bunsui.sessions.snapshot import SessionSnapshot
from bunsui.tui.bridge import Bridge
from bunsui.tui.feed.job import JobSubject
from bunsui.tui.feed.logs import LogsSeen, LogsSubject
from bunsui.tui.feed.news import FeedNews
from bunsui.tui.feed.session import SessionSubject
from bunsui.tui.feed.subject import Known, Subject
from bunsui.tui.problem import ShownProblem, problem_lines
from bunsui.tui.screens.acting import ActingScreen
from bunsui.tui.screens.choose import ChooseScreen, MenuChoice
from bunsui.tui.widgets.filter_bar import FilterBar
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.tui.widgets.log_pane import LogPane
from bunsui.tui.widgets.timeline_pane import TimelinePane
from bunsui.tui.widgets.virtual_table import VirtualTable
from bunsui.view.commands import prose
from bunsui.view.sessions.job_page import job_page
from bunsui.view.sessions.model import SessionDetail, session_detail
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    from bunsui.services.history.job_runs import JobRuns


class SessionScreen(ActingScreen):
    """The timeline above; below it the story of the session, one job of it, or the logs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", "back", id="session.back"),
        Binding("l", "logs", "logs", id="session.logs"),
        Binding("y", "yank", "copy…", id="screen.copy"),
    ]

    DEFAULT_CSS = """
    SessionScreen {
        & #story { margin: 1 0 0 0; padding: 0 1; }
        & #logs, & #job { display: none; margin: 1 0 0 0; padding: 0 1; }
        &.-logs #story, &.-job #story { display: none; }
        &.-logs #logs, &.-job #job { display: block; }
        &.-telling #jobs { display: none; }
    }
    SessionScreen.-short #story, SessionScreen.-short #job { margin: 0; }
    """

    def __init__(self, bridge: Bridge, session_id: str) -> None:
        """Show the session of that id."""
        super().__init__(bridge)
        self.session_id = session_id
        self._session = SessionSubject(session_id=session_id)
        self._logs = LogsSubject(session_id=session_id)
        self.snapshot: SessionSnapshot | None = None
        self.detail: SessionDetail | None = None
        self.jobs_pane = TimelinePane()
        self.story_pane = LinePane(id="story", invocation=bridge.invocation)
        self.job_pane = LinePane(id="job", invocation=bridge.invocation)
        self.log_pane = LogPane()
        self._job: JobSubject | None = None
        """The job that is shown below the timeline."""
        self._are_logs_new = True
        """Whether no log line was shown since the logs were opened."""

    def body(self) -> ComposeResult:
        """The timeline, the story, a job, the logs."""
        yield self.jobs_pane
        yield self.story_pane
        yield self.job_pane
        yield self.log_pane

    def on_mount(self) -> None:
        """Say that the session is being read."""
        super().on_mount()
        self.add_class("-telling")
        self.title_bar.show(line(span(f"session {self.session_id}", Role.STRONG)))
        self.story_pane.show((line(span("reading the session and its history …", Role.MUTED)),))
        self.story_pane.focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave out what cannot be done now."""
        if action in ("logs", "yank"):
            return self.snapshot is not None
        return super().check_action(action, parameters)

    def subjects(self) -> Sequence[Subject[Any]]:
        """The session, and what is shown of it below the timeline."""
        shown: list[Subject[Any]] = [self._session]
        if self._job is not None:
            shown.append(self._job)
        if self.has_class("-logs"):
            shown.append(self._logs)
        return shown

    def on_feed_news(self, news: FeedNews) -> None:
        """Show the session, the job or the logs."""
        if (session := news.about(self._session)) is not None and session.value is not None:
            self._show_session(session.value.snapshot)
        elif (job := news.about(self._job)) is not None:
            self._show_job(job)
        elif (logs := news.about(self._logs)) is not None and self.has_class("-logs"):
            self._show_logs(logs)

    def _show_session(self, snapshot: SessionSnapshot) -> None:
        first = self.snapshot is None
        self.snapshot = snapshot
        self._refill()
        if self._job is not None:
            self.bridge.feed.refresh(self._job)
        if first:
            self.remove_class("-telling")
            self.jobs_pane.focus()
            self.jobs_pane.move_to_failed()
        self.refresh_bindings()

    def _show_job(self, known: Known[JobRuns]) -> None:
        if known.value is not None and known.at is not None:
            self.job_pane.show(job_page(known.value, now=known.at, zone=self.bridge.zone))
        elif known.problem is not None:
            self.job_pane.show(problem_lines(known.problem), from_top=True)

    def _show_logs(self, known: Known[LogsSeen]) -> None:
        if known.value is not None:
            self.log_pane.show_logs(known.value.found, self.bridge.zone, to_end=self._are_logs_new)
            self._are_logs_new = False
            self._show_chip()
        elif known.problem is not None:
            self.log_pane.show(problem_lines(known.problem), from_top=True)

    def show_nothing_but(self, problem: ShownProblem) -> None:
        """Show the problem in place of the session."""
        self.story_pane.show(problem_lines(problem), from_top=True)

    @on(VirtualTable.Chosen)
    def _open_job(self, event: VirtualTable.Chosen) -> None:
        self.remove_class("-logs")
        self._job = JobSubject(session_id=self.session_id, job=event.key)
        self.add_class("-job")
        self.job_pane.show((line(span(f"reading {event.key} …", Role.MUTED)),), from_top=True)
        self.job_pane.focus()
        self.look()

    def _close_job(self) -> None:
        self._job = None
        self.remove_class("-job")
        self.look()
        self._focus_visible()

    def action_logs(self) -> None:
        """Show the logs, or the story again."""
        if self._job:
            self._close_job()
        if self.has_class("-logs"):
            self.remove_class("-logs")
            self._focus_visible()
            self.look()
            return
        self.add_class("-logs")
        self._are_logs_new = True
        self.log_pane.wait()
        self.look()

    def action_back(self) -> None:
        """Pop one level: the filter, the logs, the job, the screen."""
        if self._job and not self.filter.value:
            self._close_job()
        elif self.has_class("-logs") and not self.filter.value:
            self.action_logs()
        else:
            super().action_back()

    def targets(self) -> Sequence[Session]:
        """The session, once it was read."""
        return () if self.snapshot is None else (self.snapshot.session,)

    def action_yank(self) -> None:
        """Copy what is read at this moment, the error, the id, the ARN or a command of the session."""
        if self.snapshot is None or self.detail is None:
            return
        session = self.snapshot.session
        choices = []
        if self.has_class("-logs"):
            choices.append(MenuChoice(label="logs", value=self.log_pane.text))
        elif self._job:
            choices.append(MenuChoice(label="job", value=self.job_pane.text))
        if self.detail.failure:
            choices.append(MenuChoice(label="error", value="\n".join(item.text for item in self.detail.failure)))
        choices.append(MenuChoice(label="session", value=session.id))
        if session.latest is not None:
            choices.append(MenuChoice(label="ARN", value=session.latest.execution_arn))
        choices += [
            MenuChoice(label="command", value=self.bridge.invocation.complete(step.command)) for step in self.detail.next_steps
        ]
        self.app.push_screen(ChooseScreen("Copy", choices), self._copy)

    def _copy(self, choice: MenuChoice | None) -> None:
        if choice is not None:
            self.app.copy_to_clipboard(choice.value)
            self.answer(line(span("copied ", Role.MUTED), span(choice.shown, Role.NAME)))

    @on(FilterBar.Changed)
    def _on_filter_changed(self, event: FilterBar.Changed) -> None:
        self.log_pane.filter(event.text)
        self._show_chip()

    @on(FilterBar.Closed)
    def _filter_closed(self) -> None:
        self._focus_visible()

    def action_filter(self) -> None:
        """Filter the logs, which are shown for it."""
        if not self.has_class("-logs"):
            self.action_logs()
        super().action_filter()

    def _focus_visible(self) -> None:
        (self.log_pane if self.has_class("-logs") else self.jobs_pane).focus()

    def _refill(self) -> None:
        if self.snapshot is None:
            return
        self.detail = session_detail(self.snapshot, zone=self.bridge.zone)
        self.jobs_pane.show_jobs(self.detail.jobs, self.detail.window)
        self.story_pane.show(story_lines(self.detail))
        self._show_chip()

    def _show_chip(self) -> None:
        if self.detail is not None:
            chip = self.filter.chip(self.log_pane.shown, self.log_pane.total) if self.filter.value else line()
            self.title_bar.show(self.detail.title, chip)


def story_lines(detail: SessionDetail) -> tuple[Line, ...]:
    """Return what there is to read about a session, the failure first; sections that are empty are left out."""
    facts = [
        line(span(f"{name:<{max(len(label) for label, _ in detail.facts)}}  ", Role.MUTED), value)
        for name, value in detail.facts
    ]
    steps = [
        line(span(step.command, Role.COMMAND), *prose(f"  {step.why}" if step.why else "", Role.MUTED))
        for step in detail.next_steps
    ]
    sections = (
        ("approvals", detail.gates),
        ("failure", detail.failure),
        ("warnings", detail.remarks),
        ("result", detail.outputs),
        ("next", steps),
        ("before", detail.streak),
        ("jobs by attempt", detail.compared),
        ("facts", facts),
        ("delivered twice", detail.duplicates),
        ("attempts", detail.attempts),
    )
    lines: list[Line] = []
    for name, body in sections:
        if body:
            lines += [*([line()] if lines else []), line(span(name, Role.MUTED)), *(item.indented(2) for item in body)]
    return tuple(lines)
