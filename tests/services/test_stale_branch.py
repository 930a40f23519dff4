"""A branch that lacks the commit that was applied last takes it back: that is said, gated in CI, and never guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from bunsui.checkout.ancestry import GitHistory
from bunsui.composition import workspace as bootstrap
from bunsui.plan.model import Plan
from bunsui.services.apply.apply import apply_plan
from bunsui.services.apply.ci_policy import admit_plan
from bunsui.services.apply.request import Accepted
from bunsui.services.plan import plan_project
from tests.fakes.workspace import Asked, Workspace, a_workspace
from tests.unit.checkout.test_tree import git

WAIT = "pipelines/definitions/raw.asl.json"
ETL = "pipelines/etl.yaml"
LATER = ("\ntimeout: ", "\n# timeout: ")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two pipelines on `main`; `newer` edits etl and is applied; `mine`, checked out, begins before it and edits raw."""
    workspace = a_workspace(tmp_path / "project", "raw", "etl")
    folder = workspace.folder
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    applied(workspace)
    git(folder, "checkout", "-qb", "newer")
    workspace.edit(ETL, *LATER)
    git(folder, "commit", "-qam", "newer")
    applied(workspace)
    git(folder, "checkout", "-qb", "mine", "main")
    workspace.edit(WAIT, '"Seconds": 1', '"Seconds": 5')
    git(folder, "commit", "-qam", "mine")
    return workspace


def planned(workspace: Workspace, *, folder: Path | None = None) -> Plan:
    repository = bootstrap.offline(Asked(directory=folder or workspace.folder))
    plan = plan_project(repository, workspace.ports).plan
    assert plan is not None
    return plan


def applied(workspace: Workspace) -> None:
    list(apply_plan(planned(workspace), workspace.ports))


def told(plan: Plan) -> list[str]:
    return [found.summary for found in plan.diagnostics if found.code == "BS528"]


def test_the_pipeline_that_is_taken_back_is_named_with_the_commit_and_the_others_are_not(workspace: Workspace) -> None:
    plan = planned(workspace)
    commit = git(workspace.folder, "rev-parse", "--short=12", "newer")
    assert told(plan) == [f"etl was applied last from {commit}, which this branch does not contain: this plan takes it back"]
    division = admit_plan(plan, Accepted())
    assert {name: error.code for name, error in division.left.items()} == {"etl": "branch-behind-not-accepted"}
    assert f"git merge {commit}" in division.left["etl"].hint
    assert {change.address.pipeline for change in division.plan.pending} == {"raw"}


def test_taking_back_is_accepted_in_ci_and_a_person_is_only_told(workspace: Workspace) -> None:
    plan = planned(workspace)
    assert not admit_plan(plan, Accepted(behind=True)).left
    assert not admit_plan(plan, None).left


def test_the_remedy_works(workspace: Workspace) -> None:
    remedy = admit_plan(planned(workspace), Accepted()).left["etl"].hint.split("git ")[1].split("\n")[0]
    git(workspace.folder, *remedy.split(), "-q")
    assert not told(planned(workspace))


@pytest.mark.parametrize("how", ["squash", "revert"])
def test_what_the_branch_has_in_another_way_or_took_back_itself_is_not_lacking(workspace: Workspace, how: str) -> None:
    folder = workspace.folder
    if how == "squash":
        git(folder, "merge", "-q", "--squash", "newer")
        git(folder, "commit", "-qm", "squashed")
        workspace.edit(ETL, *reversed(LATER))
    else:
        git(folder, "merge", "-q", "newer")
        git(folder, "revert", "--no-edit", "newer")
    plan = planned(workspace)
    assert {change.address.pipeline for change in plan.pending} == {"raw", "etl"}
    assert not told(plan)


def test_a_new_pipeline_that_the_branch_lacks_is_taken_back_by_its_removal(workspace: Workspace) -> None:
    folder = workspace.folder
    git(folder, "checkout", "-q", "newer")
    text = (folder / ETL).read_text().replace("name: etl", "name: third")
    (folder / "pipelines/third.yaml").write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "third")
    applied(workspace)
    git(folder, "checkout", "-q", "mine")
    assert {one.split()[0] for one in told(planned(workspace))} == {"etl", "third"}


def test_a_shallow_clone_cannot_tell_and_says_how_it_could(workspace: Workspace) -> None:
    shallow = workspace.folder.parent / "shallow"
    git(workspace.folder.parent, "clone", "-q", "--depth=1", "--branch", "mine", f"file://{workspace.folder}", str(shallow))
    plan = planned(workspace, folder=shallow)
    [found] = [one for one in plan.diagnostics if one.code == "BS528"]
    assert found.summary.startswith("cannot tell whether this branch contains ")
    assert "git fetch --unshallow" in found.hint
    assert not admit_plan(plan, Accepted()).left
    git(shallow, "fetch", "-q", "--unshallow", "origin", "mine", "newer")
    assert told(planned(workspace, folder=shallow))[0].startswith("etl was applied last from ")


def test_a_commit_that_no_branch_of_the_clone_has_cannot_be_told(workspace: Workspace) -> None:
    assert GitHistory(folder=workspace.folder).lacking("0123456789ab").unknown
    assert not GitHistory(folder=workspace.folder).lacking(git(workspace.folder, "rev-parse", "main")).files
