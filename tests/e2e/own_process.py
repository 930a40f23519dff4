"""An embedded AWS of one test alone, to be killed, stopped and started again."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from bunsui.emulator.launcher.folder import DataFolder
from bunsui.emulator.launcher.launcher import LocalEndpoint, ensure_running
from bunsui.folders.filelock import holder
from tests.embedded import EmbeddedAccount


def account_of(folder: Path) -> EmbeddedAccount:
    """Start the folder's embedded AWS and give its default account."""
    endpoint = ensure_running(folder)
    return EmbeddedAccount(endpoint=endpoint, account=endpoint.account, region=endpoint.region)


def kill(endpoint: LocalEndpoint, folder: Path) -> None:
    """Kill -9, and wait until the system noticed."""
    os.kill(endpoint.pid, signal.SIGKILL)
    eventually(lambda: holder(DataFolder(folder).running_lock) is None)


def eventually(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    """Wait for the condition; fail when it does not come true, however busy the machine is."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def saved(folder: Path, **texts: str) -> None:
    """Wait until the saved state of each service named holds the text."""

    def is_saved(service: str) -> bool:
        file = DataFolder(folder).state / f"{service}.json"
        return file.exists() and texts[service] in file.read_text(encoding="utf-8")

    eventually(lambda: all(map(is_saved, texts)))


def processes_below(folder: Path) -> list[str]:
    """Return the command lines of all processes that name the folder or work in it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            if str(folder) in command or str(folder) in str((process / "cwd").readlink()):
                found.append(command)
    return found
