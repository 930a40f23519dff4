"""Logs that the work itself wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One log event."""

    at: datetime
    message: str
    stream: str


class LogReader(Protocol):
    """CloudWatch Logs. A line may show up seconds after it was written, and after a younger one."""

    def containing(
        self, group: str, texts: Sequence[str], *, start: datetime, end: datetime | None = None
    ) -> Sequence[LogLine]:
        """Return every line of the group in the window, both ends included, that holds one of the texts, oldest first; empty
        when the group does not exist."""
        ...

    def backwards(
        self, group: str, stream: str, *, start: datetime, end: datetime | None = None, page: int = 10_000
    ) -> Iterator[Sequence[LogLine]]:
        """Return the stream's lines in the window, both ends included, in pages from the newest to the oldest; within a page
        oldest first. Nothing when the group or the stream does not exist."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ContainerLog:
    """Where a container of a task definition logs."""

    container: str
    group: str
    """Empty when its log does not go to CloudWatch Logs."""
    stream_prefix: str
    """With it the stream is PREFIX/CONTAINER/TASK-ID; without one it is the id that the container's host gave it."""


class ContainerLogs(Protocol):
    """What task definitions of ECS say of logs."""

    def of_definition(self, definition_arn: str) -> Sequence[ContainerLog]:
        """Return one for each container; CloudError when there is no such task definition (any more)."""
        ...
