"""The log lines of a session, with a filter of their own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from bunsui.tui.widgets.line_pane import LinePane
from bunsui.view.safe import safe_lines
from bunsui.view.sessions.logs import line_role, log_notes, source_of
from bunsui.view.sessions.wording import clock_time
from bunsui.view.spans import Line, Role, line, span
from bunsui.view.table import cells, cut

if TYPE_CHECKING:
    from bunsui.sessions.logs.task_logs import LogEntry, TaskLogs


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

    def show_logs(self, found: TaskLogs, zone: tzinfo, *, to_end: bool) -> None:
        """Show these lines, times in the zone, and what they do not show; the newest, or where somebody reads."""
        notes = tuple(line(span(note, Role.WARN)) for note in log_notes(found))
        self._all = (*log_lines(found.entries, zone), *notes)
        was_at_end = self.is_vertical_scroll_end
        self._refill()
        if to_end or was_at_end:
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


def log_lines(entries: Sequence[LogEntry], zone: tzinfo) -> tuple[Line, ...]:
    """Return each entry with its time and its job; what goes on over several lines is indented below the first."""
    width = min(max((cells(source_of(entry)) for entry in entries), default=0), 24)
    lines: list[Line] = []
    for entry in entries:
        job = cut(source_of(entry), width)
        first, *rest = safe_lines(entry.message.rstrip("\n"), limit_lines=100)
        when = span(f"{clock_time(entry.at, zone)}  ", Role.MUTED)
        lines.append(line(when, span(job + " " * (width - cells(job) + 2), Role.NAME), span(first, line_role(first))))
        lines.extend(line(text, indent=12 + width) for text in rest)
    return tuple(lines)
