"""What has to be typed before an apply, and when nothing is applied at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bunsui.apply.events import ApplyFinished
from bunsui.errors import Refused
from bunsui.model.environment.freeze import FreezeWindow
from bunsui.plan.model import Plan
from bunsui.services.apply.apply import apply_plan
from bunsui.services.apply.questions import Confirmation, needed
from bunsui.services.plan import plan_project
from bunsui.services.plan_request import PlanRequest, Removal
from tests.fakes.plans import destroy_plan
from tests.fakes.workspace import Workspace, a_workspace

ETL, RAW = "pipelines/etl.yaml", "pipelines/raw.yaml"
WINDOW = FreezeWindow(first="12-25", last="01-05", reason="closing")


def planned(workspace: Workspace, *, at_once: bool = False) -> Plan:
    plan = plan_project(
        workspace.repository, workspace.ports, PlanRequest(removal=Removal.AT_ONCE if at_once else Removal.RETIRE)
    ).plan
    assert plan is not None
    return plan


def asked(plan: Plan, *, is_protected: bool = False) -> Confirmation:
    return needed(plan, environment="prod", is_protected=is_protected)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    made = a_workspace(tmp_path, "etl", "raw")
    made.apply()
    return made


def test_a_mere_change_needs_no_name(workspace: Workspace) -> None:
    workspace.edit("functions/etl/etl.py", "def ", "#\ndef ")
    plan = planned(workspace)
    assert plan.pending
    assert asked(plan, is_protected=True).names == ()


def test_a_removal_needs_the_name_of_a_protected_environment_once(workspace: Workspace) -> None:
    (workspace.folder / ETL).unlink()
    plan = planned(workspace)
    assert asked(plan).names == ()
    assert asked(plan, is_protected=True).names == ("prod",)
    list(apply_plan(plan, workspace.ports))
    workspace.clock.sleep(15 * 86_400)
    plan = planned(workspace)
    assert plan.pending
    assert asked(plan, is_protected=True).names == ()


def test_what_deletes_at_once_needs_the_name_of_any_environment(workspace: Workspace) -> None:
    (workspace.folder / ETL).unlink()
    assert asked(planned(workspace, at_once=True)).environment == "prod"


def protect(workspace: Workspace) -> None:
    workspace.edit(RAW, "name: raw", "name: raw\nprotect: true")
    workspace.apply()


def test_a_protected_pipeline_is_named_for_changes_that_others_notice(workspace: Workspace) -> None:
    protect(workspace)
    workspace.edit("pipelines/definitions/raw.asl.json", '"Seconds": 1', '"Seconds": 5')
    assert asked(planned(workspace)).names == ()
    (workspace.folder / RAW).unlink()
    assert asked(planned(workspace)).names == ("raw",)


def test_taking_the_protection_away_does_not_avoid_the_question(workspace: Workspace) -> None:
    protect(workspace)
    workspace.edit(RAW, "protect: true", "resource_name: other")
    assert asked(planned(workspace)).names == ("raw",)


def test_nothing_is_applied_in_a_freeze_window(workspace: Workspace) -> None:
    workspace.edit("functions/etl/etl.py", "def ", "#\ndef ")
    ports = replace(workspace.ports, frozen=lambda at: WINDOW)
    plan = plan_project(workspace.repository, ports).plan
    assert plan is not None
    assert [found.summary for found in plan.diagnostics if found.code == "BS509"] == [f"this environment is frozen: {WINDOW}"]
    workspace.account.calls.clear()
    for refused in (plan, destroy_plan(workspace.repository, ports)):
        with pytest.raises(Refused) as caught:
            apply_plan(refused, ports)
        assert caught.value.code == "environment-frozen"
        assert "--break-glass" in caught.value.hint
    assert not workspace.account.calls


def test_a_window_that_began_since_the_plan_holds(workspace: Workspace) -> None:
    workspace.edit("functions/etl/etl.py", "def ", "#\ndef ")
    plan = planned(workspace)
    with pytest.raises(Refused):
        apply_plan(plan, replace(workspace.ports, frozen=lambda at: WINDOW))


def test_who_breaks_the_glass_is_in_the_record_with_the_reason(workspace: Workspace) -> None:
    workspace.edit("functions/etl/etl.py", "def ", "#\ndef ")
    ports = replace(workspace.ports, frozen=lambda at: WINDOW)
    last = list(apply_plan(planned(workspace), ports, break_glass="the loader loses orders"))[-1]
    assert isinstance(last, ApplyFinished)
    assert last.is_complete
    [record] = ports.ledger.log.applies(limit=1)
    assert record.facts["break_glass"] == "the loader loses orders"
    assert record.facts["frozen"] == str(WINDOW)
    assert record.facts["done"] == last.done
