"""What forbids an apply, before anything is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bunsui.errors import Refused
from bunsui.model.resource import ActualResource
from bunsui.services.apply.apply import apply_plan
from bunsui.services.plan import plan_project
from bunsui.services.plan_request import PlanRequest, Removal
from tests.fakes.workspace import Workspace, a_workspace


def tamper(workspace: Workspace, change: Callable[[ActualResource], ActualResource]) -> None:
    key = next(key for key in workspace.account.objects if key[0] == "role")
    workspace.account.objects[key] = change(workspace.account.objects[key])


def test_a_plan_with_a_refusal_is_not_applied_in_part(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    workspace.apply()
    workspace.table.scopes.clear()
    tamper(workspace, lambda found: replace(found, tags={"owner": "somebody"}))
    plan = workspace.plan().plan
    assert plan is not None
    workspace.account.calls.clear()
    with pytest.raises(Refused) as caught:
        apply_plan(plan, workspace.ports)
    assert caught.value.code == "plan-refused"
    assert "bunsui:project" in caught.value.hint
    assert not workspace.account.calls


def test_a_finding_that_the_project_made_an_error_forbids_the_apply(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw", "etl")
    workspace.apply()
    (tmp_path / "pipelines/raw.yaml").unlink()
    with (tmp_path / "bunsui.yaml").open("a") as project:
        project.write("rules: {BS501: error}\n")
    plan = plan_project(workspace.repository, workspace.ports, PlanRequest(removal=Removal.AT_ONCE)).plan
    assert plan is not None
    with pytest.raises(Refused) as caught:
        apply_plan(plan, workspace.ports)
    assert caught.value.facts["findings"] == "BS501"


def test_another_account_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    plan = workspace.plan().plan
    assert plan is not None

    def wrong() -> None:
        raise Refused("wrong-account", "the credentials belong to another account")

    with pytest.raises(Refused):
        apply_plan(plan, replace(workspace.ports, account_checked=wrong))
    assert not workspace.account.calls


def test_two_projects_of_one_name_do_not_share_a_state(tmp_path: Path) -> None:
    first = a_workspace(tmp_path / "a" / "same", "raw")
    first.apply()
    second = a_workspace(tmp_path / "b" / "same", "raw")
    second.table = first.table
    plan = second.plan().plan
    assert plan is not None
    with pytest.raises(Refused):
        apply_plan(plan, second.ports)
