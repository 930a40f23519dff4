"""bunsui started by programs that close its streams, with outputs that are full or gone."""

from __future__ import annotations

import errno
import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bunsui.cli.streams import system_error
from tests.cli.conftest import Bunsui

NEEDS_FULL = pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")


def shell(folder: Path, command: str, *, stdin: int | None = None) -> subprocess.CompletedProcess[str]:
    """Run a shell line in which BUNSUI stands for the program."""
    text = command.replace("BUNSUI", f"{shlex.quote(sys.executable)} -m bunsui")
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    return subprocess.run(
        ["sh", "-c", text], cwd=folder, capture_output=True, text=True, timeout=120, stdin=stdin, env=environment
    )


@pytest.mark.parametrize("closed", ["2>&-", "<&- >&-", pytest.param("<&- >&- 2>&-", marks=pytest.mark.slow)])
def test_closed_streams_change_nothing_but_what_can_be_seen(closed: str, tmp_path: Path) -> None:
    (tmp_path / "bunsui.yaml").write_text("version: 1\nproject: a\nid: 0123456789abcdef\n", encoding="utf-8")
    (tmp_path / "pipelines").mkdir()
    pipeline = "version: 1\nname: p\njobs: {a: {operations: [{type: wait, for: 1s}]}}\n"
    (tmp_path / "pipelines" / "p.yaml").write_text(pipeline, encoding="utf-8")
    assert shell(tmp_path, f"BUNSUI validate {closed}").returncode == 0
    (tmp_path / "pipelines" / "p.yaml").write_text("version: 1\n", encoding="utf-8")
    assert shell(tmp_path, f"BUNSUI validate {closed}").returncode == 5


@pytest.mark.embedded
@pytest.mark.parametrize("closed", ["<&- >&- 2>&-"])
def test_an_apply_that_nobody_looks_at_applies(closed: str, applied_project: Bunsui) -> None:
    bunsui = applied_project
    bunsui.write("pipelines/unseen.yaml", "version: 1\nname: unseen\njobs: {a: {operations: [{type: wait, for: 1s}]}}\n")
    try:
        assert shell(bunsui.folder, f"BUNSUI apply unseen --yes {closed}").returncode == 0
        plan = json.loads(bunsui("plan", "unseen", "--json").stdout)
        assert plan["counts"].keys() <= {"no-op"}
    finally:
        (bunsui.folder / "pipelines" / "unseen.yaml").unlink()
        bunsui("apply", "--yes")


@pytest.mark.embedded
def test_an_apply_in_the_background_does_not_wait_for_its_standard_input(applied_project: Bunsui) -> None:
    reading, writing = os.pipe()  # inherited, open, and never written to
    try:
        done = shell(applied_project.folder, "BUNSUI apply --yes & wait $!", stdin=reading)
    finally:
        os.close(reading)
        os.close(writing)
    assert (done.returncode, "No changes" in done.stdout) == (0, True)


@NEEDS_FULL
@pytest.mark.parametrize("command", ["schema pipeline", "graph seattle-weather"])
def test_an_output_without_space_is_said(command: str) -> None:
    done = shell(Path(__file__).parents[2], f"BUNSUI {command} > /dev/full")
    assert done.returncode == 1
    assert "there is no space left to write to" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_has_seen_enough_is_no_failure() -> None:
    done = shell(Path(__file__).parents[2], "BUNSUI schema pipeline | head -n 1")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("number", "code"),
    [(errno.ENOSPC, "no-space"), (errno.EACCES, "no-permission"), (errno.EROFS, "no-permission"), (errno.EIO, "system-error")],
)
def test_what_the_system_refuses_names_the_file_and_the_next_step(number: int, code: str) -> None:
    found = system_error(OSError(number, os.strerror(number), "/data/file"))
    assert (found.code, found.facts["file"]) == (code, "/data/file")
    assert "repeat the command" in found.hint


def test_what_is_printed_at_the_very_end_arrives_although_the_program_leaves_at_once() -> None:
    script = (
        "import atexit, sys; from bunsui.cli.entry import run; "
        "atexit.register(lambda: print('last words ' * 20_000)); sys.argv = ['bunsui', '--version']; run()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120)

    assert done.stdout.count("last words") == 20_000
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "code"), [(["--version"], 0), (["validate", "--no-such"], 5), (["schema", "nothing"], 5)]
)
def test_the_program_leaves_with_the_code_of_its_command(arguments: list[str], code: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bunsui", *arguments], capture_output=True, cwd=tmp_path, timeout=120, check=False
    )

    assert done.returncode == code
