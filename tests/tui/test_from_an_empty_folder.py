"""From an empty folder, in the terminal UI alone: three jobs are built, deployed, run; one fails, is mended, and resumed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.tui.terminal import Terminal

BUNSUI = Path(sys.executable).with_name("bunsui")
SECONDS = 120.0
"""What a busy machine may take for one step, at most."""
FORM = r"│▌([a-z_+]+)"
MENU = r"█ +▌(\S+)"
JOB = r"(?m)^▌ *(\S+)"
"""Where the cursor is, in each of the lists."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.embedded,
    pytest.mark.timeout(900),
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed"),
]


class Walk(Terminal):
    """Keys, each of which is followed by what it leads to."""

    def go(self, key: str, *wanted: str) -> str:
        """Press a key, and wait until everything that it leads to stands on the screen."""
        self.press(key)
        return self.see(*wanted)

    def see(self, *wanted: str) -> str:
        text = ""
        for words in wanted:
            text = self.wait_for(words, seconds=SECONDS)
        return text

    def move(self, key: str, cursor: str, name: str) -> None:
        """Press a key that moves the cursor, once it is where the last one led, until it is on the row of that name."""
        limit = monotonic() + SECONDS
        while (at := self._at(cursor)) != name:
            assert monotonic() < limit, f"the cursor did not come to {name!r}:\n{self.text()}"
            self.press(key)
            moved = monotonic() + 10.0
            while self._at(cursor) == at and monotonic() < moved:
                sleep(0.05)

    def _at(self, cursor: str) -> str:
        found = re.search(cursor, self.text())
        return found[1] if found is not None else ""

    def enter(self, value: str, *wanted: str) -> str:
        """Type into the line that is open, and wait for what comes of it."""
        limit = monotonic() + SECONDS
        while value not in (text := self.text()):  # a line that is shown may not be typed in yet
            assert monotonic() < limit, f"{value!r} was not typed:\n{text}"
            self.press("End", "C-u")
            self.type(value)
            typed = monotonic() + 2.0
            while value not in self.text() and monotonic() < typed:
                sleep(0.05)
        return self.go("Enter", *wanted)

    def close_notice(self, words: str) -> None:
        """Close what lies in front; escape and a key right behind it would be another key."""
        self.press("Escape")
        limit = monotonic() + SECONDS
        while words in (text := self.text()):
            assert monotonic() < limit, f"{words!r} stayed:\n{text}"
            sleep(0.05)

    def add_job(self, kind: str, name: str) -> None:
        self.go("a", "type of the new job")
        self.move("Down", MENU, kind)
        self.go("Enter", f"name of the new {kind} job")
        self.enter(name, f"jobs › {name}", "✓ valid")


@pytest.fixture
def walk(tmp_path: Path) -> Iterator[Walk]:
    folder = tmp_path / "shop"
    folder.mkdir()
    home = {"HOME": str(tmp_path), "EDITOR": "false", "BUNSUI_LOCAL_IDLE_MINUTES": "10"}
    command = ["sh", "-c", f"'{BUNSUI}' tui; echo LEFT $?; sleep 600"]
    opened = Walk(tmp_path / "tmux", command, size=(120, 36), folder=folder, environment=home)
    yield opened
    opened.close()
    subprocess.run([BUNSUI, "local", "stop"], cwd=folder, env={**os.environ, **home}, capture_output=True, check=False)


def begin(walk: Walk) -> None:
    """Make a project with a first pipeline."""
    walk.see("quit")
    walk.go("2", "n makes a project in this folder")
    walk.go("4", "there is no project in this folder yet")
    walk.go("n", "begin a new pipeline as")
    walk.go("Enter", "name of the new pipeline")
    walk.enter("nightly", "+ pipelines/nightly.yaml")
    walk.go("y", "Builder  nightly", "✓ valid")


def build(walk: Walk) -> None:
    """Add a parameter and two jobs, try the draft, write it."""
    walk.go("Enter", "The version of this language")
    walk.move("Down", FORM, "parameters")
    walk.go("i", "Inputs by name", "enter take it")
    walk.enter("{count: {type: integer, default: 0}}", "default: 0}}")
    walk.go("Escape", "enter form")
    walk.move("Down", JOB, "first")
    walk.add_job("check", "gate")
    walk.go("Enter", "enter edit")
    walk.move("Down", FORM, "that")
    walk.go("Enter", "An expression that gives true", "esc leave it as it is")
    walk.enter("{% $params.count > 0 %}", "● draft", "✓ valid")
    walk.go("Escape", "enter form")
    walk.add_job("wait", "report")
    walk.go("Enter", "enter edit")
    walk.move("Down", FORM, "for")
    walk.go("Enter", "How long", "esc leave it as it is")
    walk.enter("1s", "● draft, 5 edits", "✓ valid")
    walk.go("Escape", "enter form")
    walk.go("s", "simulate nightly", "enter simulate")
    walk.go("Enter", "simulation of nightly, as drafted", "CheckFailed")
    walk.close_notice("simulation of nightly")
    walk.go("P", "plan of nightly, as drafted", "Plan: 3 to create")
    walk.close_notice("plan of nightly, as")
    walk.go("w", "write pipelines/nightly.yaml?", "+  report:")
    walk.go("y", "as in the file")


def apply(walk: Walk, plan: str, applied: str) -> None:
    walk.go("3", plan)
    walk.go("a", "Apply this plan?")
    walk.go("y", applied)


def mend(walk: Walk) -> None:
    """Change what the job wants, and write it."""
    walk.go("4", "Builder  nightly")
    walk.move("Up", JOB, "gate")
    walk.go("Enter", "jobs › gate")
    walk.move("Down", FORM, "that")
    walk.go("Enter", "An expression that gives true", "esc leave it as it is")
    walk.enter("{% $params.count >= 0 %}", "● draft", "✓ valid")
    walk.go("w", "write pipelines/nightly.yaml?")
    walk.go("y", "as in the file")


def test_three_jobs_are_built_deployed_run_and_recovered_without_another_command(walk: Walk) -> None:
    begin(walk)
    build(walk)
    apply(walk, "3 to create", "Applied 3 changes")
    walk.go("2", "✓ in sync")
    walk.go("n", "run nightly", "count")
    walk.go("Enter", "Start this run?", "count = 0")
    walk.go("y", "started nightly")
    walk.go("1", "gate CheckFailed", "what did not hold", "completed  first")
    walk.go("Enter", "1/3 jobs, 1 failed, 1 not run")
    mend(walk)
    apply(walk, "1 to update", "Applied 1 change")
    walk.go("1", "✗ nightly  failed")
    asked = walk.go("R", "Resume this session?", "restored", "runs")
    assert re.search(r"restored +first", asked)
    assert re.search(r"runs +gate, report", asked)
    walk.go("y", "✓ nightly  succeeded", "3/3 jobs, 1 restored")
    walk.press("q")
    told = walk.go("q", "LEFT 0")
    assert "✓ resumed nightly" in told
