"""A command reads bunsui.yaml once: what it says cannot be two things while one command runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bunsui.composition.settings import PROJECT_FILE
from tests.cli.conftest import share
from tests.typed import Done, Typing, live, without_ours

LOG = "OPENED_LOG"


def live_counting(folder: Path, arguments: tuple[str, ...], environment: dict[str, str], streams: Path) -> None:
    """Be the command, and note each time that the project file is opened to be read, also by a process that it forks."""
    log = os.open(environment[LOG], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def heard(event: str, facts: tuple[object, ...]) -> None:
        if event == "open" and isinstance(facts[0], str | bytes) and os.fsdecode(facts[0]).endswith(PROJECT_FILE):
            os.write(log, b"opened\n")

    sys.addaudithook(heard)
    live(folder, arguments, environment, streams)


def opened(folder: Path, *arguments: str) -> tuple[Done, int]:
    """Run a command; return how it ended, and how often it opened the project file."""
    log = folder / "opened.log"
    log.write_bytes(b"")
    environment = without_ours(BUNSUI_ENV="local", **{LOG: str(log)})
    done = Typing(folder, arguments, environment, live_counting).ended()
    return done, len(log.read_bytes().splitlines())


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=mika", "-c", "user.email=mika@example.com")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.mark.embedded
def test_every_command_opens_the_project_file_once(tmp_path: Path, shared_folder: Path) -> None:
    share(shared_folder, tmp_path)
    assert opened(tmp_path, "init", "--template", "raw")[0].returncode == 0
    git(tmp_path, "init", "-qb", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    commands = (
        ("validate", "pipelines/raw.yaml"),
        ("plan", "--base", "main"),
        ("apply", "--yes"),
        ("status",),
        ("run", "raw", "--no-wait"),
        ("show",),
    )
    found = {}
    for command in commands:
        done, found[command] = opened(tmp_path, *command)
        assert done.returncode == 0, (command, done.stderr)
    assert found == dict.fromkeys(commands, 1)
