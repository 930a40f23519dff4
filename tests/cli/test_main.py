from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from bunsui.cli.main import _with_globals_first
from tests.typed import started
from tests.typed import typed as bunsui

ROOT = Path(__file__).parents[2]


def test_help_lists_every_group_and_says_what_each_command_needs() -> None:
    done = subprocess.run([sys.executable, "-m", "bunsui", "--help"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0
    for word in ("Author", "Reconcile", "Run", "Look", "Set up", "[files]", "[reads AWS]", "[writes AWS]"):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("verb", "ours"), [("deploy", "apply"), ("diff", "plan"), ("runs", "sessions"), ("redrive", "resume"), ("plam", "plan")]
)
def test_a_verb_of_another_tool_is_answered_with_ours(verb: str, ours: str) -> None:
    done = bunsui(ROOT, verb)
    assert done.returncode == 5
    assert f"`bunsui {ours}`" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_unknown_option_is_invalid_input_and_names_the_help() -> None:
    done = bunsui(ROOT, "plan", "--frobnicate")
    assert done.returncode == 5
    assert "--help" in done.stderr
    assert "Traceback" not in done.stderr


def test_global_options_may_stand_after_the_command() -> None:
    typed = ["plan", "orders", "--env", "prod", "--json", "--region=eu-west-1", "--context", "3"]
    moved = ["--env", "prod", "--json", "--region=eu-west-1", "plan", "orders", "--context", "3"]
    assert _with_globals_first(typed) == moved


def test_nothing_after_a_double_dash_is_a_global_option() -> None:
    assert _with_globals_first(["run", "x", "--", "--json"]) == ["run", "x", "--", "--json"]


def test_the_name_that_terraform_users_type_means_yes() -> None:
    assert _with_globals_first(["apply", "--auto-approve"]) == ["--yes", "apply"]


def test_an_interrupted_command_says_so(tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    os.mkfifo(plan)
    command = started(tmp_path, "apply", "plan.json")
    writer = _once_it_is_read(plan)
    command.send_signal(signal.SIGINT)
    done = command.ended()
    os.close(writer)

    assert done.returncode == 130
    assert done.stderr.strip() == "interrupted"


def _once_it_is_read(fifo: Path) -> int:
    """Give a descriptor that holds the reader, who waits for what never comes."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError):  # nobody reads yet
            return os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)
        time.sleep(0.01)
    raise AssertionError("the plan was not read")
