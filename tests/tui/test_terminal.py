"""The whole UI in a real terminal: a pty of tmux, whose screen is read back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

ROOT = Path(__file__).parents[2]

PROGRAM = """
import sys
from pathlib import Path
from bunsui.tui.app import BunsuiApp
from tests.tui.stage import Stage
from tests.tui.test_hostile_text import TITLE, a_session

stage = Stage(Path(sys.argv[1]))
stage.write("orders")
stage.rows.add(a_session(TITLE))
app = BunsuiApp(stage.bridge())
app.run()
print("LEFT", app.return_code)
"""

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]


class Terminal:
    def __init__(self, socket: Path, command: list[str], *, size: tuple[int, int]) -> None:
        self._tmux = ["tmux", "-S", str(socket), "-f", os.devnull]
        width, height = size
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
        # A size in the environment, as parallel runs of pytest have it, would be believed more than the terminal's own.
        for name in ("TMUX", "COLUMNS", "LINES"):
            environment.pop(name, None)
        start = ["new-session", "-d", "-s", "t", "-x", str(width), "-y", str(height), *command]
        subprocess.run([*self._tmux, *start], env=environment, check=True)

    def text(self) -> str:
        return self._ask("capture-pane", "-p", "-t", "t")

    def title(self) -> str:
        return self._ask("display-message", "-p", "-t", "t", "#{pane_title}")

    def press(self, *keys: str) -> None:
        self._ask("send-keys", "-t", "t", *keys)

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


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, encoding="utf-8")
    # The shell keeps the pane open after the program has left.
    command = ["sh", "-c", f"'{sys.executable}' '{program}' '{tmp_path}'; echo DONE; sleep 60"]
    opened = Terminal(tmp_path / "tmux", command, size=(100, 30))
    yield opened
    opened.close()


def test_the_ui_plans_applies_resizes_and_leaves_in_a_real_terminal(terminal: Terminal) -> None:
    terminal.wait_for("PWNED")
    terminal.press("3")
    terminal.wait_for("3 to create")
    terminal.press("a")
    terminal.wait_for("Apply this plan?")
    terminal.press("y")
    terminal.wait_for("Applied 3 changes")
    terminal.resize(40, 8)
    terminal.wait_for("too small")
    terminal.resize(80, 24)
    terminal.wait_for("Applied 3 changes")
    terminal.press("1")
    text = terminal.wait_for("✗ failed")
    assert "\\x1b]2;" in text
    assert "PWNED" not in terminal.title()
    terminal.press("？")
    terminal.wait_for("Keys")
    terminal.press("q")
    terminal.press("q")
    terminal.wait_for("LEFT 0")
