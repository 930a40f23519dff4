"""The form of a run or a backfill: filled in, checked as the command does, then shown what would start, and asked."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from bunsui.tui.actions.starts.action import Foreseeing, StartAction
from bunsui.tui.bridge import Bridge
from bunsui.tui.messages import Failed, StartForeseen
from bunsui.tui.problem import ShownProblem, problem_lines
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.filled_form import FilledFormScreen
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    # At run time this would bring YAML and pydantic before the first frame.
    from bunsui.view.pipelines.form import StartForm

_PARAMETER = "parameter "
"""What stands before the name in the facts of a refusal."""


class StartFormScreen(FilledFormScreen[Foreseeing]):
    """Returns what the user said yes to, None when he left."""

    enter_word = "show what would start"

    def __init__(self, bridge: Bridge, action: StartAction, pipeline: str, form: StartForm) -> None:
        """Show the form of an action."""
        super().__init__(action.name, pipeline, form)
        self.bridge = bridge
        self._action = action
        self._pipeline = pipeline

    def command(self) -> str:
        """Return the command that starts the same, of several pipelines one a line."""
        commands = self._action.command(self._pipeline, self.form).splitlines()
        return "\n".join(map(self.bridge.invocation.complete, commands))

    def submit(self) -> None:
        """Find out what would start."""
        if self.bridge.foresee_start(self, self._action, self._pipeline, self.form):
            self._keys.show((line(span("finding out what would start …", Role.RUNNING)),))

    def on_screen_suspend(self) -> None:
        """Leave the place to the question above, or to why it is refused."""
        self.add_class("-asked")

    def on_screen_resume(self) -> None:
        """Be there again."""
        self.remove_class("-asked")

    def on_start_foreseen(self, message: StartForeseen) -> None:
        """Show what would start, and ask."""
        self.tell()
        foreseen = message.foreseen
        if foreseen.form is not self.form:
            return  # something else was typed meanwhile
        if not foreseen.starts:
            self.app.push_screen(NoticeScreen(foreseen.lines))
            return
        lines = (*place_lines(self.bridge), *foreseen.lines)
        self.app.push_screen(ConfirmScreen(foreseen.question, lines, yes="start", on_yes=lambda: self.leave(foreseen)))

    def on_failed(self, message: Failed) -> None:
        """Show why it would be refused: at the fields that it is about, else in full."""
        known = {field.key for field in self.form.fields}
        told = _field_problems(message.problem, known)
        self.form = self.form.with_problems(told)
        self.tell()
        if told and set(told) <= known:
            self.focus_problem()
        else:
            self.app.push_screen(NoticeScreen(problem_lines(message.problem)))


def _field_problems(problem: ShownProblem, known: Collection[str]) -> dict[str, str]:
    """Return what a refusal says of parameters, and of what else was asked, by the keys of the fields."""
    said: dict[str, str] = {}
    for name, text in problem.facts:
        if name.startswith(_PARAMETER):
            said[f"{name.removeprefix(_PARAMETER)}="] = text
        elif name in known:
            said[name] = problem.summary
    return said


def place_lines(bridge: Bridge) -> tuple[Line, ...]:
    """Return where the runs would start."""
    place = bridge.place
    facts = (("account", place.account), ("region", place.region), ("environment", place.environment))
    return (*(line(span(f"{name:<13}", Role.MUTED), span(value, Role.NAME)) for name, value in facts), line())
