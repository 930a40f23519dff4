"""AWS documents reads of executions as eventually consistent: what bunsui says and does while they are seconds behind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bunsui.emulator.launcher.control import set_lag
from bunsui.emulator.launcher.folder import DataFolder, read_announcement
from bunsui.emulator.launcher.launcher import stop
from tests.typed import Done, typed, without_ours

pytestmark = pytest.mark.embedded

PROJECT = """\
version: 1
project: lag
id: 01KBH3X2J4ABCDEFGHJKMNPQRS
environments:
  dev: {account: "111111111111", region: ap-northeast-1}
"""
PIPELINE = """\
version: 1
name: nightly
jobs:
  first:
    operations:
      - {type: wait, for: 1s}
  second:
    depends_on: [first]
    operations:
"""
FAILS = "      - {type: fail, error: Broken, message: not today}\n"
WAITS = "      - {type: wait, for: 2s}\n"
LONG = "      - {type: wait, for: 1h}\n"
"""Longer than any machine is busy: the session runs until it is stopped."""
LAG_SECONDS = 3.0
"""More than one round of following a session, and about as long as the sessions here take."""


class Late:
    """A project on an embedded AWS of its own, whose reads of executions lag."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "pipelines").mkdir()
        (folder / "bunsui.yaml").write_text(PROJECT)
        (folder / "pipelines/other.yaml").write_text(PIPELINE.replace("nightly", "other") + WAITS)

    def bunsui(self, *arguments: str) -> Done:
        done = typed(self.folder, *arguments, environment=without_ours(BUNSUI_ENV="local"))
        assert "Traceback" not in done.stderr
        return done

    def apply(self, ending: str) -> None:
        (self.folder / "pipelines/nightly.yaml").write_text(PIPELINE + ending)
        assert self.bunsui("apply", "--yes").returncode == 0

    def sessions(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.bunsui("sessions", "--json").stdout)["sessions"]
        return found


@pytest.fixture
def late(tmp_path: Path) -> Iterator[Late]:
    project, local = Late(tmp_path), tmp_path / ".bunsui" / "local"
    try:
        project.apply(FAILS)
        running = read_announcement(DataFolder(local))
        assert running is not None
        assert set_lag(running, lists_seconds=LAG_SECONDS, describes_seconds=LAG_SECONDS)
        yield project
    finally:
        stop(local)


def test_a_session_is_followed_told_and_resumed_although_reads_lag(late: Late) -> None:
    run = late.bunsui("run", "nightly")
    assert run.returncode == 1
    assert "Broken" in run.stdout
    (session,) = late.sessions()
    assert (session["status"], session["failed_job"]) == ("failed", "second")
    late.apply(WAITS)
    resumed = late.bunsui("resume", session["id"])
    assert resumed.returncode == 0, resumed.stderr
    (session,) = late.sessions()
    assert (session["status"], [attempt["status"] for attempt in session["attempts"]]) == ("succeeded", ["failed", "succeeded"])


@pytest.mark.slow
def test_a_machine_whose_session_no_read_tells_of_yet_is_retired_and_not_deleted(late: Late) -> None:
    late.apply(LONG)
    started = late.bunsui("run", "nightly", "--no-wait").stdout.strip()
    assert [(session["id"], session["status"]) for session in late.sessions()] == [(started, "running")]
    (late.folder / "pipelines/nightly.yaml").unlink()
    removal = late.bunsui("apply", "--yes")
    assert removal.returncode == 0, removal.stderr
    assert "deleted state machine" not in removal.stderr + removal.stdout
    assert [session["status"] for session in late.sessions()] == ["running"]
    stopped = late.bunsui("stop", started, "--yes")
    assert stopped.returncode == 0, stopped.stderr
    late.bunsui("watch", started)  # until reads tell of it
    assert [session["status"] for session in late.sessions()] == ["cancelled"]
