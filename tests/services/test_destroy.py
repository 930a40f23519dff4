"""Destroy removes what is ours, all of it, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from bunsui.errors import NotFound, Refused
from bunsui.plan.model import Action
from bunsui.services.apply import apply_plan
from bunsui.services.destroy import plan_destroy
from tests.fakes.workspace import a_workspace


def test_everything_goes_and_what_is_not_ours_stays(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl", "raw")
    workspace.apply()
    key = next(key for key in workspace.account.objects if key[0] == "log_group")
    workspace.account.objects[key] = replace(workspace.account.objects[key], tags={"owner": "somebody"})
    plan = plan_destroy(workspace.repository, workspace.edges)
    list(apply_plan(plan, workspace.edges))
    assert list(workspace.account.objects) == [key]
    assert not workspace.edges.state.applied()


def test_one_pipeline_goes_and_the_other_stays(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl", "raw")
    workspace.apply()
    plan = plan_destroy(workspace.repository, workspace.edges, select=["raw"])
    assert {(change.address.pipeline, change.action) for change in plan.changes} == {("raw", Action.DELETE)}


def test_files_with_errors_do_not_stop_a_destroy(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    workspace.apply()
    (tmp_path / "pipelines/raw.yaml").write_text("version: [")
    assert plan_destroy(workspace.repository, workspace.edges).pending


def test_an_unknown_pipeline_is_named(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    with pytest.raises(NotFound):
        plan_destroy(workspace.repository, workspace.edges, select=["nope"])


def test_a_protected_environment_is_never_destroyed(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    with (tmp_path / "bunsui.yaml").open("a") as project:
        project.write('environments: {prod: {account: "222222222222", region: eu-west-1, protected: true}}\n')
    workspace.environment = "prod"
    with pytest.raises(Refused) as caught:
        plan_destroy(workspace.repository, workspace.edges)
    assert caught.value.code == "protected-environment"
