"""A loop that measures its turns: how long it did not look at its input, and what kept it."""

from __future__ import annotations

import asyncio
import gc
import selectors
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, thread_time
from types import FrameType

SLOW = 0.04
"""Seconds of the processor from which on a turn is kept."""
_SAMPLED_EVERY = 0.004
_SHARE = 0.6
"""A cause is the innermost call that so many of a turn's samples are in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What the loop did between two looks at its input."""

    cpu: float
    """Seconds of the processor that the loop's own thread took: a busy machine does not add to them."""
    wall: float
    """Seconds on the clock."""
    label: str
    """What was done last from outside, a key for one."""
    cause: str
    """The call that took most of it; empty where nothing was sampled."""


_NONE = Turn(cpu=0.0, wall=0.0, label="", cause="")


class MeasuredLoop(asyncio.SelectorEventLoop):
    """Keeps the longest turn, and each slow one with its cause where a sampler looks."""

    def __init__(self) -> None:
        """Begin to measure with the first look at the input."""
        super().__init__(_Watched(self))
        self.label = ""
        self.longest = _NONE
        self.slow: list[Turn] = []
        self.turns = 0
        self.samples: list[tuple[str, ...]] = []
        self.thread = threading.get_ident()
        self._begun: tuple[float, float] | None = None
        self._apart = (0.0, 0.0)
        self._collecting = self._collected = 0.0
        self._generation = 0

    @property
    def lasts(self) -> float:
        """Seconds on the clock since the turn began; 0 while the loop waits for input."""
        return perf_counter() - self._begun[1] if self._begun is not None else 0.0

    def forget(self) -> None:
        """Measure from now on."""
        self.turns, self.slow, self.longest = 0, [], _NONE
        self._begun = None

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Do not count what a test itself does in the turn."""
        cpu, wall = thread_time(), perf_counter()
        try:
            yield
        finally:
            self._apart = (self._apart[0] + thread_time() - cpu, self._apart[1] + perf_counter() - wall)

    def count_garbage(self, phase: str, told: dict[str, int]) -> None:
        """Say how long the collector looked in this turn; for `gc.callbacks`."""
        if threading.get_ident() != self.thread:
            return
        if phase == "start":
            self._collecting = thread_time()
        else:
            self._collected += thread_time() - self._collecting
            self._generation = told["generation"]

    def begin_turn(self) -> None:
        """The loop has looked at its input."""
        self._begun, self._apart = (thread_time(), perf_counter()), (0.0, 0.0)
        self._collected = 0.0
        self.samples.clear()

    def end_turn(self) -> None:
        """The loop looks at its input."""
        if self._begun is None:
            return
        cpu, wall = thread_time() - self._begun[0] - self._apart[0], perf_counter() - self._begun[1] - self._apart[1]
        self._begun = None
        self.turns += 1
        if cpu > self.longest.cpu or cpu > SLOW:
            turn = Turn(cpu=cpu, wall=wall, label=self.label, cause=self._cause(cpu))
            self.longest = max(self.longest, turn, key=lambda one: one.cpu)
            self.slow += [turn] if cpu > SLOW else []

    def _cause(self, cpu: float) -> str:
        return f"garbage collection, generation {self._generation}" if self._collected > cpu / 2 else _cause(self.samples)


class _Watched(selectors.DefaultSelector):
    """Tells the loop when it begins to wait for input, and when it has some."""

    def __init__(self, loop: MeasuredLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        self._loop.end_turn()
        found = super().select(timeout)
        self._loop.begin_turn()
        return found


@contextmanager
def sampled(loop: MeasuredLoop) -> Iterator[None]:
    """Look from a thread at what the loop does in turns that last."""
    ends = threading.Event()

    def look() -> None:
        while not ends.wait(_SAMPLED_EVERY):
            if loop.lasts > SLOW / 2:
                frame = sys._current_frames().get(loop.thread)
                loop.samples.append(_calls(frame))

    watcher = threading.Thread(target=look, name="turns", daemon=True)
    watcher.start()
    gc.callbacks.append(loop.count_garbage)
    try:
        yield
    finally:
        gc.callbacks.remove(loop.count_garbage)
        ends.set()
        watcher.join()


def _calls(frame: FrameType | None) -> tuple[str, ...]:
    """Return the calls that a thread is in, the outermost first."""
    calls: list[str] = []
    while frame is not None:
        calls.append(f"{Path(frame.f_code.co_filename).stem}.{frame.f_code.co_name}")
        frame = frame.f_back
    return tuple(reversed(calls))


def _cause(samples: list[tuple[str, ...]]) -> str:
    """Return the way down to the innermost call that most samples are in, as far as it says something."""
    every = [tuple(call for call in calls if "importlib" not in call) for calls in list(samples)]
    counted = Counter(calls[:depth] for calls in every for depth in range(1, len(calls) + 1))
    common = max((calls for calls, times in counted.items() if times >= _SHARE * len(every)), key=len, default=())
    return " > ".join(common[-5:])
