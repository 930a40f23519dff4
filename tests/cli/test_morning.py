"""The morning page as a user types it: nothing at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Bunsui, share
from tests.typed import typed, without_ours

pytestmark = pytest.mark.embedded

PROJECT = """\
version: 1
project: mornings
id: 0b7c5a1e-39a4-4a0e-9d61-2f6f1c9f7a55
timezone: Asia/Tokyo
"""
PIPELINE = """\
version: 1
name: orders
schedules:
  - {id: nightly, cron: "0 3 * * ? *"}
  - {id: paused, cron: "0/5 * * * ? *", enabled: false}
jobs:
  nap: {type: wait, for: 1s}
"""


@pytest.fixture(scope="module")
def mornings(shared_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Bunsui:
    """A project with schedules, applied."""
    bunsui = Bunsui(tmp_path_factory.mktemp("mornings"))
    share(shared_folder, bunsui.folder)
    bunsui.write("bunsui.yaml", PROJECT)
    bunsui.write("pipelines/orders.yaml", PIPELINE)
    bunsui("apply", "--yes")
    return bunsui


def test_bunsui_alone_is_the_morning_page(mornings: Bunsui) -> None:
    alone, named = mornings(), mornings("morning")
    assert alone.stdout.splitlines()[0] == "mornings in local  embedded AWS, us-east-1"
    assert alone.stdout.splitlines()[1:] == named.stdout.splitlines()[1:]
    assert "since " in alone.stdout
    assert "orders nightly" in alone.stdout
    assert "bunsui status" in alone.stdout


def test_the_page_as_json_names_its_schedules_and_when_they_were_looked_at(mornings: Bunsui) -> None:
    page = json.loads(mornings("--json").stdout)
    assert (page["kind"], page["is_checked"]) == ("morning", True)
    told = {one["id"]: one["held"] for one in page["schedules"]}
    assert told == {"nightly": "", "paused": "switched off by its file"}
    assert [one["schedule"] for one in page["next_starts"]] == ["nightly"]


def test_a_page_costs_a_few_calls(mornings: Bunsui) -> None:
    told = mornings("-v").stderr
    calls = int(told.split(" calls,")[0].split()[-1])
    assert calls <= 12, told


@pytest.mark.parametrize("since", ["yesterday", "-2d", "2999-01-01", "60d", "5"])
def test_a_since_that_cannot_be_used_is_answered(mornings: Bunsui, since: str) -> None:
    assert "--since" in mornings("morning", f"--since={since}", code=5).stderr


@pytest.mark.parametrize("since", ["2d", "90m"])
def test_a_since_is_a_length_of_time(mornings: Bunsui, since: str) -> None:
    assert "since " in mornings("morning", "--since", since).stdout


def test_without_a_project_the_next_steps_are_told(tmp_path: Path) -> None:
    done = typed(tmp_path, environment=without_ours())
    assert done.returncode == 5
    assert "Traceback" not in done.stderr
    for words in ("no-project", "bunsui init", "bunsui sessions --unmanaged all", "bunsui --help"):
        assert words in done.stderr, words
