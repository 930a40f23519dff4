"""Ways out that nobody was asked about: signals, a line that drops, a terminal that goes without a word. They too give the
terminal back, and let what was begun be written down."""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import sleep
from types import FrameType
from typing import Protocol

from bunsui.errors import ExitCode

_LOOK_SECONDS = 0.1
_HANG_UP_SECONDS = 1.0
_LONGEST_LEAVING_SECONDS = 3.0
"""How long the program may take to leave after its terminal went away and nothing is under way."""
_LONGEST_ENDING_SECONDS = 15.0
"""The same where it may still draw. A terminal can go without a word: who writes to it ends, what is to be drawn waits."""


class Leaving(Protocol):
    """A program that can be asked to leave."""

    @property
    def is_held(self) -> bool:
        """True while something is under way that should be written down first."""
        ...

    def leave_unasked(self) -> None:
        """Leave as soon as may be; called in the main thread, between any two instructions."""
        ...


@contextmanager
def leaving_on_signals(program: Leaving) -> Iterator[None]:
    """Take SIGTERM, SIGINT and SIGHUP, whichever the system has, as requests to leave while the block runs."""

    def leave(number: int, frame: FrameType | None) -> None:
        is_gone = number == getattr(signal, "SIGHUP", None)
        if is_gone:
            _cut_off()
        seconds = _LONGEST_LEAVING_SECONDS if is_gone else _LONGEST_ENDING_SECONDS
        threading.Thread(target=_leave_when_free, args=(program, seconds), name="bunsui leaving", daemon=True).start()
        program.leave_unasked()

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGHUP") if hasattr(signal, name)]
    previous = {number: signal.signal(number, leave) for number in numbers}
    is_left = threading.Event()
    threading.Thread(target=_notice_hang_up, args=(is_left,), name="bunsui terminal", daemon=True).start()
    try:
        yield
    finally:
        is_left.set()
        for number, handler in previous.items():
            signal.signal(number, handler)


def _notice_hang_up(is_left: threading.Event) -> None:
    """Send this process SIGHUP when its terminal has gone and nobody said so, as it is for a program that is not the terminal's
    session: what reads from it would find the end of the input for ever, and ask again at once."""
    if not hasattr(select, "poll") or not hasattr(signal, "SIGHUP") or not os.isatty(0):
        return
    poller = select.poll()
    poller.register(0, 0)
    while not is_left.wait(_HANG_UP_SECONDS):
        found = poller.poll(0)
        if any(event & select.POLLNVAL for _, event in found):
            return  # this system tells nothing of terminals
        if any(event & select.POLLHUP for _, event in found):
            os.kill(os.getpid(), signal.SIGHUP)
            return


def _cut_off() -> None:
    """Let the streams lead nowhere: the terminal is gone. A write to it would end the thread that writes, and so hold up all
    that is to be drawn. The input is one that never comes, since one that ends is read on and on."""
    with suppress(OSError):
        silent, _ = os.pipe()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 0)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)


def _leave_when_free(program: Leaving, seconds: float) -> None:
    """End the process when nothing is held any more, also where the screen never learns of it."""
    while program.is_held:
        sleep(_LOOK_SECONDS)
    sleep(seconds)
    os._exit(ExitCode.INTERRUPTED)
