"""`e` and `c` in the Builder: a real editor in the terminal that the screens left, a real commit in a real repository."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.stage import pipeline_text
from tests.tui.terminal import Terminal

PROGRAM = """
import sys
from pathlib import Path
from bunsui.tui.app import BunsuiApp
from tests.tui.stage import Stage

stage = Stage(Path(sys.argv[1]))
if sys.argv[2:]:
    stage.apply()
    stage.session("orders", "failed")
app = BunsuiApp(stage.bridge())
app.run()
"""
EDITOR = """\
import sys
from pathlib import Path

file = Path(sys.argv[-1])
answer = input("EDITOR " + file.name + "> ")
if answer == "mend":
    file.write_text(file.read_text(encoding="utf-8").replace("5s", "7s"), encoding="utf-8")
sys.exit(3 if answer == "fail" else 0)
"""

pytestmark = [
    pytest.mark.timeout(120),
    pytest.mark.skipif(not (shutil.which("tmux") and shutil.which("git")), reason="tmux or git is not installed"),
]


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", folder, *words], check=True, capture_output=True, text=True).stdout.strip()


def shop(folder: Path) -> Path:
    """A repository with one pipeline, committed."""
    (folder / "pipelines").mkdir(parents=True)
    (folder / "pipelines/orders.yaml").write_text(pipeline_text("orders"), encoding="utf-8")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.name", "Mika")
    git(folder, "config", "user.email", "mika@example.com")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "first")
    return folder


def test_a_text_goes_to_the_editor_and_back_and_is_committed_on_a_branch(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    program, editor = tmp_path / "program.py", tmp_path / "editor.py"
    program.write_text(PROGRAM, encoding="utf-8")
    editor.write_text(EDITOR, encoding="utf-8")
    command = [sys.executable, str(program), str(root)]
    environment = {"EDITOR": f"'{sys.executable}' '{editor}'", "VISUAL": ""}
    terminal = Terminal(tmp_path / "tmux", command, size=(100, 30), environment=environment)
    try:
        terminal.wait_for("quit")
        terminal.press("4")
        terminal.wait_for("✓ valid")
        for answer, told in (
            ("fail", "ended with 3: the draft is as it was"),
            ("keep", "back from the editor: the draft is as it was"),
            ("mend", "as it came back from the editor"),
        ):
            terminal.press("e")
            terminal.wait_for("EDITOR draft.yaml>")
            terminal.type(answer)
            terminal.press("Enter")
            terminal.wait_for(told)
        terminal.wait_for("for: 7s")
        terminal.press("c")
        terminal.wait_for("nothing to commit: the draft is not written yet")
        terminal.press("w")
        terminal.wait_for("write pipelines/orders.yaml?")
        terminal.press("y")
        terminal.wait_for("as in the file")
        terminal.press("c")
        terminal.wait_for("on which branch?")
        terminal.type("longer-wait")
        terminal.press("Enter")
        terminal.wait_for("message for pipelines/orders.yaml")
        terminal.type("orders: wait longer")
        terminal.press("Enter")
        shown = terminal.wait_for("✓ committed")
    finally:
        terminal.close()
    assert git(root, "log", "-1", "--format=%s", "longer-wait") == "orders: wait longer"
    assert git(root, "show", "--name-only", "--format=", "longer-wait") == "pipelines/orders.yaml"
    assert git(root, "branch", "--show-current") == "longer-wait"
    assert f"✓ committed {git(root, 'rev-parse', '--short=12', 'longer-wait')} on longer-wait" in shown
    assert git(root, "status", "--porcelain") == ""


def test_what_is_edited_from_a_session_is_planned_when_the_plan_is_looked_at(tmp_path: Path) -> None:
    root = shop(tmp_path / "shop")
    program, editor = tmp_path / "program.py", tmp_path / "editor.py"
    program.write_text(PROGRAM, encoding="utf-8")
    editor.write_text(EDITOR, encoding="utf-8")
    command = [sys.executable, str(program), str(root), "with a session"]
    environment = {"EDITOR": f"'{sys.executable}' '{editor}'", "VISUAL": ""}
    terminal = Terminal(tmp_path / "tmux", command, size=(120, 36), environment=environment)
    try:
        terminal.wait_for("✗ failed")
        terminal.press("3")
        terminal.wait_for("Nothing to change")
        terminal.press("1", "Enter")
        terminal.wait_for("enter open the job")
        for answer in ("keep", "mend"):
            terminal.press("e")
            terminal.wait_for("EDITOR orders.yaml>")
            terminal.type(answer)
            terminal.press("Enter")
            shown = terminal.wait_for("back from orders.yaml:")
        assert "3 plans the change" in shown
        page = terminal.wait_for("started by")
        terminal.press("R")
        terminal.wait_for("y resume")
        asked = terminal.wait_for("kept, though nobody")  # it grew to its last line
        terminal.press("n", "3")
        terminal.wait_for("1 to update")
    finally:
        terminal.close()
    beside = [row[:26].strip() for row in asked.splitlines() if row[26:28] == "█ "]
    assert len(beside) > 12  # the question takes more lines than it was begun with
    texts = {text for row in page.splitlines() for text in re.split(r"  +", row.strip())}
    assert {text for row in beside for text in re.split(r"  +", row)} <= texts | {""}
