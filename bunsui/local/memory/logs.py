"""Log groups in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bunsui.ports.monitoring import LogLine


class MemoryLogReader:
    """Implements `bunsui.ports.monitoring.LogReader` over lines that a test wrote."""

    def __init__(self) -> None:
        """Start without groups."""
        self._groups: dict[str, list[LogLine]] = {}

    def write(self, group: str, *lines: LogLine) -> None:
        """Add lines to a group, made when it is new."""
        self._groups.setdefault(group, []).extend(lines)

    def lines(
        self, group: str, *, start: datetime, end: datetime | None = None, contains: str = "", limit: int = 1000
    ) -> Sequence[LogLine]:
        """Give the group's lines in the window, both ends included, oldest first; empty when the group does not exist."""
        found = [
            line
            for line in self._groups.get(group, ())
            if start <= line.at and (end is None or line.at <= end) and contains in line.message
        ]
        return sorted(found, key=lambda line: line.at)[:limit]
