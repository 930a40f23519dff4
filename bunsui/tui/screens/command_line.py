"""The line after `:`: a screen, a session, or what is to be done with the one under the cursor, typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.suggester import SuggestFromList
from textual.widgets import Input

from bunsui.tui.screens.dialog import DialogScreen
from bunsui.tui.widgets.bar import Bar
from bunsui.tui.widgets.line_input import LineInput
from bunsui.view.spans import Role, line, span


class CommandLineScreen(DialogScreen[None]):
    """Calls `on_text` with what was typed when the user presses enter; tab or the right arrow takes what is suggested."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave it", id="line.leave"),
        Binding("tab", "complete", "take what is suggested", id="line.complete", priority=True),
    ]

    DEFAULT_CSS = """
    CommandLineScreen {
        align: left bottom;
        background: $background 0%;
        & > Horizontal { height: 1; background: $panel; }
        & Bar { width: 2; background: $panel; }
        & Input { width: 1fr; height: 1; border: none; padding: 0; background: $panel; }
        & Input:focus { border: none; background-tint: $panel 0%; }
    }
    """

    def __init__(self, suggestions: Sequence[str], on_text: Callable[[str], object]) -> None:
        """Take what can be typed, for suggestions, and what is to be done with the text."""
        super().__init__()
        self._on_text = on_text
        self._line = LineInput(compact=True, suggester=SuggestFromList(suggestions, case_sensitive=False))

    def compose(self) -> ComposeResult:
        """A colon, and the line."""
        colon = Bar()
        colon.show(line(span(":", Role.HINT)))
        with Horizontal():
            yield colon
            yield self._line

    def on_mount(self) -> None:
        """Let it be typed."""
        self._line.focus()

    def action_leave(self) -> None:
        """Do nothing."""
        self.leave()

    def action_complete(self) -> None:
        """Take what is suggested."""
        self._line.action_cursor_right()

    @on(Input.Submitted)
    def _on_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self.leave():
            self._on_text(event.value)
