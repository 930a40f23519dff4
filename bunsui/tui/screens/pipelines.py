"""The Pipelines screen: how each stands, how its last runs went, what starts next; more of the one under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.timer import Timer

from bunsui.services.overview.standing import PipelineStatus, PlanAttempt, files_of, pipeline_statuses
from bunsui.tui.bridge import Bridge
from bunsui.tui.feed.machines import MachinesSubject
from bunsui.tui.feed.news import FeedNews
from bunsui.tui.feed.pipeline import PipelineSubject
from bunsui.tui.feed.pipelines import PipelinesSeen, PipelinesSubject
from bunsui.tui.feed.subject import Subject
from bunsui.tui.messages import Failed, NotPlanned, Planned, ReadingProgress, RunningWork
from bunsui.tui.problem import ShownProblem
from bunsui.tui.screens.base import FullScreen, ago
from bunsui.tui.screens.choose import ChooseScreen, MenuChoice
from bunsui.tui.screens.drafting import DraftingScreen
from bunsui.tui.screens.listing.menu import pipeline_copies, pipeline_menu
from bunsui.tui.screens.listing.title import fits, preview_frame, title_lines
from bunsui.tui.screens.plan import PlanScreen
from bunsui.tui.screens.starting import StartingScreen
from bunsui.tui.widgets.filter_bar import FilterBar
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.tui.widgets.pipeline_table import PipelineTable
from bunsui.tui.widgets.virtual_table import VirtualTable
from bunsui.view.pipelines.preview import preview_lines
from bunsui.view.pipelines.wording import STANDINGS, no_pipelines_lines, rows_read
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    # At run time these would bring YAML and pydantic before the first frame.
    from bunsui.model.pipeline import Pipeline
    from bunsui.services.overview.details import PipelineDetails

_LOOK_SECONDS = 0.2
"""So long the cursor stays on a pipeline before more of it is read."""
_NO_FILES = "there are no files here to compare with"
_ORDER = {standing: place for place, standing in enumerate(STANDINGS)}


class PipelinesScreen(StartingScreen):
    """The list, gravest first, and a preview; `enter` leads to the sessions of the pipeline under the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("P", "plan_this", "plan this", id="pipeline.plan"),
        Binding("E", "build", "builder", id="pipeline.build"),
        Binding("x", "actions", "actions…", id="session.actions"),
        Binding("y", "yank", "copy…", id="screen.copy"),
        Binding("escape", "back", "clear the filter", id="screen.back", show=False),
    ]

    DEFAULT_CSS = """
    PipelinesScreen {
        & #told { display: none; padding: 0 1; }
        & #preview { height: auto; max-height: 45%; border-top: solid $rule; padding: 0 1; }
        &.-short #preview { display: none; }
        &.-telling #told { display: block; }
        &.-telling #pipelines, &.-telling #preview { display: none; }
    }
    """

    def __init__(self, bridge: Bridge) -> None:
        """Begin with an empty list."""
        super().__init__(bridge)
        self.table = PipelineTable(id="pipelines")
        self.preview = LinePane(id="preview", invocation=bridge.invocation)
        self.told = LinePane(id="told", invocation=bridge.invocation)
        self.statuses: dict[str, PipelineStatus] = {}
        """By name, as they are listed."""
        self._seen: PipelinesSeen | None = None
        self._details: dict[str, PipelineDetails] = {}
        self._attempt: PlanAttempt | None = None
        """That which the list shows."""
        self._why_not = ""
        """Why the last plan failed."""
        self._progress = ""
        self._stated: tuple[object, ...] = ()
        """What `statuses` was told from."""
        self._plans_again = False
        """Whether a plan is asked for after the one that is under way, which began with older files."""
        self._chosen = ""
        """The pipeline of which more is read."""
        self._choosing: Timer | None = None

    def body(self) -> ComposeResult:
        """The table, more of one row, and what stands in their place while there is nothing to list."""
        yield self.table
        yield self.preview
        yield self.told

    def on_mount(self) -> None:
        """Say that the pipelines are being read."""
        self._tell((line(span("reading the pipelines …", Role.MUTED)),))
        self.table.focus()

    def on_screen_resume(self) -> None:
        """Show what is known, and plan once where nobody did yet."""
        if self.bridge.has_plan and self.bridge.planned is None and not self.bridge.is_busy(RunningWork.PLAN):
            self.bridge.plan(self)
        self._refill()

    def on_resize(self, event: events.Resize) -> None:
        """Lay the columns out in the room that there is."""
        self._refill()

    def subjects(self) -> Sequence[Subject[Any]]:
        """The rows of all, beside them a look at machines, and more of the one under the cursor."""
        one = (PipelineSubject(name=self._chosen),) if self._chosen else ()
        return (PipelinesSubject(), MachinesSubject(), *one)

    def on_feed_news(self, news: FeedNews) -> None:
        """Show the list; read it again when a look at the machines had news."""
        if (seen := news.about(PipelinesSubject())) is not None and seen.value is not None:
            self._seen = seen.value
            self._refill()
        elif (visited := news.about(MachinesSubject())) is not None and visited.value is not None:
            if visited.problem is None and any(visit.changes for visit in visited.value.visits):
                self.bridge.feed.refresh(PipelinesSubject())
        elif isinstance(news.subject, PipelineSubject):
            found = news.about(PipelineSubject(name=news.subject.name))
            if found is not None and found.value is not None:
                self._details[news.subject.name] = found.value
                self._show_preview()

    def on_planned(self, message: Planned) -> None:
        """Say how each stands now; plan again where files were written meanwhile."""
        self._why_not = self._progress = ""
        self._plans_again = self.bridge.planned is None
        self._refill()

    def on_not_planned(self, message: NotPlanned) -> None:
        """Say which files have errors, once they were read again."""
        self._why_not = self._progress = ""
        self.bridge.project.forget_files()
        self.bridge.feed.refresh(PipelinesSubject())
        self._refill()

    def on_reading_progress(self, message: ReadingProgress) -> None:
        """Say how far the reading of AWS is."""
        self._progress = f"planning, {message.done}/{message.total} kinds read"
        self._show_title()

    def on_failed(self, message: Failed) -> None:
        """A plan that failed leaves everything unknown; another failure is shown in full."""
        if message.work is RunningWork.PLAN:
            message.prevent_default()  # else what it inherits shows it in front, each time that the screen comes back
            self._progress, self._why_not = "", f"not compared: {message.problem.summary}"
            self.say_problem(message.problem)
            self._refill()

    def show_nothing_but(self, problem: ShownProblem) -> None:
        """Show the problem in place of the list."""
        self._tell(self.problem_text(problem))

    def show_age(self) -> None:
        """Say how old the rows are, in the title how old the plan is; show a plan that another screen made."""
        super().show_age()
        if self._plans_again and self.is_current:
            self._plans_again = not self.bridge.plan(self)
        if self.bridge.planned is not None and self.bridge.planned.attempt is not self._attempt:
            self._refill()
        else:
            self._show_title()

    def action_refresh_now(self) -> None:
        """Read the files and the rows again, and plan again."""
        self.bridge.project.forget_files()
        super().action_refresh_now()
        self._plans_again = self.bridge.has_plan and not self.bridge.plan(self)

    @property
    def current(self) -> PipelineStatus | None:
        """The pipeline under the cursor."""
        return self.statuses.get(self.table.cursor_key or "")

    def pipeline_of_file(self, name: str) -> Pipeline | None:
        """Return the pipeline as its file says."""
        return self._seen.pipelines.get(name) if self._seen is not None else None

    def choose(self, name: str) -> PipelineStatus | None:
        """Put the cursor on a pipeline."""
        if name in self.statuses:
            self.filter.clear()
            self.table.move_to(name)
        return self.statuses.get(name)

    @property
    def age_word(self) -> str:
        """The rows' age: that of the look at a machine stands beside its runs."""
        return "rows"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave out what cannot be done with the pipeline under the cursor."""
        if action == "start":
            return not self.bridge.read_only  # where it is not possible, the key says why
        if action == "build":
            return self.current is not None and bool(self.current.path) and self.bridge.has_plan
        if action == "plan_this":
            return self.current is not None and self.bridge.has_plan
        if action in ("actions", "yank", "mark"):
            return self.current is not None
        return True

    @property
    def targets(self) -> tuple[PipelineStatus, ...]:
        """The marked pipelines in the order of the list, else the one under the cursor."""
        names = [name for name in self.statuses if name in self.marked] or [self.table.cursor_key or ""]
        return tuple(self.statuses[name] for name in names if name in self.statuses)

    def action_mark(self) -> None:
        """Mark the pipeline under the cursor, or take the mark away, and go on to the next."""
        self.marked ^= {one.name for one in (self.current,) if one is not None}
        self.table.action_move(1)
        self._refill()

    def action_back(self) -> None:
        """Take the marks away, then the filter."""
        if self.marked and not self.filter.is_open:
            self.marked.clear()
            self._refill()
        else:
            super().action_back()

    def action_plan_this(self) -> None:
        """Show what an apply would change of this pipeline, or of the marked ones, marked there as well."""
        names = [one.name for one in self.targets]

        def show(screen: FullScreen) -> None:
            if isinstance(screen, PlanScreen):
                screen.show_pipelines(names)

        self._lead_to("plan", show)

    def action_build(self) -> None:
        """Open the pipeline's file, or the draft beside it, in the Builder."""
        current = self.current
        if current is None:
            return

        def show(screen: FullScreen) -> None:
            if isinstance(screen, DraftingScreen):
                screen.show_pipeline(current.path)

        self._lead_to("builder", show)

    @on(VirtualTable.Chosen)
    def _on_chosen(self, event: VirtualTable.Chosen) -> None:
        self._lead_to("sessions", lambda screen: screen.filter_by(f"pipeline:{event.key}"))

    def _lead_to(self, mode: str, arrive: Callable[[FullScreen], None]) -> None:
        self.app.call_later(self.app.lead_to, mode, arrive)  # type: ignore[attr-defined]  # BunsuiApp

    def action_actions(self) -> None:
        """Offer what can be done with the pipeline, each with its command."""
        current = self.current
        if current is None:
            return
        choices = pipeline_menu(
            current, self.bridge.invocation.complete, has_plan=self.bridge.has_plan, read_only=self.bridge.read_only
        )
        self.app.push_screen(ChooseScreen(current.name, choices), self._act)

    async def _act(self, choice: MenuChoice | None) -> None:
        if choice is None:
            return
        if choice.value == "sessions":
            self.table.action_choose()
        else:
            await self.run_action(f"screen.{choice.value}")

    def action_yank(self) -> None:
        """Copy the name, the file or the command of the pipeline under the cursor."""
        current = self.current
        if current is None:
            return
        choices = pipeline_copies(current, self.bridge.invocation.complete)
        self.app.push_screen(ChooseScreen("Copy", choices), self._copy)

    def _copy(self, choice: MenuChoice | None) -> None:
        if choice is not None:
            self.app.copy_to_clipboard(choice.value)
            self.answer(line(span("copied ", Role.MUTED), span(choice.value, Role.NAME)))

    @on(VirtualTable.Moved)
    def _on_moved(self) -> None:
        self._show_preview()
        self.refresh_bindings()
        if self._choosing is not None:
            self._choosing.stop()
        self._choosing = self.set_timer(_LOOK_SECONDS, self._choose)

    def _choose(self) -> None:
        """Read more of the pipeline on which the cursor stays."""
        if self.current is not None and self.current.name != self._chosen and self.is_current:
            self._chosen = self.current.name
            self.look()

    @on(FilterBar.Changed)
    def _on_filter_changed(self) -> None:
        self._refill()

    @on(FilterBar.Closed)
    def _on_filter_closed(self) -> None:
        self.table.focus()

    def _refill(self) -> None:
        seen = self._seen
        if seen is None:
            return
        kept = self.bridge.planned
        is_first_plan = (
            self._attempt is None and kept is not None and self.table.cursor_key == next(iter(self.table.keys), None)
        )
        self._attempt = kept.attempt if kept is not None else None
        self._restate(seen)
        shown = {name: one for name, one in self.statuses.items() if fits(one, self.filter.value)}
        self.marked &= self.statuses.keys()
        self.table.marked = frozenset(self.marked)
        self.table.show_pipelines(shown, now=self.bridge.now(), zone=self.bridge.zone, width=self.size.width)
        if is_first_plan and shown:
            self.table.move_to(next(iter(shown)))  # nobody chose a row yet, and the gravest comes first now
        self._show_title()
        if not shown:
            self._tell_empty()
            return
        self.remove_class("-telling")
        self._ask_for_news()
        self._show_preview()
        self.refresh_bindings()
        self.start_wanted()

    def _restate(self, seen: PipelinesSeen) -> None:
        """Tell how each stands, when something else is known than before: the filter alone changes nothing of it."""
        known = (seen, self._attempt, self._why_not)
        if len(self._stated) == len(known) and all(one is other for one, other in zip(known, self._stated, strict=True)):
            return
        self._stated = known
        attempt = self._attempt or PlanAttempt(why_not=self._why_not if self.bridge.has_plan else _NO_FILES)
        files = files_of(seen.pipelines.values(), seen.broken, (*seen.diagnostics, *attempt.diagnostics))
        found = pipeline_statuses(attempt, files, seen.rows)
        self.statuses = {one.name: one for one in sorted(found, key=lambda one: (_ORDER[one.standing], one.name))}

    def _ask_for_news(self) -> None:
        """Read more of the pipeline again where the list knows of a run that its details do not."""
        details, status = self._details.get(self._chosen), self.statuses.get(self._chosen)
        if details is None or status is None or not status.runs.runs:
            return
        newest = status.runs.runs[-1]
        if newest not in details.runs.runs and self._seen is not None and details.read_at < self._seen.rows.read_at:
            self.bridge.feed.refresh(PipelineSubject(name=self._chosen))

    def _show_title(self) -> None:
        if self._seen is None:
            return
        chip = self.filter.chip(len(self.table.keys), len(self.statuses)).parts if self.filter.value else ()
        left, right = title_lines(
            self.statuses.values(),
            marked=len(self.marked),
            beside=(*chip, *rows_read(self._seen.rows, self.bridge.zone)),
            plan_age=self._plan_age(),
            width=self.size.width,
        )
        self.title_bar.show(left, right)

    def _plan_age(self) -> str:
        kept = self.bridge.planned
        if self._progress:
            return self._progress
        if kept is None:
            return "planning …" if self.bridge.is_busy(RunningWork.PLAN) else ""
        return f"{'not planned, files read' if kept.attempt.is_refused else 'planned'} {ago(kept.at, self.bridge.now())}"

    def _show_preview(self) -> None:
        current = self.current
        if current is None:
            return
        now, zone, width = self.bridge.now(), self.bridge.zone, self.size.width - 4
        found = preview_lines(current, self._details.get(current.name), zone, now=now, width=width)
        title, *rest = preview_frame(current, zone, now)
        self.preview.show((title, *found, *rest))

    def _tell(self, lines: Sequence[Line]) -> None:
        self.add_class("-telling")
        self.title_bar.show(line(span("Pipelines", Role.STRONG)))
        self.told.show(lines, from_top=True)

    def _tell_empty(self) -> None:
        self.add_class("-telling")
        if self.statuses:
            self.told.show((line(span("nothing matches the filter", Role.MUTED)), line(span("esc", Role.HINT), " clears it")))
            return
        can_build = self.bridge.has_plan and not self.bridge.read_only
        self.told.show(no_pipelines_lines(can_build=can_build))
