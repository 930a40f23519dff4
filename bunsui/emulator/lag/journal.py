"""Keeps how things stood before they were written, for as long as answers may be old."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Before(Generic[Value]):
    """What an object was before a write of which nobody knows yet."""

    value: Value


class PastJournal(Generic[Key, Value]):
    """What each object was before its latest writes."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Keep nothing until answers are to be old."""
        self._seconds = 0.0
        self._clock = clock
        self._kept: dict[Key, list[tuple[float, Value]]] = {}

    def set(self, seconds: float) -> None:
        """Have answers be so many seconds old from now on; what was written before is known."""
        self._seconds = seconds
        self._kept.clear()

    def note(self, key: Key, before: Value) -> None:
        """Keep what an object was before a write that has just been done."""
        if self._seconds:
            kept = [one for one in self._kept.get(key, ()) if self._is_late(one[0])]
            self._kept[key] = [*kept, (self._clock(), before)]

    def look_back(self, key: Key) -> Before[Value] | None:
        """Return what an object was then, where answers tell of it; None where they tell what it is."""
        return next((Before(before) for at, before in self._kept.get(key, ()) if self._is_late(at)), None)

    def late(self) -> dict[Key, Value]:
        """Return what each object was that is otherwise now."""
        shown = {key: self.look_back(key) for key in list(self._kept)}
        return {key: before.value for key, before in shown.items() if before is not None}

    def _is_late(self, at: float) -> bool:
        return self._clock() - at < self._seconds
