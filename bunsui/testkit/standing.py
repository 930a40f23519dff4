"""What the client in memory asks of an execution, however it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent, SessionStatus

STOPPED = "Stopped"
"""The error of an execution that was stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionStanding:
    """How an execution stands at an instant."""

    status: SessionStatus
    stopped_at: datetime | None = None
    output: Json = None
    error: str = ""
    cause: str = ""
    redrive_count: int = 0
    redriven_at: datetime | None = None


class Play(Protocol):
    """An execution that is looked at now and then; instants never go back."""

    def standing(self, now: datetime) -> ExecutionStanding:
        """Tell how it stands."""
        ...

    def events(self, now: datetime) -> Sequence[HistoryEvent]:
        """Return the events up to now, oldest first."""
        ...

    def stop(self, now: datetime, reason: str) -> None:
        """Abort it; nothing when it has ended."""
        ...

    def redrive(self, now: datetime) -> None:
        """Revive it after it ended badly; Refused when it did not."""
        ...
