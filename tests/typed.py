"""bunsui as a user types it, in a process of its own: folder, environment, streams, signals and exit code are its own.

The process is forked from a server in which everything is imported, since the imports take nine tenths of a short command. What
happens before and while bunsui is imported (`-m bunsui`, closed streams, which modules a command loads) needs a fresh
interpreter: tests of that start one.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.documents import check_printed
from tests.forking import begin, forked

ENOUGH_SECONDS = 120.0
"""No command takes so long, however busy the machine is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """How a command ended."""

    returncode: int
    """Less than zero for the signal that it died of."""
    stdout: str
    stderr: str


class Typing:
    """A command that may still run, seen from outside."""

    def __init__(
        self, folder: Path, arguments: tuple[str, ...], environment: Mapping[str, str], being: Callable[..., None]
    ) -> None:
        self._streams = Path(tempfile.mkdtemp(prefix="bunsui-typed-"))
        self._arguments = arguments
        self._process = forked(being, folder, arguments, dict(environment), self._streams)

    @property
    def stdout(self) -> str:
        """What it printed so far."""
        return self._read("stdout")

    @property
    def stderr(self) -> str:
        """What it told so far."""
        return self._read("stderr")

    def send_signal(self, number: signal.Signals) -> None:
        pid = self._process.pid
        assert pid is not None
        os.kill(pid, number)

    def until_told(self, text: str) -> None:
        """Wait until the text stands in stderr; fail when the command ends without."""
        deadline = time.monotonic() + ENOUGH_SECONDS
        while text not in self.stderr:
            assert time.monotonic() < deadline, self.stderr
            assert self._process.is_alive() or text in self.stderr, self.stdout + self.stderr
            time.sleep(0.005)

    def ended(self) -> Done:
        """Wait for its end; what it printed as JSON obeys the schema that is published for it."""
        self._process.join(ENOUGH_SECONDS)
        code = self._process.exitcode
        try:
            if code is None:
                self._process.kill()
                self._process.join()
                raise AssertionError(f"it did not end within {ENOUGH_SECONDS} s: {self.stdout}{self.stderr}")
            done = Done(returncode=code, stdout=self.stdout, stderr=self.stderr)
        finally:
            self._process.close()
            shutil.rmtree(self._streams)
        if code >= 0:  # one that a signal killed may have printed the half
            check_printed(self._arguments, done.stdout)
        return done

    def _read(self, stream: str) -> str:
        path = self._streams / stream
        return path.read_text(encoding="utf-8") if path.exists() else ""


def started(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Typing:
    """Start a command in the folder. `environment` is the whole one; None for `without_ours()`."""
    return Typing(folder, arguments, without_ours() if environment is None else environment, live)


def typed(folder: Path, *arguments: str, environment: Mapping[str, str] | None = None) -> Done:
    """Run a command to its end, with an input that is empty."""
    return started(folder, *arguments, environment=environment).ended()


def without_ours(**more: str) -> dict[str, str]:
    """Return the environment of the tests without what bunsui, AWS and CI systems read, and with `more`."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("AWS_", "BUNSUI_", "CI", "GITHUB_"))}
    return {**kept, "BUNSUI_LOCAL_IDLE_MINUTES": "10", **more}


def live(folder: Path, arguments: tuple[str, ...], environment: dict[str, str], streams: Path) -> None:
    """Be the command, to its end."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    out, err = (os.open(streams / name, flags) for name in ("stdout", "stderr"))
    begin(folder, environment, (os.open(os.devnull, os.O_RDONLY), out, err))
    from bunsui.cli.main import main

    sys.argv = ["bunsui", *arguments]
    main()
