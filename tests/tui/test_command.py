from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bunsui.errors import ExitCode

ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(60)
def test_without_a_terminal_the_command_names_the_ones_that_show_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bunsui", "tui"], capture_output=True, text=True, cwd=ROOT, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == ExitCode.INVALID
    assert "not-a-terminal" in done.stderr
    assert "bunsui plan" in done.stderr
    assert done.stdout == ""
