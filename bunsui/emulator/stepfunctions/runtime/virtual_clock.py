"""The time of one execution: it stands still while the engine works, and passes every timer at exactly its instant.

So an execution that is run again from its journal sees the same instants in the same order, however late the machine was.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count

from bunsui.engine.clock import Timer


class ExecutionClock:
    """An `EngineClock` that somebody else moves."""

    def __init__(self, at: datetime) -> None:
        """Begin at an instant."""
        self._at = at
        self._heap: list[tuple[datetime, int, _PlannedCall]] = []
        self._order = count()

    def now(self) -> datetime:
        """Return the instant at which the clock stands."""
        return self._at

    def call_at(self, when: datetime, action: Callable[[], None]) -> Timer:
        """Call `action` when the clock passes the instant; one in the past is passed next."""
        entry = _PlannedCall(action)
        heapq.heappush(self._heap, (max(when, self._at), next(self._order), entry))
        return entry

    def due(self) -> datetime | None:
        """Return the instant of the next timer."""
        while self._heap and self._heap[0][2].action is None:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def advance(self, to: datetime, *, most: int | None = None) -> None:
        """Pass every timer up to and including the instant, and stand there. After `most` timers the rest stays for later."""
        passed = 0
        while (due := self.due()) is not None and due <= to and passed != most:
            _, _, entry = heapq.heappop(self._heap)
            self._at = max(self._at, due)
            entry.fire()
            passed += 1
        self._at = max(self._at, to)


class _PlannedCall:
    """Something that was asked to happen later."""

    __slots__ = ("action",)

    def __init__(self, action: Callable[[], None]) -> None:
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Let it not happen."""
        self.action = None

    def fire(self) -> None:
        """Do it, once."""
        action, self.action = self.action, None
        if action is not None:
            action()
