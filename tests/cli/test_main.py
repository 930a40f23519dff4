from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bunsui.cli.main import _globals_apart
from tests.typed import started
from tests.typed import typed as bunsui

ROOT = Path(__file__).parents[2]


def test_help_lists_every_group_and_says_what_each_command_needs() -> None:
    done = subprocess.run([sys.executable, "-m", "bunsui", "--help"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0
    for word in ("Author", "Reconcile", "Run", "Look", "Set up", "[files]", "[reads AWS]", "[writes AWS]"):
        assert word in done.stdout


@pytest.mark.parametrize(
    ("verb", "ours"), [("deploy", "apply"), ("preview", "plan"), ("runs", "sessions"), ("redrive", "resume"), ("plam", "plan")]
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
    first = ["--env", "prod", "--json", "--region=eu-west-1"]
    assert _globals_apart(typed) == (first, ["plan", "orders", "--context", "3"])


def test_a_short_global_option_may_hold_its_value() -> None:
    assert _globals_apart(["plan", "-eprod", "-C../x"]) == (["-eprod", "-C../x"], ["plan"])


def test_nothing_after_a_double_dash_is_a_global_option() -> None:
    assert _globals_apart(["run", "x", "--", "--json"]) == ([], ["run", "x", "--", "--json"])


def test_the_name_that_terraform_users_type_means_yes() -> None:
    assert _globals_apart(["apply", "--auto-approve"]) == (["--yes"], ["apply"])


def test_an_interrupted_command_says_so(tmp_path: Path) -> None:
    (tmp_path / "bunsui.yaml").write_text("version: 1\nproject: shop\nid: 6c0f2c4e-8b0a-4d55-9d3c-0b6b1a0c4a10\n")
    command = started(tmp_path, "test", "--watch")
    command.until_told("waiting for a change")
    command.send_signal(signal.SIGINT)
    done = command.ended()

    assert done.returncode == 130
    assert done.stderr.splitlines()[-1] == "interrupted"


@pytest.mark.parametrize("typed", [("apply", "plan.json"), ("ci", "comment", "plan.json"), ("simulate", "plan.json")])
def test_a_pipe_in_the_place_of_a_file_is_refused_and_not_waited_at(tmp_path: Path, typed: tuple[str, ...]) -> None:
    os.mkfifo(tmp_path / "plan.json")
    done = bunsui(tmp_path, *typed)
    assert done.returncode == 5
    assert "it is a pipe, a socket or a device" in done.stderr
