"""A program in a terminal of its own, which is seen as bytes and as settings."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import termios
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from select import POLLHUP, POLLIN, poll
from time import monotonic, sleep

ENOUGH_SECONDS = 60.0


class PseudoTerminal:
    """A terminal of 30 lines and 100 columns with a program in it; close it at the end."""

    def __init__(self, command: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> None:
        """Start the program in the folder; `environment` is the whole one but for the size and kind of the terminal."""
        self.output = b""
        self.master, self.slave = pty.openpty()
        self.before = termios.tcgetattr(self.slave)
        termios.tcsetwinsize(self.slave, (30, 100))
        kept = {name: text for name, text in environment.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
        self.process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            env={**kept, "TERM": "xterm-256color"},
            start_new_session=True,
        )

    def read(self) -> None:
        while self.master >= 0 and _has_more(self.master):
            try:
                self.output += os.read(self.master, 65536)
            except OSError:
                return

    def until(self, holds: Callable[[], bool], what: str) -> None:
        limit = monotonic() + ENOUGH_SECONDS
        while not holds():
            self.read()
            assert monotonic() < limit, f"{what}:\n{self.output[-2000:]!r}"
            sleep(0.02)

    def until_shown(self, *texts: str) -> str:
        """Wait until one of the texts is shown that was not so far; return what is shown since."""
        shown = len(self.output)

        def seen() -> str:
            return plain(self.output[max(0, shown - 20_000) :])

        self.until(lambda: any(text in seen() for text in texts), f"{' or '.join(texts)} was not shown")
        return seen()

    def press(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def ended(self) -> int:
        """Wait for its end; return the exit code."""
        self.until(lambda: self.process.poll() is not None, "it did not end")
        self.read()
        return self.process.returncode

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for number in {self.master, self.slave}:
            with suppress(OSError):
                os.close(number)


def _has_more(descriptor: int) -> bool:
    """Tell whether anything can be read; `select` would know no descriptor above 1023, which a long run of tests reaches."""
    waiting = poll()
    waiting.register(descriptor, POLLIN)
    return any(event & (POLLIN | POLLHUP) for _, event in waiting.poll(0))


def plain(output: bytes) -> str:
    """Return what was written without what moves and colours it."""
    return re.sub(r"\x1b(\[[0-9;?<>=]*[a-zA-Z]|\][^\x07]*\x07|.)", "", output.decode(errors="replace"))
