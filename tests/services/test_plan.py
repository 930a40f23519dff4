"""The main path, from files to a plan, with everything of the account in memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from bunsui.errors import NotFound, Refused
from bunsui.plan.model import Action
from bunsui.view.plan.model import plan_view
from tests.fakes.workspace import Workspace, a_workspace


@pytest.mark.parametrize("template", ["etl", "export", "fanout", "raw"])
def test_every_template_plans_applies_and_is_then_in_sync(tmp_path: Path, template: str) -> None:
    workspace = a_workspace(tmp_path, template)
    assert workspace.apply().is_complete
    again = workspace.plan()
    assert again.plan is not None
    assert not again.plan.pending
    assert not [found for found in again.diagnostics if found.is_error]


def test_an_edited_line_is_all_that_the_plan_shows(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw", "etl")
    workspace.apply()
    workspace.edit("pipelines/definitions/raw.asl.json", '"Seconds": 1', '"Seconds": 2')
    plan = workspace.plan().plan
    assert plan is not None
    (row,) = (row for node in plan_view(plan).pipelines for row in node.changed)
    assert [line.text for line in row.lines] == ["state Wait: seconds 1 → 2"]


def test_an_edited_key_is_told_once_by_whatever_resource_it_changes(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl")
    schedule = 'schedules: [{id: nightly, cron: "0 3 * * ? *"}]'
    workspace.edit("pipelines/etl.yaml", "timeout: 15m", f"timeout: 15m\n{schedule}")
    workspace.apply()
    workspace.edit("pipelines/etl.yaml", "0 3 * * ? *", "0 4 * * ? *")
    assert _edits(workspace) == ["schedule nightly: cron 0 3 * * ? * → 0 4 * * ? *"]
    workspace.apply()
    workspace.edit("pipelines/etl.yaml", "timeout: 15m", "timeout: 3h")
    assert _edits(workspace) == ["pipeline: timeout 15m → 3h"]


def _edits(workspace: Workspace) -> list[str]:
    plan = workspace.plan().plan
    assert plan is not None
    return [line.text for node in plan_view(plan).pipelines for line in node.edits]


def test_formatting_is_no_change(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    workspace.apply()
    workspace.edit("pipelines/definitions/raw.asl.json", '"Seconds": 1,', '"Seconds"   :   1.0,\n\n')
    plan = workspace.plan().plan
    assert plan is not None
    assert not plan.pending


def test_changed_code_changes_the_function_and_the_machine(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl")
    workspace.apply()
    workspace.edit("functions/etl/etl.py", "Orders of", "All orders of")
    plan = workspace.plan().plan
    assert plan is not None
    assert {change.address.kind for change in plan.pending} == {"lambda_function", "state_machine"}
    assert {change.action for change in plan.pending} == {Action.UPDATE}


def test_files_with_errors_give_findings_and_no_plan(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl", "raw")
    workspace.apply()
    workspace.edit("pipelines/etl.yaml", "depends_on: extract", "depends_on: extrct")
    outcome = workspace.plan()
    assert outcome.plan is None
    assert any(found.is_error and found.position for found in outcome.diagnostics)


def test_a_removed_file_removes_its_pipeline(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl", "raw")
    workspace.apply()
    (tmp_path / "pipelines/raw.yaml").unlink()
    plan = workspace.plan().plan
    assert plan is not None
    assert {(str(change.address), change.action) for change in plan.pending} == {("state_machine.raw", Action.RETIRE)}
    partial = workspace.plan("etl").plan
    assert partial is not None
    assert not partial.pending


def test_a_checkout_without_any_file_is_an_error_and_no_deletion(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw")
    workspace.apply()
    (tmp_path / "pipelines/raw.yaml").unlink()
    with pytest.raises(Refused) as caught:
        workspace.plan()
    assert caught.value.code == "no-pipeline-files"
    assert "bunsui destroy" in caught.value.hint


def test_a_misspelled_pipeline_is_answered_with_the_right_one(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl", "raw")
    with pytest.raises(NotFound) as caught:
        workspace.plan("elt")
    assert "`etl`" in caught.value.hint


def test_a_partial_plan_takes_along_what_the_pipeline_starts(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "raw", "etl")
    (tmp_path / "pipelines/parent.yaml").write_text(
        "version: 1\nname: parent\njobs:\n  go:\n    operations:\n      - {type: pipeline, pipeline: raw}\n"
    )
    plan = workspace.plan("parent").plan
    assert plan is not None
    assert {change.address.pipeline for change in plan.changes} == {"parent", "raw"}
    assert not plan.complete
