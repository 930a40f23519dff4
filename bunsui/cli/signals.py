"""Signals as requests to stop (Ctrl-C, SIGTERM), with the word that they were heard."""

from __future__ import annotations

import _thread
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from bunsui.apply.stop import Stop, Stopping
from bunsui.cli.output import Output
from bunsui.view.spans import Role

_HEARD = "stopping after what runs now; press Ctrl-C again to stop waiting for it"
_SAID_SECONDS = 1.0
"""A reader of stderr who does not read keeps nobody longer than this."""


@contextmanager
def signals_to(stop: Stop, output: Output) -> Iterator[None]:
    """Turn Ctrl-C and SIGTERM into requests to stop while the block runs."""
    saying: list[Callable[[], object]] = []

    def ask(number: int, frame: FrameType | None) -> None:
        before = stop.urgency
        stop.request()
        if stop.urgency is Stopping.AFTER_RUNNING and before is not stop.urgency:
            saying.append(_aside(lambda: output.say(_HEARD, role=Role.WARN)))

    previous = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
        for said in saying:
            said()


def _aside(work: Callable[[], None]) -> Callable[[], object]:
    """Have it done in a thread, and give what waits for it. A signal may come while the very line before is being written, and
    no stream lets the same thread write in the midst of writing; `threading` itself could be what was interrupted."""
    done = _thread.allocate_lock()
    done.acquire()

    def do() -> None:
        try:
            work()
        finally:
            done.release()

    _thread.start_new_thread(do, ())
    return lambda: done.acquire(timeout=_SAID_SECONDS)
