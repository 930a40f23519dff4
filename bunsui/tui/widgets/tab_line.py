"""One line of tabs: the pages of a pane by name, the shown one marked; a click chooses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from textual import events
from textual.message import Message

from bunsui.tui.lines import EMPTY, width_of
from bunsui.tui.widgets.bar import Bar
from bunsui.view.spans import Line, Role, Span, line, span

_GAP = 2


class TabLine(Bar):
    """Shows the names of pages; `chosen` is the one that is shown."""

    DEFAULT_CSS = """
    TabLine { background: $background; }
    """

    class Turned(Message):
        """Another page is asked for."""

        def __init__(self, tabs: TabLine, name: str) -> None:
            """Say which page of which line."""
            super().__init__()
            self.tabs = tabs
            self.name = name

    def __init__(self, names: Sequence[str], *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """Begin with the first page."""
        super().__init__(id=id)
        self._names = tuple(names)
        self._notes: Mapping[str, str] = {}
        self._beside = EMPTY
        self.chosen = self._names[0]

    def on_mount(self) -> None:
        """Draw the first time."""
        self._draw()

    def choose(self, name: str) -> None:
        """Show the page of that name as the chosen one, and tell whoever listens."""
        if name != self.chosen:
            self.chosen = name
            self._draw()
            self.post_message(self.Turned(self, name))

    def turn(self, step: int) -> None:
        """Go on to the next page (1), or to the one before (-1), round and round."""
        self.choose(self._names[(self._names.index(self.chosen) + step) % len(self._names)])

    def note(self, notes: Mapping[str, str], beside: Line = EMPTY) -> None:
        """Show a word behind names, such as a count, and a line at the right."""
        self._notes, self._beside = notes, beside
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """Choose the page under the mouse."""
        left = 1
        for name in self._names:
            width = width_of(line(*self._label(name)))
            if left <= event.x < left + width:
                self.choose(name)
                return
            left += width + _GAP

    def _draw(self) -> None:
        parts: list[Span] = []
        for number, name in enumerate(self._names):
            parts += [span(" " * _GAP)] if number else []
            parts += self._label(name)
        self.show(line(*parts), self._beside)

    def _label(self, name: str) -> tuple[Span, ...]:
        is_chosen = name == self.chosen
        note = self._notes.get(name, "")
        label = span(f"▸{name}" if is_chosen else f" {name}", Role.HINT if is_chosen else Role.MUTED)
        return (label, span(f" {note}", Role.MUTED)) if note else (label,)
