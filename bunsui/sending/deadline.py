"""An end to talking with a server that answers a byte at a time: its socket is closed when the time is over."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a send must be over."""

    seconds: float
    _began: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Return the seconds that are left, never less than none."""
        return max(self.seconds - (time.monotonic() - self._began), 0.0)

    def timeout(self, longest: float) -> float:
        """Return how long one step may take: a moment at least, since 0 would mean that nobody waits."""
        return max(min(self.left, longest), 0.05)


@contextmanager
def closing_at(deadline: Deadline, open_socket: Callable[[], socket.socket | None]) -> Iterator[None]:
    """Close the socket when the deadline passes while the block runs: whoever reads from it then fails."""
    timer = threading.Timer(deadline.timeout(deadline.seconds), _shut, args=(open_socket,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut(open_socket: Callable[[], socket.socket | None]) -> None:
    found = open_socket()
    if found is not None:
        try:
            found.shutdown(socket.SHUT_RDWR)
        except OSError:
            return
