"""The one thread that everything happens on, one thing after the other, at its time."""

from __future__ import annotations

import heapq
import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from itertools import count
from typing import TypeVar

_log = logging.getLogger("bunsui.emulator")

Result = TypeVar("Result")


class EngineThread:
    """Does what it is asked to, in the order it was asked, and calls back at given times."""

    def __init__(self) -> None:
        """Make the thread; it does nothing before `start`."""
        self._asked: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._thread = threading.Thread(target=self._run, name="step-functions", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after what was asked before."""
        if self._thread.is_alive():
            self._asked.put(None)
            self._thread.join()

    def post(self, action: Callable[[], None]) -> None:
        """Have something done soon; from any thread."""
        self._asked.put(action)

    def submit(self, action: Callable[[], Result]) -> Future[Result]:
        """Have something done soon, and give its result; from any thread but this one when the result is waited for."""
        future: Future[Result] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                future.set_result(action())
            except BaseException as problem:  # noqa: BLE001 - whoever waits gets it
                future.set_exception(problem)

        self._asked.put(work)
        return future

    def here(self) -> bool:
        """Tell whether the caller runs on this thread."""
        return threading.current_thread() is self._thread

    def call_at(self, when: float, action: Callable[[], None]) -> None:
        """Have something done at a time in seconds since 1970; on this thread only."""
        heapq.heappush(self._timers, (when, next(self._order), action))

    def _run(self) -> None:
        while True:
            try:
                action = self._asked.get(timeout=self._rest())
            except queue.Empty:
                action = _nothing
            if action is None:
                return
            # A timer after everything that was asked, so that neither keeps the other waiting.
            for step in (action, self._next_due):
                try:
                    step()
                except Exception:  # noqa: BLE001 - nothing may end the thread that everything happens on
                    _log.exception("the Step Functions engine failed at one thing and goes on with the next")

    def _rest(self) -> float | None:
        """Return the seconds until the next timer; None without one. Never below 0."""
        if not self._timers:
            return None
        # Clocks are set now and then, so a long rest is cut into short ones.
        return min(max(0.0, self._timers[0][0] - time.time()), 60.0)

    def _next_due(self) -> None:
        if self._timers and self._timers[0][0] <= time.time():
            heapq.heappop(self._timers)[2]()


def _nothing() -> None:
    """Do nothing."""
