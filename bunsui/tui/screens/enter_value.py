"""A value to type: what it is for above the line, what it is now in the line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message_pump import MessagePump
from textual.suggester import SuggestFromList
from textual.widgets import Input

from bunsui.tui.building.messages import NamesFound
from bunsui.tui.screens.dialog import DialogScreen
from bunsui.tui.widgets.line_input import LineInput
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    # At run time this would bring YAML and pydantic before the first frame.
    from bunsui.document.form.expression_names import OfferedName

_MOST_LINES = 10
_TIGHT_HEIGHT = 20
"""Lines below which nothing is left empty."""
_AROUND = 7
"""Lines that are left to what is typed, names for it and how to go on."""
_MOST_NAMES, _FEWEST_NAMES = 6, 3
"""Names that are offered at once: in a high terminal, and in one of 24 lines."""


class EnterValueScreen(DialogScreen[None]):
    """Calls `on_text` with what was typed; where that returns why it cannot be, it says so and stays.

    While a name of an expression is typed, those that fit stand below: the arrows choose one, tab takes it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave it as it is", id="enter.leave"),
        Binding("down", "choose_name(1)", "next name", id="enter.next-name", show=False),
        Binding("up", "choose_name(-1)", "name before", id="enter.name-before", show=False),
        Binding("tab", "take_name", "take the name", id="enter.take-name", show=False),
    ]

    DEFAULT_CSS = """
    EnterValueScreen {
        align: center middle;
        background: $background 60%;
        & > Vertical { width: 84; max-width: 96%; height: auto; padding: 1 1; background: $panel; border-left: thick $primary; }
        & LinePane { height: auto; max-height: 10; background: $panel; }
        & #names { display: none; max-height: 7; }
        & #names.-some { display: block; }
        & Input { height: 1; margin: 1 1; border: none; padding: 0 1; background: $background; }
        & Input:focus { border: none; }
        &.-tight > Vertical { padding: 0 1; max-height: 100%; }
        &.-tight Input { margin: 0 1; }
    }
    """

    def __init__(
        self,
        title: str,
        lines: Sequence[Line] = (),
        *,
        value: str = "",
        suggestions: Sequence[str] = (),
        words: Sequence[str] = (),
        on_text: Callable[[str], str | None],
        find_names: Callable[[MessagePump], None] | None = None,
    ) -> None:
        """Ask under a title; `lines` tell what may be typed, `suggestions` complete it with the arrow to the right. `words` are
        offered for a list with commas.
        `find_names` begins to look for the names that an expression may read here, and answers NamesFound."""
        super().__init__()
        self._on_text = on_text
        self._help = LinePane()
        self._help.show((line(span(title, Role.STRONG)), *lines))
        self._keys = LinePane(id="keys")
        self._keys.can_focus = False
        self._input = LineInput(value=value, compact=True, suggester=SuggestFromList(suggestions) if suggestions else None)
        self._find_names = find_names
        self._words = tuple(words)
        self._names: tuple[OfferedName, ...] = ()
        self._fitting: tuple[OfferedName, ...] = ()
        self._chosen = 0
        self._names_pane = LinePane(id="names")
        self._names_pane.can_focus = self._help.can_focus = False

    def compose(self) -> ComposeResult:
        """What is asked for, the line, and how to go on."""
        with Vertical():
            yield self._help
            yield self._input
            yield self._names_pane
            yield self._keys

    def on_resize(self, event: events.Resize) -> None:
        """Let what is told scroll where there is little room: the line and how to leave it are always on the screen."""
        self.set_class(event.size.height < _TIGHT_HEIGHT, "-tight")
        self._help.styles.max_height = max(min(event.size.height - _AROUND, _MOST_LINES), 1)

    def on_mount(self) -> None:
        """Let it be typed."""
        self._keys.show((line(span("enter ", Role.HINT), span("take it   ", Role.MUTED), *_LEAVES),))
        self._input.focus()
        if self._words:
            self._offer()
        elif self._find_names is not None:
            self._find_names(self)

    def on_names_found(self, message: NamesFound) -> None:
        """Offer the names from now on."""
        self._names = message.names
        self._offer()

    @on(Input.Changed)
    def _on_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._offer()

    def action_choose_name(self, step: int) -> None:
        """Choose the next of the names that fit, or the one before."""
        if self._fitting:
            self._chosen = (self._chosen + step) % len(self._fitting)
            self._show_names()

    def action_take_name(self) -> None:
        """Put the chosen name where it was begun."""
        if not self._fitting:
            return
        from bunsui.view.builder.completion import TypedLine, completed_line, completed_list

        typed = TypedLine(text=self._input.value, cursor=self._input.cursor_position)
        done = (completed_list if self._words else completed_line)(typed, self._fitting[self._chosen])
        self._input.value = done.text
        self._input.cursor_position = done.cursor

    def _offer(self) -> None:
        """Offer what fits what is typed."""
        if not (self._names or self._words):
            return
        from bunsui.document.form.expression_names import OfferedName
        from bunsui.view.builder.completion import TypedLine, completions, listed_completions

        typed = TypedLine(text=self._input.value, cursor=self._input.cursor_position)
        words = tuple(OfferedName(text=word, meaning="") for word in self._words)
        self._fitting = listed_completions(words, typed) if words else completions(self._names, typed)
        self._chosen = 0
        self._show_names()

    def _show_names(self) -> None:
        from bunsui.view.builder.completion import completion_lines

        room = _MOST_NAMES if self.app.size.height >= 30 else _FEWEST_NAMES
        self._names_pane.show(completion_lines(self._fitting, self._chosen, room=room), from_top=True)
        self._names_pane.set_class(bool(self._fitting), "-some")
        taken = (span("tab ", Role.HINT), span("take the name   ", Role.MUTED)) if self._fitting else ()
        self._keys.show((line(*taken, span("enter ", Role.HINT), span("take it   ", Role.MUTED), *_LEAVES),))

    def action_leave(self) -> None:
        """Change nothing."""
        self.leave()

    @on(Input.Submitted)
    def _on_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if not self.is_active:
            return
        why = self._on_text(event.value)
        if why is None:
            self.leave()
        else:
            self._keys.show((line(span(f"{why}   ", Role.BAD), *_LEAVES),))


_LEAVES = (span("esc ", Role.HINT), span("leave it as it is", Role.MUTED))
