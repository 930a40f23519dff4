"""The form of a run or a backfill: filled in, checked as the command does, then shown what would start, and asked."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Input

from bunsui.tui.actions.starts.action import Foreseeing, StartAction
from bunsui.tui.bridge import Bridge
from bunsui.tui.messages import Failed, StartForeseen
from bunsui.tui.problem import ShownProblem, problem_lines
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.dialog import DialogScreen
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.tui.widgets.bar import Bar
from bunsui.view.spans import Line, Role, Span, line, span

if TYPE_CHECKING:
    # At run time this would bring YAML and pydantic before the first frame.
    from bunsui.view.pipelines.form import StartField, StartForm

_PARAMETER = "parameter "
"""What stands before the name in the facts of a refusal."""


class FieldInput(Input):
    """The line of one field."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "app.focus_next", "next field", id="form.next", show=False),
        Binding("up", "app.focus_previous", "field before", id="form.previous", show=False),
    ]

    class ChoiceTurned(Message):
        """Another choice is wanted."""

        def __init__(self, key: str) -> None:
            """Say of which field."""
            super().__init__()
            self.key = key

    def __init__(self, field: StartField) -> None:
        """Take what is asked."""
        super().__init__(field.text, placeholder=field.default, compact=True, select_on_focus=False)
        self.field_key = field.key
        self._is_choice = bool(field.choices)

    async def _on_key(self, event: events.Key) -> None:
        if self._is_choice and event.key == "space":
            event.stop()
            event.prevent_default()
            self.post_message(self.ChoiceTurned(self.field_key))


