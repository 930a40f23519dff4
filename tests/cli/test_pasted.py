"""Commands that bunsui offers, pasted into the shell that the reader has: they reach the project and do what they say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.cli.conftest import share
from tests.typed import Done, typed, without_ours

pytestmark = pytest.mark.embedded

OFFER = re.compile(r"(?m)^(?:next: |hint: )?\s*(bunsui .*?)(?:  .*)?$|`(bunsui [^`]*)`")


def bunsui(folder: Path, *arguments: str) -> Done:
    return typed(folder, *arguments, environment=without_ours())


def offers(done: Done) -> list[str]:
    return [found[1] or found[2] for found in OFFER.finditer(done.stderr)]


def paste(folder: Path, command: str, *more: str, code: int = 0) -> Done:
    """Run the command as it was printed; `more` answers what it would ask."""
    done = bunsui(folder, *shlex.split(command)[1:], *more)
    assert done.returncode == code, command + done.stdout + done.stderr
    return done


def project_in(folder: Path, name: str, shared: Path) -> None:
    share(shared, folder / name)
    done = bunsui(folder, "init", name, "--template", "raw")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def outside(tmp_path_factory: pytest.TempPathFactory, shared_folder: Path) -> Path:
    """A folder beside a project whose name needs quotes."""
    folder = tmp_path_factory.mktemp("outside")
    project_in(folder, "my project's", shared_folder)
    return folder


HERE = ("-C", "my project's", "--env", "local")


def test_the_way_from_a_plan_to_the_logs_can_be_pasted(tmp_path: Path, shared_folder: Path) -> None:
    project_in(tmp_path, "a new project's", shared_folder)  # of its own: nothing was applied there, whatever ran before
    there = ("-C", "a new project's", "--env", "local")
    planned = bunsui(tmp_path, *there, "plan", "raw")
    assert "next: bunsui -C 'a new project'\"'\"'s' -e local apply raw" in planned.stderr
    applied = paste(tmp_path, offers(planned)[0], "--yes")
    ran = paste(tmp_path, offers(applied)[0])
    logs = paste(tmp_path, offers(ran)[0])
    shown = paste(tmp_path, offers(logs)[0])
    assert "raw" in shown.stdout
    listed = bunsui(tmp_path, *there, "sessions")
    assert paste(tmp_path, offers(listed)[0]).stdout == shown.stdout
    status = bunsui(tmp_path, *there, "status")
    assert offers(status)[0].endswith(" run raw")


def test_a_saved_plan_is_applied_from_where_it_was_saved(outside: Path) -> None:
    planned = bunsui(outside, *HERE, "plan", "--out", "p.json")
    for offer in offers(planned):  # none where there is nothing left to do
        paste(outside, offer, "--yes")


@pytest.mark.parametrize(
    "wrong", [("show", "01ABCDEFGHJKMNPQRSTVWXYZ00"), ("show", "#99"), ("plan", "zzz"), ("destroy", "zzz"), ("graph", "zzz")]
)
def test_what_an_error_offers_can_be_pasted(outside: Path, wrong: tuple[str, ...]) -> None:
    failed = bunsui(outside, *HERE, *wrong)
    assert failed.returncode == 5
    assert offers(failed)
    for offer in offers(failed):
        paste(outside, offer)
