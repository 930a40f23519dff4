"""Asking an apply to stop: first to finish what runs, then to stop waiting for it."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from time import monotonic

DEBOUNCE_SECONDS = 0.5
"""Two requests closer than this count once: some shells and supervisors send a signal twice."""


class Stopping(IntEnum):
    """How urgently the apply was asked to stop."""

    NO = 0
    AFTER_RUNNING = 1
    """Finish and record what runs, start nothing new."""
    AT_ONCE = 2
    """Stop waiting for what runs; the next plan finds out what became of it."""


class Stop:
    """A request to stop, safe to make from a signal handler or another thread."""

    def __init__(self, seconds: Callable[[], float] = monotonic) -> None:
        """Start without a request; `seconds` gives a monotonic time."""
        self._seconds = seconds
        self._last: float | None = None
        self.urgency = Stopping.NO

    def request(self) -> None:
        """Ask to stop, or, when already asked, to stop at once."""
        now = self._seconds()
        if self._last is not None and now - self._last < DEBOUNCE_SECONDS:
            return
        self._last = now
        self.urgency = Stopping.AFTER_RUNNING if self.urgency is Stopping.NO else Stopping.AT_ONCE
