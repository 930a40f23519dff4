"""The one place that asks the system for the time."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the current instant, aware UTC."""
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        time.sleep(seconds)

    def steady(self) -> float:
        """Return seconds that pass while the machine sleeps: CLOCK_BOOTTIME on Linux; the monotonic clock does so elsewhere."""
        clock = getattr(time, "CLOCK_BOOTTIME", None)
        if clock is None and sys.platform == "darwin":
            clock = time.CLOCK_MONOTONIC  # unlike Python's own, it runs while a Mac sleeps
        if clock is not None:
            return time.clock_gettime(clock)
        return time.monotonic()
