"""Log groups in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from bunsui.errors import Missing
from bunsui.ports.monitoring import ContainerLog, LogLine


class MemoryLogReader:
    """Implements `bunsui.ports.monitoring.LogReader` over lines that a test wrote."""

    def __init__(self) -> None:
        """Start without groups."""
        self._groups: dict[str, list[LogLine]] = {}
        self.calls = 0
        """How many pages were asked for."""

    def write(self, group: str, *lines: LogLine) -> None:
        """Add lines to a group, made when it is new."""
        self._groups.setdefault(group, []).extend(lines)

    def containing(
        self, group: str, texts: Sequence[str], *, start: datetime, end: datetime | None = None
    ) -> Sequence[LogLine]:
        """Return every line of the group in the window, both ends included, that holds one of the texts, oldest first; empty
        when the group does not exist."""
        self.calls += 1
        return [line for line in self._in_window(group, start, end) if any(text in line.message for text in texts)]

    def backwards(
        self, group: str, stream: str, *, start: datetime, end: datetime | None = None, page: int = 10_000
    ) -> Iterator[Sequence[LogLine]]:
        """Return the stream's lines in the window, both ends included, in pages from the newest to the oldest; within a page
        oldest first. Nothing when the group or the stream does not exist."""
        lines = [line for line in self._in_window(group, start, end) if line.stream == stream]
        while lines:
            self.calls += 1
            yield lines[-page:]
            lines = lines[:-page]

    def _in_window(self, group: str, start: datetime, end: datetime | None) -> list[LogLine]:
        found = [line for line in self._groups.get(group, ()) if start <= line.at and (end is None or line.at <= end)]
        return sorted(found, key=lambda line: line.at)


class MemoryContainerLogs:
    """Implements `bunsui.ports.monitoring.ContainerLogs` over task definitions that a test names."""

    def __init__(self, definitions: Mapping[str, Sequence[ContainerLog]]) -> None:
        """`definitions` are by ARN."""
        self._definitions = definitions

    def of_definition(self, definition_arn: str) -> Sequence[ContainerLog]:
        """Return one for each container; CloudError when there is no such task definition (any more)."""
        if definition_arn not in self._definitions:
            raise Missing("missing", "there is no such task definition", definition=definition_arn)
        return self._definitions[definition_arn]
