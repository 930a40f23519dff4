"""A question before something is changed: what, where, how much; the answer is No unless the user says otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from bunsui.tui.widgets.bar import Bar
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.view.spans import Line, Role, line, span


class ConfirmScreen(ModalScreen[None]):
    """Calls `on_yes` only when the user pressed `y`, or typed the name that was asked for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "yes", "yes"),
        Binding("n,escape,enter,q", "no", "no"),
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
        & LinePane { height: auto; max-height: 20; background: $panel; }
        & #answer { margin: 1 0 0 0; background: $panel; }
        & Input { height: 1; margin: 1 2 0 2; border: none; padding: 0 1; background: $background; }
        & Input:focus { border: none; }
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

    def compose(self) -> ComposeResult:
        """The question, its facts, and how to answer."""
        pane = LinePane(id="facts")
        answer = Bar(id="answer")
        with Vertical():
            yield pane
            if self._type_name:
                yield Input(placeholder=self._type_name, compact=True)
            yield answer
        pane.show((line(span(self._question, Role.STRONG)), line(), *self._lines))
        no = (span("n ", Role.HINT), span("leave everything as it is (default)", Role.MUTED))
        if self._type_name:
            first = (span("enter ", Role.HINT), span(f"{self._yes}, after typing {self._type_name}   ", Role.MUTED))
            no = (span("esc ", Role.HINT), span("no", Role.MUTED))
        else:
            first = (span("y ", Role.HINT), span(f"{self._yes}   ", Role.MUTED))
        answer.show(line(*first, *no))

    def on_mount(self) -> None:
        """Nothing is focused that could be pressed by mistake."""
        if self._type_name:
            self.query_one(Input).focus()
        else:
            self.query_one(LinePane).focus()

    def action_yes(self) -> None:
        """Answer yes, where the name need not be typed."""
        if not self._type_name:
            self.dismiss()
            self._on_yes()

    def action_no(self) -> None:
        """Answer no."""
        self.dismiss()

    @on(Input.Submitted)
    def _on_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss()
        if event.value.strip() == self._type_name:
            self._on_yes()
