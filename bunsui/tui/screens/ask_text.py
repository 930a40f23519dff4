"""A line to type before something is asked, such as a note."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input

from bunsui.tui.screens.dialog import DialogScreen
from bunsui.tui.widgets.line_input import LineInput
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.view.spans import Role, line, span


class AskTextScreen(DialogScreen[None]):
    """Calls `on_text` with what was typed when the user presses enter; the question itself comes after it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "leave everything as it is", id="ask.leave")]

    DEFAULT_CSS = """
    AskTextScreen {
        align: center middle;
        background: $background 60%;
        & > Vertical { width: 76; max-width: 96%; height: auto; padding: 1 1; background: $panel; border-left: thick $primary; }
        & Bar, & LinePane { background: $panel; }
        & LinePane { height: auto; max-height: 8; }
        & Input { height: 1; margin: 1 1; border: none; padding: 0 1; background: $background; }
        & Input:focus { border: none; }
    }
    """

    def __init__(self, title: str, prompt: str, *, example: str = "", on_text: Callable[[str], object]) -> None:
        """Ask for a text under a title; `example` stands where nothing is typed yet."""
        super().__init__()
        self._title = title
        self._prompt = prompt
        self._line = LineInput(placeholder=example, compact=True)
        self._on_text = on_text

    def compose(self) -> ComposeResult:
        """What is asked for, the line, and how to go on."""
        asked, keys = LinePane(), LinePane()
        asked.can_focus = keys.can_focus = False
        asked.show((line(span(self._title, Role.STRONG)), line(span(self._prompt, Role.MUTED))))
        keys.show(
            (
                line(
                    *(span("enter ", Role.HINT), span("go on; you are asked once more   ", Role.MUTED)),
                    *(span("esc ", Role.HINT), span("leave everything as it is", Role.MUTED)),
                ),
            )
        )
        with Vertical():
            yield asked
            yield self._line
            yield keys

    def on_mount(self) -> None:
        """Let it be typed."""
        self._line.focus()

    def action_leave(self) -> None:
        """Ask nothing and do nothing."""
        self.leave()

    @on(Input.Submitted)
    def _on_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.leave():
            self._on_text(event.value)
