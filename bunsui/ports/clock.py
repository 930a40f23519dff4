"""Time, so that the core never looks at a clock by itself."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """A clock and a way to wait."""

    def now(self) -> datetime:
        """Return the current instant, aware UTC."""
        ...

    def sleep(self, seconds: float) -> None:
        """Wait."""
        ...

    def steady(self) -> float:
        """Return seconds that never go back, from an arbitrary start, and that pass while the machine sleeps too."""
        ...
