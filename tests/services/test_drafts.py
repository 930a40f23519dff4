"""A pipeline from an empty folder by drafts alone: begun, edited, checked, tried, written, planned."""

from __future__ import annotations

from pathlib import Path

import pytest

from bunsui.composition import workspace as bootstrap
from bunsui.document.edit.draft import Draft
from bunsui.document.edit.edits import DocumentEdit, RemoveValue, SetValue
from bunsui.document.form.field_edits import add_job
from bunsui.errors import InvalidInput, Refused
from bunsui.model.json import Json
from bunsui.plan.model import Action
from bunsui.services.drafting.checking import check_draft
from bunsui.services.drafting.new_pipeline import BLANK, new_pipeline, template_names, write_new
from bunsui.services.drafting.trying import draft_graph, plan_draft, run_draft_tests, simulate_draft
from bunsui.services.graph import PipelineGraph
from tests.fakes.workspace import Asked, Workspace, a_workspace


def changed(draft: Draft, *edits: DocumentEdit) -> Draft:
    for edit in edits:
        result = draft.edit(edit, "")
        assert isinstance(result, Draft), result
        draft = result
    return draft


def test_a_template_begins_a_project_in_an_empty_folder(tmp_path: Path) -> None:
    assert template_names() == (BLANK, "etl", "export", "fanout", "raw")
    for template in (BLANK, "raw"):
        folder = tmp_path / template
        folder.mkdir()
        new = new_pipeline(folder, "orders", template=template)
        assert list(folder.iterdir()) == []
        with pytest.raises(Refused, match="draft-not-shown"):
            write_new(folder, new, digest="another")
        write_new(folder, new, digest=new.digest)
        checked = check_draft(bootstrap.repository(Asked(directory=folder)), new.pipeline)
        assert not checked.has_errors, checked


def test_a_second_pipeline_keeps_what_is_there(tmp_path: Path) -> None:
    a_workspace(tmp_path, "etl")
    new = new_pipeline(tmp_path, "orders", template="etl")
    assert (new.beside, new.kept) == ((), ("functions/etl/etl.py",))
    with pytest.raises(InvalidInput, match="files-exist"):
        new_pipeline(tmp_path, "etl")
    with pytest.raises(InvalidInput, match="not-an-id"):
        new_pipeline(tmp_path, "../etl")


def test_a_draft_is_tried_without_being_written(tmp_path: Path) -> None:
    workspace: Workspace = a_workspace(tmp_path, "etl")
    repository = workspace.repository
    new = new_pipeline(tmp_path, "orders", template=BLANK)
    test: Json = [{"name": "ends", "mocks": {"second": {"return": {"n": 1}}}, "expect": {"output": {"second": {"n": 1}}}}]
    draft = changed(
        new.pipeline,
        add_job("second", {"depends_on": "first", "type": "lambda", "function": "f", "outputs": ["n"]}),
        SetValue(path=("tests",), value=test),
    )
    assert not check_draft(repository, draft).has_errors
    graph = draft_graph(repository, draft).graph
    assert isinstance(graph, PipelineGraph)
    assert graph.edges == (("first", "second"),)
    ran = simulate_draft(repository, draft, mocks={"second": {"return": {"n": 3}}}).simulation
    assert ran is not None
    assert ran.result.output == {"second": {"n": 3}}
    assert [verdict.passed for verdict in run_draft_tests(repository, draft).verdicts] == [True]
    plan = plan_draft(repository, workspace.ports, draft).plan
    assert plan is not None
    assert {change.action for change in plan.pending} == {Action.CREATE}
    assert {change.address.pipeline for change in plan.pending} == {"orders"}
    assert not (tmp_path / draft.file).exists()


def test_what_is_wrong_is_told_where_it_stands_and_elsewhere(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl")
    draft = changed(new_pipeline(tmp_path, "etl2", template="etl").pipeline, SetValue(path=("name",), value="etl"))
    both = check_draft(workspace.repository, draft)
    assert [finding.code for finding in (*both.own, *both.others) if finding.is_error]
    broken = changed(draft, RemoveValue(path=("jobs", "extract")), SetValue(path=("name",), value="etl2"))
    alone = check_draft(workspace.repository, broken, with_others=False)
    assert [(finding.pointer, finding.position is not None) for finding in alone.own if finding.is_error]
    assert simulate_draft(workspace.repository, broken).simulation is None
    with pytest.raises(InvalidInput, match="draft-has-no-name"):
        draft_graph(workspace.repository, broken.rewrite(b"jobs: ["))
