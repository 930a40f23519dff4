"""A screen from which something of a pipeline can be started: its form, what would start, the answer."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from bunsui.services.overview.standing import PipelineStanding, PipelineStatus
from bunsui.tui.actions.starts.action import Foreseeing, StartAction
from bunsui.tui.actions.starts.backfill import BACKFILL
from bunsui.tui.actions.starts.backfill_many import backfill_many
from bunsui.tui.actions.starts.registry import START_ACTIONS, START_BINDINGS, START_BY_NAME, possible_starts
from bunsui.tui.actions.starts.run_many import run_many
from bunsui.tui.bridge import Bridge
from bunsui.tui.messages import Failed, RunningWork, StartEnded, StartForeseen, StartTold
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.tui.screens.polled import PolledScreen
from bunsui.tui.screens.start_form import StartFormScreen, place_lines
from bunsui.view.spans import Role, line, span

if TYPE_CHECKING:
    from bunsui.model.pipeline import Pipeline

_START_SECONDS = 120.0
"""The word that something is starting stays no longer, should no answer come."""


class StartingScreen(PolledScreen):
    """Subclasses say which pipeline is meant."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *START_BINDINGS,
        Binding("space", "mark", "mark", id="pipeline.mark"),
    ]

    writes = frozenset(action.handle for action in START_ACTIONS)

    def __init__(self, bridge: Bridge) -> None:
        """Begin without a wish."""
        super().__init__(bridge)
        self._wanted = ""
        """What is to be started as soon as the pipelines are known."""
        self._wanted_of = ""
        self._many: StartAction | None = None
        """What starts several, while it is asked for."""
        self.marked: set[str] = set()
        """Pipelines that somebody marked, for what is done with several."""

    @property
    @abstractmethod
    def current(self) -> PipelineStatus | None:
        """The pipeline that is meant."""

    @abstractmethod
    def pipeline_of_file(self, name: str) -> Pipeline | None:
        """Return the pipeline as its file says, None where that is not known."""

    @abstractmethod
    def choose(self, name: str) -> PipelineStatus | None:
        """Mean the pipeline of that name; None when there is none."""

    def can_start(self, name: str) -> bool:
        """Tell whether this can be started of the pipeline that is meant."""
        return not self.bridge.read_only and START_BY_NAME.get(name) in possible_starts(self.current)

    def is_offered(self, action: str) -> bool:
        """Name no start that is not possible now."""
        start = next((one for one in START_ACTIONS if one.handle == action), None)
        return start is None or self.can_start(start.name)

    @property
    @abstractmethod
    def targets(self) -> tuple[PipelineStatus, ...]:
        """The marked pipelines in their order, else the one that is meant."""

    @abstractmethod
    def action_mark(self) -> None:
        """Mark the pipeline under the cursor, or take the mark away, and go on to the next."""

    def action_start(self, name: str) -> None:
        """Show the form of what is to be started; of several marked ones one of all, or what their defaults would start."""
        if len(self.marked) > 1:
            self._start_many(name)
            return
        current = next(iter(self.targets), None)
        if current is None or self.bridge.read_only or START_BY_NAME.get(name) not in possible_starts(current):
            self.answer(line(span(_why_not(name, current), Role.WARN)))
            return
        pipeline = self.pipeline_of_file(current.name)
        if pipeline is None:
            self.answer(line(span("its file cannot be read", Role.WARN)))
            return
        action = START_BY_NAME[name]
        screen = StartFormScreen(self.bridge, action, pipeline.name, action.form(pipeline))
        self.app.push_screen(screen, lambda foreseen: self._begin(action, foreseen))

    def _start_many(self, name: str) -> None:
        """Find out what would start of the marked pipelines; of what is asked in a form, show it first."""
        if self.bridge.read_only:
            self.answer(line(span("this was started read-only", Role.WARN)))
            return
        from bunsui.view.pipelines.form import StartForm

        wanted: dict[str, Pipeline] = {}
        refused: dict[str, str] = {}
        for status in self.targets:
            pipeline = self.pipeline_of_file(status.name) if START_BY_NAME[name] in possible_starts(status) else None
            if pipeline is not None:
                wanted[status.name] = pipeline
            else:
                refused[status.name] = _why_not(name, status).partition(": ")[2]
        if name == BACKFILL.name and wanted:
            action = backfill_many(wanted, refused)
            screen = StartFormScreen(self.bridge, action, f"{len(wanted)} pipelines", action.form(next(iter(wanted.values()))))
            self.app.push_screen(screen, lambda foreseen: self._begin_many(action, foreseen))
            return
        self._many = run_many(wanted, refused)
        if self.bridge.foresee_start(self, self._many, f"{len(wanted)} pipelines", StartForm(fields=())):
            self.answer(line(span("finding out what would start …", Role.RUNNING)))

    def on_start_foreseen(self, message: StartForeseen) -> None:
        """Show what would start of several pipelines, and ask."""
        action, foreseen = self._many, message.foreseen
        if action is None or not self.is_current:
            return
        self.end_answer()
        if not foreseen.starts:
            self.app.push_screen(NoticeScreen((line(span("nothing would start", Role.STRONG)), line(), *foreseen.lines)))
            return
        lines = (*place_lines(self.bridge), *foreseen.lines)
        begin = partial(self._begin_many, action, foreseen)
        self.app.push_screen(ConfirmScreen(foreseen.question, lines, yes="start them", on_yes=begin))

    def _begin_many(self, action: StartAction, foreseen: Foreseeing | None) -> None:
        if foreseen is not None:
            self.marked.clear()
            self._begin(action, foreseen)

    def start_soon(self, name: str, pipeline: str) -> None:
        """Show the form of a start for a pipeline, at once or when the list is there."""
        self._wanted, self._wanted_of = name, pipeline
        if self.current is not None:
            self.start_wanted()

    def start_wanted(self) -> None:
        """Do what was asked for before the list was there."""
        name, of, self._wanted = self._wanted, self._wanted_of, ""
        if not name:
            return
        if of and self.choose(of) is None:
            self.answer(line(span(f"there is no pipeline {of}", Role.WARN)))
        elif not self.can_start(name):
            self.answer(line(span(_why_not(name, self.current), Role.WARN)))
        else:
            self.action_start(name)

    def _begin(self, action: StartAction, foreseen: Foreseeing | None) -> None:
        if foreseen is None:
            return
        if self.bridge.start(self, action, foreseen):
            self.answer(line(span(f"starting {foreseen.pipeline} …", Role.RUNNING)), seconds=_START_SECONDS)
        else:
            self.answer(line(span(f"another {action.name} is still under way", Role.WARN)))

    def on_failed(self, message: Failed) -> None:
        """What was to start did not: the word that it is starting goes."""
        if message.work in (RunningWork.START, RunningWork.BACKFILL):
            self.end_answer()

    def on_start_told(self, message: StartTold) -> None:
        """Say what was started."""
        self.answer(message.told)

    def on_start_ended(self, message: StartEnded) -> None:
        """Read what became of it."""
        self.bridge.feed.refresh()


def _why_not(name: str, pipeline: PipelineStatus | None) -> str:
    """Return why it cannot be started now."""
    if pipeline is None:
        return f"{name}: the pipelines are not read yet, or none is chosen"
    if not pipeline.path:
        return f"{name}: there is no file of {pipeline.name}"
    if not pipeline.enabled:
        return f"{name}: {pipeline.name} is switched off in its file"
    if pipeline.standing is PipelineStanding.NEW:
        return f"{name}: {pipeline.name} was never applied, so that there is nothing to start"
    return f"{name}: {pipeline.name} cannot be started, it is {pipeline.standing.value}"
