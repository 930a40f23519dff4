"""Logs that the work itself wrote."""

from __future__ import annotations

from collections.abc import Sequence
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
    """CloudWatch Logs."""

    def lines(
        self, group: str, *, start: datetime, end: datetime | None = None, contains: str = "", limit: int = 1000
    ) -> Sequence[LogLine]:
        """Give the group's lines in the window, oldest first; empty when the group does not exist."""
        ...
