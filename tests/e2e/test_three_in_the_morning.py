"""What a person reads at three in the morning: applies that meet, die or come too late, as processes on the embedded AWS."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bunsui.emulator.launcher.launcher import stop
from bunsui.plan.saved.saved_plan import checksum
from bunsui.services.init import init_project

ROOT = Path(__file__).parents[2]
pytestmark = [pytest.mark.embedded, pytest.mark.slow]


def environment(run: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "BUNSUI_", "CI", "GITHUB_"))}
    ours = {"PYTHONPATH": str(ROOT), "BUNSUI_LOCAL_IDLE_MINUTES": "10", "BUNSUI_ENV": "local", "COLUMNS": "200"}
    return {**kept, **ours, "GITHUB_RUN_ID": str(run), "GITHUB_REPOSITORY": "acme/data"}


def started(folder: Path, run: int, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bunsui", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(
        command, cwd=folder, env=environment(run), stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, err = process.communicate(timeout=120)
    assert "Traceback" not in err
    return process.returncode, out + err


def bunsui(folder: Path, *arguments: str) -> tuple[int, str]:
    return ended(started(folder, 9, *arguments))


def edit(folder: Path) -> None:
    for path in (folder / "functions").rglob("*.py"):
        path.write_text(f"{path.read_text()}# {time.monotonic_ns()}\n")


def half_way(folder: Path, number: signal.Signals) -> subprocess.Popen[str]:
    """Begin an apply and send it the signal once its first change is done."""
    process = started(folder, 3, "apply", "--yes")
    assert process.stderr is not None
    assert any(line.startswith("✓") for line in process.stderr)  # behind what is said of the machine's Python
    process.send_signal(number)
    return process


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    init_project(tmp_path, template="etl")
    try:
        assert bunsui(tmp_path, "plan")[0] == 0
        yield tmp_path
    finally:
        stop(tmp_path / ".bunsui" / "local")


def test_of_two_applies_at_the_same_instant_one_does_all_and_the_other_says_who_it_was(folder: Path) -> None:
    both = [started(folder, run, "apply", "--yes") for run in (1, 2)]
    (one, said), (other, told) = sorted(ended(process) for process in both)
    assert one == 0
    assert "Applied 12 changes" in said
    if other == 0:  # it came late enough to find everything done
        assert "No changes" in told
        return
    assert other == 4
    assert "waiting for the lock: apply of" in told
    assert told.count("no longer as they were when the plan was made") == 1
    assert "the last one before this: apply of" in told
    assert "https://github.com/acme/data/actions/runs/" in told
    assert "next: bunsui -e local plan" in told


def test_an_apply_that_stands_still_is_named_waited_for_and_taken_over(folder: Path) -> None:
    bunsui(folder, "apply", "--yes")
    edit(folder)
    sleeper = half_way(folder, signal.SIGSTOP)
    try:
        code, told = bunsui(folder, "apply", "--yes", "--lock-timeout", "0s")
        assert code == 3
        assert "is under way for" in told
        assert "actions/runs/3" in told
        assert "bunsui -e local unlock" in told
        code, told = bunsui(folder, "apply", "--yes", "--lock-timeout", "60s")
        assert code == 0, told
    finally:
        sleeper.send_signal(signal.SIGCONT)
    code, told = ended(sleeper)
    assert code == 3
    assert "the lock" in told
    assert bunsui(folder, "plan", "--detailed-exitcode")[0] == 0


def test_an_apply_that_was_killed_is_finished_by_the_next_one(folder: Path) -> None:
    bunsui(folder, "apply", "--yes")
    edit(folder)
    half_way(folder, signal.SIGKILL).communicate(timeout=30)
    code, told = bunsui(folder, "plan")
    assert code == 0
    assert "an apply was interrupted here" in told
    assert "or died" in told
    code, told = bunsui(folder, "apply", "--yes")
    assert code == 0, told
    assert "killed, or under way" in bunsui(folder, "state", "history")[1]
    assert bunsui(folder, "plan", "--detailed-exitcode")[0] == 0


def test_a_stale_plan_says_who_applied_since(folder: Path) -> None:
    assert bunsui(folder, "plan", "--out", "plan.json")[0] == 0
    assert bunsui(folder, "apply", "--yes")[0] == 0
    code, told = bunsui(folder, "apply", "plan.json")
    assert code == 4
    assert "plan-stale" in told
    assert "actions/runs/9" in told


def test_a_plan_for_another_account_is_refused_with_both(folder: Path) -> None:
    assert bunsui(folder, "plan", "--out", "plan.json")[0] == 0
    document = json.loads((folder / "plan.json").read_text())
    document["account"] = "222222222222"
    (folder / "plan.json").write_text(json.dumps({**document, "checksum": checksum(document)}))
    code, told = bunsui(folder, "apply", "plan.json")
    assert code == 4
    assert "made for another account" in told
    assert "222222222222" in told
    assert "000000000000" in told
