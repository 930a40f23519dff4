"""A project of an earlier bunsui, with the embedded AWS that it left, is used with this one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bunsui.emulator.launcher.launcher import stop
from tests.fakes.written_before import CASES, lay_folder
from tests.typed import Done, typed, without_ours

pytestmark = pytest.mark.embedded


class Shop:
    def __init__(self, place: Path) -> None:
        self.folder = place / "shop"
        self.environment = without_ours(XDG_STATE_HOME=str(place / "state"), XDG_CACHE_HOME=str(place / "cache"))
        lay_folder(self.folder, place / "state" / "bunsui" / "folders", files="project-changed")

    def __call__(self, *arguments: str, code: int = 0) -> Done:
        done = typed(self.folder, *arguments, environment=self.environment)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def json(self, *arguments: str) -> Any:
        return json.loads(self("--json", *arguments).stdout)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    found = Shop(tmp_path)
    yield found
    stop(found.folder / ".bunsui" / "local")


def test_the_project_goes_on_where_the_earlier_bunsui_left_it(shop: Shop) -> None:
    sessions = shop.json("sessions")["sessions"]
    statuses = {(row["pipeline"], row["status"]) for row in sessions}
    assert statuses >= {("etl", "succeeded"), ("etl", "failed"), ("slow", "cancelled")}
    [waiting] = [row["id"] for row in sessions if row["pipeline"] == "slow" and row["status"] != "cancelled"]
    jobs = {job["name"]: job["status"] for job in shop.json("show", waiting)["jobs"]}
    assert jobs["first"] == "succeeded"
    assert jobs["wait"] in ("running", "succeeded")  # it waits for 299 days from when it was written
    shop("audit")  # ends with 1 where the trail is broken
    refused = shop("apply", "--yes", str(CASES / "plans" / "changes.json"), code=4)
    assert "plan-of-another-checkout" in refused.stderr
    told = shop("apply", "--yes")
    assert "untrusted" not in told.stderr
    assert "could not be read" not in told.stderr
    pending = {change["address"] for change in shop.json("plan")["changes"] if change["action"] != "no-op"}
    assert {address.split(".")[1] for address in pending} <= {"old"}  # whose retirement is over one day
    assert not (shop.folder / ".bunsui/local/damaged").exists()
