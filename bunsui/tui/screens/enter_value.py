"""A value to type: what it is for above the line, what it is now in the line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.suggester import SuggestFromList
from textual.widgets import Input

from bunsui.tui.screens.dialog import DialogScreen
from bunsui.tui.widgets.bar import Bar
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.view.spans import Line, Role, line, span

_MOST_LINES = 10


class EnterValueScreen(DialogScreen[None]):
    """Calls `on_text` with what was typed; where that returns why it cannot be, it says so and stays."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "leave it as it is", id="enter.leave")]

    DEFAULT_CSS = """
    EnterValueScreen {
        align: center middle;
        background: $background 60%;
        & > Vertical { width: 84; max-width: 96%; height: auto; padding: 1 1; background: $panel; border-left: thick $primary; }
        & LinePane { height: auto; max-height: 10; background: $panel; }
        & Bar { background: $panel; }
        & Input { height: 1; margin: 1 1; border: none; padding: 0 1; background: $background; }
        & Input:focus { border: none; }
    }
    """

    def __init__(
        self,
        title: str,
        lines: Sequence[Line] = (),
        *,
        value: str = "",
        suggestions: Sequence[str] = (),
        on_text: Callable[[str], str | None],
    ) -> None:
        """Ask under a title; `lines` tell what may be typed, `suggestions` complete it with the arrow to the right."""
        super().__init__()
        self._on_text = on_text
        self._help = LinePane()
        self._help.show((line(span(title, Role.STRONG)), *lines))
        self._keys = Bar()
        self._input = Input(value=value, compact=True, suggester=SuggestFromList(suggestions) if suggestions else None)
        self._count = min(len(lines) + 2, _MOST_LINES)

    def compose(self) -> ComposeResult:
        """What is asked for, the line, and how to go on."""
        with Vertical():
            yield self._help
            yield self._input
            yield self._keys

    def on_mount(self) -> None:
        """Let it be typed."""
        self._keys.show(line(span("enter ", Role.HINT), span("take it   ", Role.MUTED), *_LEAVES))
        self._input.focus()

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
            self._keys.show(line(span(f"{why}   ", Role.BAD), *_LEAVES))


_LEAVES = (span("esc ", Role.HINT), span("leave it as it is", Role.MUTED))
