"""A checkout that lacks files deletes nothing: whoever did not get a file did not remove it."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bunsui.checkout.sparse import left_out_of
from bunsui.errors import Refused
from bunsui.plan.model import Action
from bunsui.services.plan import plan_project
from bunsui.services.plan_request import PlanRequest
from tests.fakes.workspace import Workspace, a_workspace


def git(folder: Path, *arguments: str) -> None:
    who = ("-c", "user.name=mika", "-c", "user.email=mika@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", "-C", str(folder), *who, *arguments], check=True, capture_output=True)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two pipelines, committed and applied."""
    made = a_workspace(tmp_path, "raw", "etl")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-q", "-m", "all")
    made.apply()
    return made


def leave_out_raw(folder: Path) -> None:
    git(folder, "sparse-checkout", "set", "--no-cone", "/*", "!/pipelines/raw.yaml")
    assert not (folder / "pipelines/raw.yaml").exists()


def test_a_whole_checkout_leaves_nothing_out(workspace: Workspace) -> None:
    assert left_out_of(workspace.folder) == ()


def test_a_sparse_checkout_is_refused_and_names_what_it_lacks(workspace: Workspace) -> None:
    leave_out_raw(workspace.folder)
    repository = replace(workspace.repository, left_out=left_out_of(workspace.folder))
    with pytest.raises(Refused) as caught:
        plan_project(repository, workspace.ports)
    assert caught.value.code == "partial-checkout"
    assert caught.value.facts["files"] == "pipelines/raw.yaml"
    assert "git sparse-checkout disable" in caught.value.hint


def test_pipelines_that_are_named_are_planned_in_a_sparse_checkout(workspace: Workspace) -> None:
    leave_out_raw(workspace.folder)
    repository = replace(workspace.repository, left_out=left_out_of(workspace.folder))
    plan = plan_project(repository, workspace.ports, PlanRequest(select=("etl",))).plan
    assert plan is not None
    assert not plan.pending


def test_a_sparse_checkout_that_lacks_other_files_is_planned(workspace: Workspace) -> None:
    repository = replace(workspace.repository, left_out=("docs/README.md",))
    plan = plan_project(repository, workspace.ports).plan
    assert plan is not None
    assert {change.action for change in plan.changes} == {Action.NO_OP}


def test_the_composition_root_asks_git(workspace: Workspace) -> None:
    leave_out_raw(workspace.folder)
    assert workspace.repository.left_out == ("pipelines/raw.yaml",)
