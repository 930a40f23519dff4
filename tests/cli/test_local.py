"""`bunsui local`, as typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bunsui.composition.own_folder import project_folder
from bunsui.emulator.launcher.launcher import stop
from bunsui.folders.project import data_folder
from tests.documents import check_printed
from tests.typed import typed

pytestmark = pytest.mark.embedded


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Path]:
    """A project; its embedded AWS ends with the test."""
    (tmp_path / "bunsui.yaml").write_text("version: 1\nproject: shop\nid: shop-1\n")
    yield tmp_path
    stop(data_folder(tmp_path))


def local(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bunsui", "-C", str(project), "local", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("BUNSUI_", "AWS_"))}
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment)
    check_printed(["local", *arguments], done.stdout)
    return done


def test_it_starts_once_and_stops(project: Path) -> None:
    first = local(project, "start", "--json")
    second = local(project, "start", "--json")

    assert first.returncode == 0, first.stderr
    running = json.loads(first.stdout)["running"]
    assert running["url"].startswith("http://127.0.0.1:")
    assert json.loads(second.stdout)["running"] == running
    assert str(running["pid"]) in local(project, "status").stdout
    assert "ready on port" in local(project, "logs").stdout
    assert json.loads(local(project, "logs", "--json", "-n", "1").stdout)["lines"]
    assert json.loads(local(project, "stop", "--json").stdout)["stopped"] is True
    assert json.loads(local(project, "stop", "--json").stdout)["stopped"] is False
    assert json.loads(local(project, "status", "--json").stdout)["running"] is None


def test_status_starts_nothing_and_names_the_next_step(project: Path) -> None:
    done = local(project)

    assert done.returncode == 0
    assert done.stdout.startswith("not running")
    assert "next: bunsui" in done.stderr
    assert "local start" in done.stderr
    assert not data_folder(project).exists()


def test_one_document_cannot_be_followed_for_ever(project: Path) -> None:
    done = local(project, "logs", "--json", "--follow")
    assert done.returncode == 5
    assert "--follow never ends" in done.stderr


def test_reset_asks_and_forgets(project: Path) -> None:
    local(project, "start")
    refused = local(project, "reset")
    assert refused.returncode == 5
    assert "--yes" in refused.stderr
    assert json.loads(local(project, "status", "--json").stdout)["running"] is not None

    assert local(project, "reset", "--yes").returncode == 0
    assert json.loads(local(project, "status", "--json").stdout)["running"] is None
    assert not (data_folder(project) / "state").exists()


def test_a_command_that_wrote_says_what_is_not_on_disk(project: Path) -> None:
    (project / "bunsui.yaml").write_text("version: 1\nproject: shop\nid: 0123456789abcdef\n")
    (project / "pipelines").mkdir()
    (project / "pipelines/p.yaml").write_text("version: 1\nname: p\njobs: {a: {operations: [{type: wait, for: 1s}]}}\n")
    assert local(project, "start").returncode == 0
    state = data_folder(project) / "state"
    state.rename(state.with_name("aside"))
    state.write_text("in the way")

    applied, planned = (typed(project, *command, environment=own()) for command in (("apply", "--yes"), ("plan",)))
    state.unlink()
    state.with_name("aside").rename(state)
    after = typed(project, "run", "p", environment=own())

    assert applied.returncode == 0, applied.stderr
    assert "could not save what it holds" in applied.stderr
    assert "could not save" not in planned.stderr
    assert after.returncode == 0
    assert "could not save" not in after.stderr


def own() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("BUNSUI_", "AWS_", "CI"))}


def test_a_warning_about_lost_data_is_shown(project: Path) -> None:
    state = project_folder(project, notice=print).open().local / "state"
    state.mkdir(parents=True, mode=0o700)
    state.parent.chmod(0o700)
    (state / "sqs.json").write_text("{")

    done = local(project, "start")

    assert "warning: The saved state of the service sqs could not be read" in done.stdout
