"""The filter: a line to type in, and a chip that says how much it lets through as long as it is on."""

from __future__ import annotations

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from bunsui.tui.widgets.bar import Bar
from bunsui.tui.widgets.line_input import LineInput
from bunsui.view.spans import Line, Role, line, span


class FilterInput(LineInput):
    """The line to type in."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "keep the filter", id="filter.keep"),
        Binding("escape", "give_up", "clear it", id="filter.clear"),
    ]

    class GivenUp(Message):
        """The user left the line with escape."""

    def action_give_up(self) -> None:
        """Leave the line."""
        self.post_message(self.GivenUp())


class FilterBar(Horizontal):
    """Hidden until it is opened; posts `Changed` with each keystroke and keeps its text when it is closed with enter."""

    DEFAULT_CSS = """
    FilterBar {
        height: 1;
        display: none;
        background: $panel;
        & > Bar { width: 3; }
        & > FilterInput { width: 1fr; height: 1; border: none; padding: 0; background: $panel; }
        & > FilterInput:focus { border: none; background-tint: $panel 0%; }
    }
    FilterBar.-open { display: block; }
    """

    class Changed(Message):
        """The filter's text is another."""

        def __init__(self, text: str) -> None:
            """Carry the text."""
            super().__init__()
            self.text = text

    class Closed(Message):
        """The line is closed; the filter stays on when it has a text."""

    def __init__(self) -> None:
        """Begin closed and empty."""
        super().__init__(id="filter")
        self._prompt = Bar()
        self._input = FilterInput(placeholder="filter", compact=True, select_on_focus=False)

    def compose(self) -> ComposeResult:
        """A slash, and the line."""
        self._prompt.show(line(span("/", Role.HINT)))
        yield self._prompt
        yield self._input

    @property
    def value(self) -> str:
        """The filter's text; empty means that everything is shown."""
        return self._input.value

    @value.setter
    def value(self, text: str) -> None:
        self._input.value = text

    @property
    def is_open(self) -> bool:
        """True while the line can be typed in."""
        return self.has_class("-open")

    def open(self) -> None:
        """Show the line and put the cursor into it."""
        self.add_class("-open")
        self._input.focus()

    def clear(self) -> None:
        """Empty the filter and close the line."""
        self._input.value = ""
        self._close()

    def chip(self, shown: int, total: int | None) -> Line:
        """Return what the title line says of the filter: how many of how many, if that is known, and the text."""
        if not self.value:
            return line(span(f"{shown:,}" if total is None else f"{total:,}", Role.MUTED))
        counts = f"{shown:,}" if total is None else f"{shown:,}/{total:,}"
        return line(span(f"/{self.value} ", Role.WARN), span(counts, Role.STRONG))

    @on(Input.Changed)
    def _on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(event.value))

    @on(Input.Submitted)
    def _on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._close()

    @on(FilterInput.GivenUp)
    def _given_up(self, event: FilterInput.GivenUp) -> None:
        event.stop()
        self.clear()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Close the line when the user went elsewhere."""
        self._close()

    def _close(self) -> None:
        if self.is_open:
            self.remove_class("-open")
            self.post_message(self.Closed())
