"""The bucket of an environment in a plan, an apply, a status and a destroy: with every selection, never with objects."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bunsui.model.address import ENVIRONMENT, Address
from bunsui.plan.model import Action, Plan, Reason
from bunsui.services.overview.standing import PipelineStanding
from bunsui.services.plan import plan_project
from bunsui.services.plan_request import PlanRequest
from bunsui.services.status import project_status
from bunsui.testkit.sessions import MemorySessionRepository
from bunsui.view.plan.model import plan_view
from bunsui.view.plan.text import plan_lines
from bunsui.view.spans import plain
from tests.fakes.plans import destroy_plan
from tests.fakes.workspace import Workspace, a_workspace

BUCKET = Address("bucket", ENVIRONMENT)
WANTED = "environments: {local: {bucket: managed}}\n"


@pytest.fixture
def room(tmp_path: Path) -> Workspace:
    made = a_workspace(tmp_path, "etl")
    with (made.folder / "bunsui.yaml").open("a") as file:
        file.write(WANTED)
    return made


def planned(room: Workspace, *select: str) -> Plan:
    outcome = plan_project(room.repository, room.ports, PlanRequest(select=select))
    assert outcome.plan is not None, outcome.diagnostics
    return outcome.plan


def change_of(plan: Plan) -> tuple[Action, Reason]:
    return next((change.action, change.reason) for change in plan.changes if change.address == BUCKET)


def fill(room: Workspace) -> str:
    """Put an object into it, as its provider sees it."""
    key = next(key for key in room.account.objects if key[0] == "bucket")
    room.account.objects[key] = replace(room.account.objects[key], holds="objects")
    return key[1]


def test_it_is_made_with_whatever_is_selected_and_in_sync_then(room: Workspace) -> None:
    assert change_of(planned(room, "etl")) == (Action.CREATE, Reason.NEW)
    assert {change.address for change in planned(room, ENVIRONMENT).changes} == {BUCKET}
    assert room.apply().is_complete
    assert not planned(room).pending


def test_the_status_tells_how_it_stands_apart_from_the_pipelines(room: Workspace) -> None:
    room.apply()
    status = project_status(room.repository, room.ports, MemorySessionRepository())
    assert [one.name for one in status.pipelines] == ["etl"]
    assert status.bucket is not None
    assert (status.bucket.standing, status.bucket.changes) == (PipelineStanding.IN_SYNC, 0)


def test_an_empty_one_goes_when_nobody_wants_it_and_one_with_objects_stays_with_the_remedy(room: Workspace) -> None:
    room.apply()
    name = fill(room)
    assert change_of(destroy_plan(room.repository, room.ports)) == (Action.NO_OP, Reason.HOLDS)
    room.edit("bunsui.yaml", WANTED, "")
    plan = planned(room)
    assert change_of(plan) == (Action.NO_OP, Reason.HOLDS)
    assert f"`aws s3 rm --recursive s3://{name}`" in plain(plan_lines(plan_view(plan)))
    key = ("bucket", name)
    room.account.objects[key] = replace(room.account.objects[key], holds="")
    assert change_of(planned(room))[0] is Action.DELETE


def test_what_pipelines_did_before_stays_wherever_there_is_no_bucket(room: Workspace) -> None:
    room.edit("bunsui.yaml", WANTED, "")
    assert BUCKET not in {change.address for change in planned(room).changes}
