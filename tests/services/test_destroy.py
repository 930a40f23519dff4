"""Destroy removes what is ours, all of it, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bunsui.errors import NotFound, Refused
from bunsui.plan.model import Action
from bunsui.refresh.modes import Refresh
from bunsui.services.apply.admission import admit, carry_out
from bunsui.services.apply.apply import apply_plan
from bunsui.services.apply.questions import EnvironmentQuestion, Stakes
from bunsui.services.apply.request import ApplyOperation, ApplyRequest
from bunsui.services.plan import plan_project
from bunsui.services.plan_request import PlanRequest
from tests.fakes.plans import destroy_plan
from tests.fakes.workspace import a_workspace


def test_everything_goes_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl", "raw")
    workspace.apply()
    key = next(key for key in workspace.account.objects if key[0] == "log_group")
    workspace.account.objects[key] = replace(workspace.account.objects[key], tags={"owner": "somebody"})
    plan = destroy_plan(workspace.repository, workspace.ports)
    list(apply_plan(plan, workspace.ports))
    assert list(workspace.account.objects) == [key]
    assert not workspace.ports.state.applied()


def test_one_pipeline_goes_and_the_other_stays(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl", "raw")
    workspace.apply()
    plan = destroy_plan(workspace.repository, workspace.ports, "raw")
    assert {(change.address.pipeline, change.action) for change in plan.changes} == {("raw", Action.DELETE)}


def test_files_with_errors_do_not_stop_a_destroy(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    workspace.apply()
    (tmp_path / "pipelines/raw.yaml").write_text("version: [")
    assert destroy_plan(workspace.repository, workspace.ports).pending


def test_an_unknown_pipeline_is_named(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    with pytest.raises(NotFound):
        destroy_plan(workspace.repository, workspace.ports, "nope")


def test_a_protected_environment_is_never_destroyed(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    with (tmp_path / "bunsui.yaml").open("a") as project:
        project.write('environments: {prod: {account: "222222222222", region: eu-west-1, protected: true}}\n')
    workspace.environment = "prod"
    with pytest.raises(Refused) as caught:
        destroy_plan(workspace.repository, workspace.ports)
    assert caught.value.code == "protected-environment"


def test_in_ci_a_destroy_is_confirmed_by_name_and_by_no_count_of_deletions(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl", "raw")
    workspace.apply()
    repository, plan = workspace.repository, destroy_plan(workspace.repository, workspace.ports)
    removals = ApplyRequest(plan=plan, operation=ApplyOperation.DESTROY, in_ci=True)
    asked = admit(removals, replace(repository, is_local=False), workspace.ports)
    assert asked.refusal is None
    assert asked.questions == (EnvironmentQuestion(name="local", stakes=Stakes.DESTROYS),)
    counted = admit(replace(removals, operation=ApplyOperation.APPLY), repository, workspace.ports)
    assert counted.refusal is not None
    assert counted.refusal.code == "deletions-not-allowed"


def test_nothing_is_carried_out_that_was_not_confirmed(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    workspace.apply()
    plan = destroy_plan(workspace.repository, workspace.ports)
    admission = admit(ApplyRequest(plan=plan, operation=ApplyOperation.DESTROY), workspace.repository, workspace.ports)
    with pytest.raises(Refused) as caught:
        carry_out(admission, workspace.ports)
    assert caught.value.code == "not-confirmed"


def test_a_plan_that_read_nothing_is_never_carried_out(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    plan = plan_project(workspace.repository, workspace.ports, PlanRequest(refresh=Refresh.NONE)).plan
    assert plan is not None
    refusal = admit(ApplyRequest(plan=plan), workspace.repository, workspace.ports).refusal
    assert refusal is not None
    assert refusal.code == "apply-reads"
