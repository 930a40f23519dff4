"""A question before something is changed: what, where, how much; the answer is No unless the user says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from bunsui.tui.screens.dialog import DialogScreen
from bunsui.tui.widgets.bar import Bar
from bunsui.tui.widgets.line_input import LineInput
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.view.safe import safe
from bunsui.view.spans import Line, Role, line, span

_MOST_FACTS = 40
"""Lines of facts that are shown at once, however high the terminal is."""
_TIGHT_HEIGHT = 18
"""From this height on there is room for space between the parts."""
_PADDING = 2


class ConfirmScreen(DialogScreen[None]):
    """Calls `on_yes` only when the user pressed `y`, or typed the name that was asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "yes", id="confirm.yes"),
        Binding("n,escape,enter,q", "no", "no", id="confirm.no"),
    ]

    DEFAULT_CSS = """
    ConfirmScreen {
        align: center middle;
        background: $background 60%;
        & > Vertical {
            width: 68;
            max-width: 96%;
            height: auto;
            max-height: 92%;
            padding: 1 1;
            background: $panel;
            border-left: thick $warning;
        }
        & LinePane { height: auto; background: $panel; }
        & #answer { margin: 1 0 0 0; background: $panel; }
        & Input { height: 1; margin: 1 2 0 2; border: none; padding: 0 1; background: $background; }
        & Input:focus { border: none; }
        &.-tight > Vertical { max-height: 100%; padding: 0 1; }
        &.-tight #answer, &.-tight Input { margin: 0; }
    }
    """

    def __init__(
        self, question: str, lines: Sequence[Line], *, yes: str, on_yes: Callable[[], object], type_name: str = ""
    ) -> None:
        """Ask the question and show the lines below it. `yes` says what the answer y does; with `type_name`, y is not
        enough and the name has to be typed."""
        super().__init__()
        self._on_yes = on_yes
        self._question = question
        self._lines = tuple(lines)
        self._yes = yes
        self._type_name = type_name
        self._facts = LinePane(id="facts")
        self._answer = Bar(id="answer")
        self._typed = LineInput(placeholder=type_name, compact=True) if type_name else None

    def compose(self) -> ComposeResult:
        """The question, its facts, and how to answer."""
        with Vertical():
            yield self._facts
            if self._typed is not None:
                yield self._typed
            yield self._answer
        self.show_facts(self._lines)
        no = (span("n ", Role.HINT), span("leave everything as it is (default)", Role.MUTED))
        if self._type_name:
            first = (span("enter ", Role.HINT), span(f"{self._yes}, after typing {self._type_name}   ", Role.MUTED))
            no = (span("esc ", Role.HINT), span("no", Role.MUTED))
        else:
            first = (span("y ", Role.HINT), span(f"{self._yes}   ", Role.MUTED))
        self._answer.show(line(*first, *no))

    def show_facts(self, lines: Sequence[Line]) -> None:
        """Show these below the question."""
        self._facts.show((line(span(self._question, Role.STRONG)), line(), *lines))

    def on_resize(self, event: events.Resize) -> None:
        """Let the facts scroll where there is little room: how to answer is always on the screen."""
        self.set_class(event.size.height < _TIGHT_HEIGHT, "-tight")
        self._fit(event.size.height)

    def _fit(self, height: int) -> None:
        is_tight = height < _TIGHT_HEIGHT
        around = 0 if is_tight else _PADDING
        answering = (1 if is_tight else 2) * (2 if self._type_name else 1)
        room = (height if is_tight else height * 92 // 100) - around - answering
        self._facts.styles.max_height = max(min(room, _MOST_FACTS), 1)

    def on_mount(self) -> None:
        """Nothing is focused that could be pressed by mistake. Nothing is looked for either: the question may be answered, and
        its parts gone, before it was shown."""
        (self._facts if self._typed is None else self._typed).focus()

    def action_yes(self) -> None:
        """Answer yes, where the name need not be typed."""
        if not self._type_name and self.leave():
            self._on_yes()

    def action_no(self) -> None:
        """Answer no."""
        self.leave()

    @on(Input.Submitted)
    def _on_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if event.value.strip() == self._type_name:
            if self.leave():
                self._on_yes()
            return
        event.input.value = ""
        wrong = f"{safe(event.value.strip()) or 'nothing'} is not {self._type_name}: nothing was done   "
        self._answer.show(line(span(wrong, Role.WARN), span("esc ", Role.HINT), span("no", Role.MUTED)))
