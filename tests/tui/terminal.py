"""A program in a terminal of tmux, whose screen is read back as somebody would see it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep

ROOT = Path(__file__).parents[2]


class Terminal:
    """A terminal with a program in it; close it at the end."""

    def __init__(
        self,
        socket: Path,
        command: Sequence[str],
        *,
        size: tuple[int, int],
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start the program in the folder; `environment` comes on top of that of the tests."""
        self._tmux = ["tmux", "-S", str(socket), "-f", os.devnull]
        width, height = size
        variables = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **(environment or {})}
        # A size in the environment, as parallel runs of pytest have it, would be believed more than the terminal's own.
        for name in ("TMUX", "COLUMNS", "LINES"):
            variables.pop(name, None)
        start = ["new-session", "-d", "-s", "t", "-x", str(width), "-y", str(height), *command]
        if folder is not None:
            start[2:2] = ["-c", str(folder)]
        subprocess.run([*self._tmux, *start], env=variables, check=True)

    def text(self) -> str:
        return self._ask("capture-pane", "-p", "-t", "t")

    def title(self) -> str:
        return self._ask("display-message", "-p", "-t", "t", "#{pane_title}")

    def press(self, *keys: str) -> None:
        self._ask("send-keys", "-t", "t", *keys)

    def type(self, text: str) -> None:
        """Type a text as it is."""
        self._ask("send-keys", "-t", "t", "-l", text)

    def resize(self, width: int, height: int) -> None:
        self._ask("resize-window", "-t", "t", "-x", str(width), "-y", str(height))

    def wait_for(self, wanted: str, *, seconds: float = 30) -> str:
        limit = monotonic() + seconds
        while wanted not in (text := self.text()):
            assert monotonic() < limit, f"{wanted!r} did not come:\n{text}"
            sleep(0.1)
        return text

    def close(self) -> None:
        self._ask("kill-server")

    def _ask(self, *arguments: str) -> str:
        return subprocess.run([*self._tmux, *arguments], capture_output=True, text=True, check=False).stdout
