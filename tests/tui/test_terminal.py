"""The whole UI in a real terminal: a pty of tmux, whose screen is read back."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tui.terminal import Terminal

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