class StartFormScreen(DialogScreen[Foreseeing | None]):
    """Returns what the user said yes to, None when he left."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "leave", id="form.leave")]

    DEFAULT_CSS = """
    StartFormScreen {
        align: center middle;
        background: $background 60%;
        & > Vertical { width: 78; max-width: 96%; height: auto; max-height: 96%; padding: 1 1; background: $panel; }
        & > Vertical { border-left: thick $primary; }
        & Bar { background: $panel; }
        & #fields { height: auto; margin: 1 0; background: $panel; scrollbar-size-vertical: 1; }
        & Horizontal { height: 1; background: $panel; }
        & Horizontal > Bar { width: 18; }
        & Input { width: 1fr; height: 1; border: none; padding: 0 1; background: $background; }
        & Input:focus { border: none; }
        &.-asked > Vertical { opacity: 0%; }
    }
    """

    def __init__(self, bridge: Bridge, action: StartAction, pipeline: str, form: StartForm) -> None:
        """Show the form of an action."""
        super().__init__()
        self.bridge = bridge
        self._action = action
        self._pipeline = pipeline
        self.form = form
        self._told = {field.key: Bar() for field in form.fields}
        self._inputs = {field.key: FieldInput(field) for field in form.fields}
        self._command = Bar(id="command")
        self._keys = Bar(id="keys")

    def compose(self) -> ComposeResult:
        """Title, a line and a remark for each field, the command that does the same, and how to go on."""
        title = Bar()
        title.show(line(span(f"{self._action.name} ", Role.STRONG), span(self._pipeline, Role.NAME)))
        with Vertical():
            yield title
            with VerticalScroll(id="fields", can_focus=False):
                for field in self.form.fields:
                    name = Bar()
                    mark = "*" if field.is_required else " "
                    name.show(line(span(f"{field.name}{mark}", Role.STRONG)))
                    with Horizontal():
                        yield name
                        yield self._inputs[field.key]
                    yield self._told[field.key]
            yield self._command
            yield self._keys

    def on_mount(self) -> None:
        """Begin with the first field."""
        next(iter(self._inputs.values())).focus()
        self._tell()

    def on_resize(self, event: events.Resize) -> None:
        """Let the fields scroll where there is little room: how to go on is always on the screen."""
        most = max(event.size.height * 96 // 100 - 7, 2)
        self.query_one("#fields").styles.max_height = most

    def on_screen_suspend(self) -> None:
        """Leave the place to the question above, or to why it is refused."""
        self.add_class("-asked")

    def on_screen_resume(self) -> None:
        """Be there again."""
        self.remove_class("-asked")

    def action_leave(self) -> None:
        """Start nothing."""
        self.leave(None)

    @on(Input.Changed)
    def _on_changed(self, event: Input.Changed) -> None:
        event.stop()
        if isinstance(event.input, FieldInput):
            self.form = self.form.with_text(event.input.field_key, event.value)
            self._tell()

    @on(FieldInput.ChoiceTurned)
    def _on_turned(self, event: FieldInput.ChoiceTurned) -> None:
        from bunsui.view.pipelines.form import next_choice  # deferred: as above

        event.stop()
        field = self.form.field(event.key)
        self._inputs[event.key].value = next_choice(field, 1)
        self._inputs[event.key].cursor_position = len(self._inputs[event.key].value)

    @on(Input.Submitted)
    def _on_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.form = self.form.check()
        self._tell()
        if self.form.is_good:
            if self.bridge.foresee_start(self, self._action, self._pipeline, self.form):
                self._keys.show(line(span("finding out what would start …", Role.RUNNING)))
        else:
            self._focus_problem()

    def on_start_foreseen(self, message: StartForeseen) -> None:
        """Show what would start, and ask."""
        self._tell()
        foreseen = message.foreseen
        if foreseen.form is not self.form:
            return  # something else was typed meanwhile
        if not foreseen.starts:
            self.app.push_screen(NoticeScreen(foreseen.lines))
            return
        lines = (*_place_lines(self.bridge), *foreseen.lines)
        self.app.push_screen(ConfirmScreen(foreseen.question, lines, yes="start", on_yes=lambda: self.leave(foreseen)))

    def on_failed(self, message: Failed) -> None:
        """Show why it would be refused: at the fields that it is about, else in full."""
        known = {field.key for field in self.form.fields}
        told = _field_problems(message.problem, known)
        self.form = self.form.with_problems(told)
        self._tell()
        if told and set(told) <= known:
            self._focus_problem()
        else:
            self.app.push_screen(NoticeScreen(problem_lines(message.problem)))

    def _focus_problem(self) -> None:
        bad = next((field for field in self.form.fields if field.problem), None)
        if bad is not None:
            self._inputs[bad.key].focus()

    def _tell(self) -> None:
        for field in self.form.fields:
            self._told[field.key].show(_remark(field))
        command = self.bridge.invocation.complete(self._action.command(self._pipeline, self.form))
        self._command.show(line(span(command, Role.COMMAND)))
        choice = (span("space ", Role.HINT), span("next choice   ", Role.MUTED))
        has_choices = any(field.choices for field in self.form.fields)
        parts = (
            *(span("enter ", Role.HINT), span("show what would start   ", Role.MUTED)),
            *(choice if has_choices else ()),
            *(span("esc ", Role.HINT), span("leave", Role.MUTED)),
        )
        self._keys.show(line(*parts))


def _remark(field: StartField) -> Line:
    """Return what stands below a field: what is wrong with it, else what may be typed."""
    if field.problem:
        return line(span("✗ ", Role.BAD), span(field.problem, Role.BAD), indent=17)
    parts: list[Span] = [span(field.told, Role.MUTED)]
    if field.default and field.text:
        parts.append(span(f"   default {field.default}", Role.MUTED))
    return line(*parts, indent=17)


def _field_problems(problem: ShownProblem, known: Collection[str]) -> dict[str, str]:
    """Return what a refusal says of parameters, and of what else was asked, by the keys of the fields."""
    said: dict[str, str] = {}
    for name, text in problem.facts:
        if name.startswith(_PARAMETER):
            said[f"{name.removeprefix(_PARAMETER)}="] = text
        elif name in known:
            said[name] = problem.summary
    return said


def _place_lines(bridge: Bridge) -> tuple[Line, ...]:
    place = bridge.place
    facts = (("account", place.account), ("region", place.region), ("environment", place.environment))
    return (*(line(span(f"{name:<13}", Role.MUTED), span(value, Role.NAME)) for name, value in facts), line())
