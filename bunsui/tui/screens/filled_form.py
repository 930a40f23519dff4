"""A form of parameters in front of a screen: filled in, checked field by field, the command that does the same below it."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Input

from bunsui.tui.screens.dialog import DialogScreen
from bunsui.tui.widgets.bar import Bar
from bunsui.tui.widgets.line_input import LineInput
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.view.spans import Line, Role, Span, line, span
from bunsui.view.table import cells

if TYPE_CHECKING:
    # At run time these would bring YAML and pydantic before the first frame.
    from bunsui.view.pipelines.form import StartField, StartForm

R = TypeVar("R")


_TIGHT_HEIGHT = 20
"""Lines below which nothing is left empty."""
_AROUND, _AROUND_TIGHT = 9, 5
"""Lines that the title, the command, the keys and what is empty take at most."""
_MOST_COMMANDS = 3
"""Commands that are shown; of more, how many there are."""
_LONGEST_NAME = 28
"""Cells of a parameter's name at most."""
_AROUND_NAME = 4
"""Cells around it: the margin, the star of what is required, the gap before the line."""


class FieldInput(LineInput):
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


class FilledFormScreen(DialogScreen[R | None]):
    """Returns None when the user left. Subclasses take what was filled in, and say which command does the same."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "leave", id="form.leave")]

    DEFAULT_CSS = """
    FilledFormScreen {
        align: center middle;
        background: $background 60%;
        & > Vertical { width: 78; max-width: 96%; height: auto; max-height: 96%; padding: 1 1; background: $panel; }
        & > Vertical { border-left: thick $primary; }
        & Bar { background: $panel; }
        & LinePane { height: auto; background: $panel; scrollbar-gutter: auto; }
        & #fields { height: auto; margin: 1 0; background: $panel; scrollbar-size-vertical: 1; }
        & Horizontal { height: 1; background: $panel; }
        & Input { width: 1fr; height: 1; border: none; padding: 0 1; background: $background; }
        & Input:focus { border: none; }
        &.-tight > Vertical { max-height: 100%; padding: 0 1; }
        &.-tight #fields { margin: 0; }
        &.-asked > Vertical { opacity: 0%; }
    }
    """

    enter_word: ClassVar[str]
    """What the enter key does."""

    def __init__(self, name: str, pipeline: str, form: StartForm) -> None:
        """Show the form of what is to be done with a pipeline."""
        super().__init__()
        self._title = line(span(f"{name} ", Role.STRONG), span(pipeline, Role.NAME))
        self.form = form
        self._told = {field.key: LinePane() for field in form.fields}
        self._name_width = min(max((cells(field.name) for field in form.fields), default=0), _LONGEST_NAME) + _AROUND_NAME
        self._inputs = {field.key: FieldInput(field) for field in form.fields}
        self._fields = VerticalScroll(id="fields", can_focus=False)
        self._command, self._keys = LinePane(id="command"), LinePane(id="keys")
        for pane in (*self._told.values(), self._command, self._keys):
            pane.can_focus = False

    @abstractmethod
    def submit(self) -> None:
        """Take the form, in which nothing is wrong that its fields alone tell."""

    @abstractmethod
    def command(self) -> str:
        """Return the command that does the same, as far as the form is filled in."""

    def compose(self) -> ComposeResult:
        """Title, a line and a remark for each field, the command that does the same, and how to go on."""
        title = Bar()
        title.show(self._title)
        with Vertical():
            yield title
            with self._fields:
                for field in self.form.fields:
                    name = Bar()
                    name.styles.width = self._name_width
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
        self.tell()

    def on_resize(self, event: events.Resize) -> None:
        """Let the fields scroll where there is little room: how to go on is always on the screen."""
        height = event.size.height
        self.set_class(height < _TIGHT_HEIGHT, "-tight")
        most = height - _AROUND_TIGHT if height < _TIGHT_HEIGHT else height * 96 // 100 - _AROUND
        self._fields.styles.max_height = max(most, 2)

    def action_leave(self) -> None:
        """Do nothing."""
        self.leave(None)

    @on(Input.Changed)
    def _on_changed(self, event: Input.Changed) -> None:
        event.stop()
        if isinstance(event.input, FieldInput):
            self.form = self.form.with_text(event.input.field_key, event.value)
            self.tell()

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
        self.tell()
        if self.form.is_good:
            self.submit()
        else:
            self.focus_problem()

    def focus_problem(self) -> None:
        """Go to the first field with a problem."""
        bad = next((field for field in self.form.fields if field.problem), None)
        if bad is not None:
            self._inputs[bad.key].focus()

    def tell(self) -> None:
        """Show what may be typed or what is wrong, the command, and how to go on."""
        for field in self.form.fields:
            self._told[field.key].show((_remark(field, self._name_width),))
        commands = self.command().splitlines()
        more = len(commands) - _MOST_COMMANDS
        told = [line(span(one, Role.COMMAND)) for one in (commands if more <= 1 else commands[:_MOST_COMMANDS])]
        self._command.show((*told, *([line(span(f"and {more} more", Role.MUTED))] if more > 1 else [])))
        choice = (span("space ", Role.HINT), span("next choice   ", Role.MUTED))
        has_choices = any(field.choices for field in self.form.fields)
        parts = (
            *(span("enter ", Role.HINT), span(f"{self.enter_word}   ", Role.MUTED)),
            *(choice if has_choices else ()),
            *(span("esc ", Role.HINT), span("leave", Role.MUTED)),
        )
        self._keys.show((line(*parts),))


def _remark(field: StartField, indent: int) -> Line:
    """Return what stands below a field: what is wrong with it, else what may be typed."""
    if field.problem:
        return line(span("✗ ", Role.BAD), span(field.problem, Role.BAD), indent=indent)
    parts: list[Span] = [span(field.told, Role.MUTED)]
    if field.default and field.text:
        parts.append(span(f"   default {field.default}", Role.MUTED))
    return line(*parts, indent=indent)
