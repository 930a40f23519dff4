"""Something to read in front of a screen, such as its keys or why something was refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from bunsui.tui.screens.dialog import DialogScreen
from bunsui.tui.widgets.bar import Bar
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.view.spans import Line, Role, line, span

_AROUND = 4
"""Lines of the padding, and of how to close with the space above it."""


class NoticeScreen(DialogScreen[None]):
    """Shows lines until it is closed; nothing can be done by mistake from here."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "leave", "close", id="notice.leave")]

    DEFAULT_CSS = """
    NoticeScreen {
        align: center middle;
        background: $background 60%;
        & > Vertical {
            width: 76;
            max-width: 96%;
            height: auto;
            max-height: 92%;
            padding: 1 1;
            background: $panel;
            border-left: thick $primary;
        }
        & LinePane { height: auto; background: $panel; }
        & #closing { margin: 1 0 0 0; background: $panel; }
    }
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        """Show these lines, which scroll when they are many."""
        super().__init__()
        self.pane = LinePane(id="notice")
        self._lines = tuple(lines)
        self._how = Bar(id="closing")

    def compose(self) -> ComposeResult:
        """The lines, and how to close."""
        with Vertical():
            yield self.pane
            yield self._how
        keys = (span("esc", Role.HINT), span(" or ", Role.MUTED), span("enter", Role.HINT))
        self._how.show(line(*keys, span(" close", Role.MUTED)))

    def on_resize(self, event: events.Resize) -> None:
        """Let the lines scroll where there is little room: how to close is always on the screen."""
        self.pane.styles.max_height = max(event.size.height * 92 // 100 - _AROUND, 1)

    def on_mount(self) -> None:
        """Let the keys scroll."""
        self.pane.show(self._lines)
        self.pane.focus()

    def action_leave(self) -> None:
        """Close."""
        self.leave()
