"""Something to read in front of a screen, such as its keys or why something was refused."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from bunsui.tui.screens.dialog import DialogScreen
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.view.spans import Line


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
        & LinePane { height: auto; max-height: 100%; background: $panel; }
    }
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        """Show these lines, which scroll when they are many."""
        super().__init__()
        self.pane = LinePane(id="notice")
        self._lines = tuple(lines)

    def compose(self) -> ComposeResult:
        """The lines."""
        with Vertical():
            yield self.pane

    def on_mount(self) -> None:
        """Let the keys scroll."""
        self.pane.show(self._lines)
        self.pane.focus()

    def action_leave(self) -> None:
        """Close."""
        self.leave()
