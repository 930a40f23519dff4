"""The log lines of a session, with a filter of their own."""

from __future__ import annotations

from bunsui.tui.widgets.line_pane import LinePane
from bunsui.view.spans import Line, Role, line, span


class LogPane(LinePane, inherit_bindings=False):
    """Shows log lines, oldest first, and stays at the end when it was there."""

    BINDINGS = LinePane.BINDINGS

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(id="logs")
        self._all: tuple[Line, ...] = ()
        self._wanted = ""
        self.shown = 0
        """How many lines the filter lets through."""

    @property
    def total(self) -> int:
        """How many lines there are."""
        return len(self._all)

    def wait(self) -> None:
        """Say that the logs are being read."""
        self.show((line(span("reading the logs …", Role.MUTED)),), from_top=True)
        self.focus()

    def show_logs(self, lines: tuple[Line, ...]) -> None:
        """Show these lines."""
        self._all = lines
        self._refill()
        self.action_scroll_edge(1)

    def filter(self, text: str) -> None:
        """Show only lines that hold the text, in any case of letters."""
        self._wanted = text.casefold()
        if self._all:
            self._refill()

    def _refill(self) -> None:
        matching = tuple(item for item in self._all if self._wanted in item.text.casefold())
        self.shown = len(matching)
        if matching:
            self.show(matching)
        else:
            told = "nothing matches the filter" if self._all else "its tasks wrote nothing"
            self.show((line(span(told, Role.MUTED)),))
