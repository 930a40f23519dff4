"""Threads that do what waits. They do not outlive the process: whoever stops it does not wait for a call that hangs."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable

_LOOK_SECONDS = 0.01


class Pool:
    """Does things on at most so many threads, begun in the order they came."""

    def __init__(self, size: int, name: str) -> None:
        """Threads are made as they are needed."""
        self._size = size
        self._name = name
        self._waiting: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._lock = threading.Lock()
        self._open = 0

    def do(self, action: Callable[[], None]) -> Callable[[], None]:
        """Have something done; give what keeps it from being begun. The action must not raise."""
        job = _Job(action)
        with self._lock:
            self._open += 1
            if self._open > len(self._threads) and len(self._threads) < self._size:
                thread = threading.Thread(target=self._work, name=f"{self._name}-{len(self._threads)}", daemon=True)
                self._threads.append(thread)
                thread.start()
        self._waiting.put(job)
        return job.cancel

    def drain(self, seconds: float) -> bool:
        """Wait until everything is done, but not longer; True when it is."""
        deadline = time.monotonic() + seconds
        while self._open:
            if time.monotonic() > deadline:
                return False
            time.sleep(_LOOK_SECONDS)
        return True

    def close(self) -> None:
        """End the threads that have nothing to do; the others end with the process."""
        for _ in self._threads:
            self._waiting.put(None)

    def _work(self) -> None:
        while (job := self._waiting.get()) is not None:
            try:
                job.run()
            finally:
                with self._lock:
                    self._open -= 1


class _Job:
    """Something that is to be done, unless somebody changes their mind."""

    __slots__ = ("_action",)

    def __init__(self, action: Callable[[], None]) -> None:
        self._action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Do not begin."""
        self._action = None

    def run(self) -> None:
        """Do it."""
        action = self._action
        if action is not None:
            action()
