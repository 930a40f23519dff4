"""Time for the engine: an injected clock that calls back, and one whose hours cost nothing."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Protocol


class Timer(Protocol):
    """Something that was asked to happen later."""

    def cancel(self) -> None:
        """Make sure that it does not happen; nothing when it already did."""
        ...


class EngineClock(Protocol):
    """A clock that calls back, one call at a time: the engine is never entered twice at once."""

    def now(self) -> datetime:
        """Return the current instant, aware UTC."""
        ...

    def call_at(self, when: datetime, action: Callable[[], None]) -> Timer:
        """Call `action` at that instant, or as soon as possible when it has passed; same instants in the order asked."""
        ...


@dataclass(slots=True)
class _Scheduled:
    action: Callable[[], None] | None

    def cancel(self) -> None:
        self.action = None


@dataclass(slots=True)
class VirtualClock:
    """A clock that jumps from one scheduled instant to the next."""

    at: datetime
    """The current instant."""
    _heap: list[tuple[datetime, int, _Scheduled]] = field(default_factory=list)
    _order: count[int] = field(default_factory=count)

    def now(self) -> datetime:
        """Return the current instant."""
        return self.at

    def call_at(self, when: datetime, action: Callable[[], None]) -> Timer:
        """Schedule the action; an instant in the past means now."""
        scheduled = _Scheduled(action)
        heapq.heappush(self._heap, (max(when, self.at), next(self._order), scheduled))
        return scheduled

    def step(self) -> bool:
        """Do the next scheduled thing, moving the time to it; False when nothing is left."""
        while self._heap:
            when, _, scheduled = heapq.heappop(self._heap)
            if scheduled.action is None:
                continue
            self.at = max(self.at, when)
            action, scheduled.action = scheduled.action, None
            action()
            return True
        return False


def after(clock: EngineClock, seconds: float, action: Callable[[], None]) -> Timer:
    """Call `action` that many seconds from now."""
    return clock.call_at(clock.now() + timedelta(seconds=seconds), action)
