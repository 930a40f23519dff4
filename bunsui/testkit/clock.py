"""A clock that moves only when somebody sleeps or moves it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta


class ManualClock:
    """Implements `bunsui.ports.clock.Clock` without waiting."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        """Start at an aware instant."""
        self._now = start.astimezone(UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """Return the virtual instant, aware UTC."""
        return self._now

    def sleep(self, seconds: float) -> None:
        """Let the time pass at once; ValueError for less than nothing, as the machine's own clock."""
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        with self._lock:
            self._now += timedelta(seconds=seconds)

    def steady(self) -> float:
        """Return the virtual seconds since the epoch."""
        return self._now.timestamp()
