"""What a branch changes is what compiles to something else, whatever the text of the files did."""

from __future__ import annotations

from pathlib import Path

import pytest

from bunsui.composition import workspace as bootstrap
from bunsui.diagnostics import Severity
from bunsui.model.address import Address
from bunsui.plan.marker import without_marker
from bunsui.plan.model import Action, Reason
from bunsui.plan.partial import can_apply
from bunsui.refresh.modes import Refresh
from bunsui.services.plan import PlanOutcome, plan_project
from bunsui.services.plan_fork import plan_untrusted
from bunsui.services.plan_request import PlanRequest
from bunsui.testkit.state import MemoryStateStore
from bunsui.view.plan.comment import plan_markdown
from bunsui.view.plan.model import plan_view
from bunsui.view.plan.text import plan_lines
from bunsui.view.spans import plain
from tests.fakes.workspace import Asked, Workspace, a_workspace
from tests.unit.checkout.test_tree import git


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A project of two pipelines on `main`, applied, with a branch checked out."""
    workspace = a_workspace(tmp_path, "raw", "etl")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    git(tmp_path, "checkout", "-qb", "feature")
    workspace.apply()
    return workspace


def planned(workspace: Workspace, refresh: Refresh = Refresh.TOUCHED) -> PlanOutcome:
    repository = workspace.repository
    with bootstrap.Workspace(Asked(directory=workspace.folder)).branch(repository, "main") as branch:
        return plan_project(repository, workspace.ports, PlanRequest(branch=branch, refresh=refresh))


def selected(workspace: Workspace) -> tuple[str, ...]:
    plan = planned(workspace).plan
    assert plan is not None
    assert not plan.complete
    return plan.select or ()


def untrusted(workspace: Workspace, *select: str) -> PlanOutcome:
    with bootstrap.untrusted(Asked(directory=workspace.folder), "main") as (repository, base, basis):
        return plan_untrusted(repository, base, basis, as_of=workspace.clock.now(), select=select)


def slower(workspace: Workspace) -> None:
    workspace.edit("pipelines/definitions/raw.asl.json", '"Seconds": 1', '"Seconds": 2')


def test_an_edited_definition_selects_its_pipeline_alone(workspace: Workspace) -> None:
    slower(workspace)
    assert selected(workspace) == ("raw",)


def test_edited_code_selects_the_pipeline_that_uses_it(workspace: Workspace) -> None:
    workspace.edit("functions/etl/etl.py", "Orders of", "All orders of")
    assert selected(workspace) == ("etl",)


def test_a_removed_pipeline_that_had_errors_where_the_branch_began_is_selected(workspace: Workspace) -> None:
    path = workspace.folder / "pipelines/etl.yaml"
    good = path.read_text()
    path.write_text(good.replace("type: lambda", "type: lambada"))
    git(workspace.folder, "commit", "-qam", "broken")
    git(workspace.folder, "branch", "-f", "main", "HEAD")
    path.unlink()
    assert selected(workspace) == ("etl",)


def test_comments_and_formatting_select_nothing(workspace: Workspace) -> None:
    path = workspace.folder / "pipelines/raw.yaml"
    path.write_text(f"# for the night\n{path.read_text()}\n\n")
    assert selected(workspace) == ()


def test_a_variable_of_the_project_selects_who_uses_it(workspace: Workspace) -> None:
    workspace.edit("pipelines/raw.yaml", "name: raw", "name: raw\ntags: {team: '${var.team}'}")
    project = workspace.folder / "bunsui.yaml"
    project.write_text(f"{project.read_text()}\nvariables: {{team: data}}\n")
    git(workspace.folder, "commit", "-qam", "a team")
    git(workspace.folder, "branch", "-f", "main", "HEAD")
    project.write_text(project.read_text().replace("team: data", "team: sales"))
    assert selected(workspace) == ("raw",)


def test_a_removed_file_is_planned_as_a_removal_and_a_new_one_as_new(workspace: Workspace) -> None:
    (workspace.folder / "pipelines/raw.yaml").unlink()
    (workspace.folder / "pipelines/new.yaml").write_text(
        "version: 1\nname: new\njobs:\n  go:\n    operations:\n      - {type: wait, for: 5s}\n"
    )
    plan = planned(workspace).plan
    assert plan is not None
    assert {(change.address.pipeline, change.desired is None) for change in plan.pending} == {("raw", True), ("new", False)}


def test_what_moved_on_the_target_branch_is_not_ours(workspace: Workspace) -> None:
    git(workspace.folder, "checkout", "-q", "main")
    workspace.edit("functions/etl/etl.py", "Orders of", "All orders of")
    git(workspace.folder, "commit", "-qam", "theirs")
    git(workspace.folder, "checkout", "-q", "feature")
    slower(workspace)
    assert selected(workspace) == ("raw",)


def test_only_what_the_branch_changes_is_read(workspace: Workspace) -> None:
    slower(workspace)
    plan = planned(workspace).plan
    assert plan is not None
    assert {change.address.pipeline for change in plan.changes} == {"raw"}
    assert not any(change.reason is Reason.ASSUMED for change in plan.changes)


def base_becomes(workspace: Workspace, text: str) -> None:
    """Let `main` be a commit whose project file has this text, and the branch one that has it right again."""
    path = workspace.folder / "bunsui.yaml"
    good = path.read_text()
    path.write_text(text)
    git(workspace.folder, "commit", "-qam", "broken")
    git(workspace.folder, "branch", "-f", "main", "HEAD")
    path.write_text(good)


UNREAD_BASES = {
    "version: 1\n\tproject: x\n": ("has errors there", "bunsui.yaml:2:1"),
    "version: 1\nproject: x\n": ("has errors there", "bunsui.yaml:1:1"),
    "#" * 1_100_000: ("cannot be read there", "larger than 1024 KiB"),
}


@pytest.mark.parametrize("text", UNREAD_BASES, ids=["syntax", "a key is missing", "size"])
def test_a_base_whose_project_file_cannot_be_read_is_told_and_everything_is_changed(workspace: Workspace, text: str) -> None:
    base_becomes(workspace, text)
    why, detail = UNREAD_BASES[text]
    for outcome in (planned(workspace), untrusted(workspace)):
        assert outcome.plan is not None
        assert {change.address.pipeline for change in outcome.plan.changes} == {"etl", "raw"}
        (found,) = (found for found in outcome.diagnostics if found.code == "BS530")
        assert found.severity is Severity.WARNING
        assert why in found.summary
        assert detail in found.detail
        assert found in outcome.plan.diagnostics
        assert "\n  git diff " in found.hint


def test_no_rendering_of_an_unread_base_looks_like_a_comparison(workspace: Workspace) -> None:
    base_becomes(workspace, "nonsense")
    with (workspace.folder / "bunsui.yaml").open("a") as stream:
        stream.write("rules: {BS530: info}\n")  # what the branch says does not count

    plan = untrusted(workspace).plan

    assert plan is not None
    first, *_, last = (plain([item]) for item in plan_lines(plan_view(plan)))
    assert "not compared with" in first
    assert last.endswith("to create; nothing was compared\n")
    comment = plan_markdown(plan_view(plan))
    assert "nothing was compared\n" in comment
    assert "warning BS530" in comment


def test_an_environment_that_the_base_does_not_declare_is_compared_with_nothing(workspace: Workspace) -> None:
    project = workspace.folder / "bunsui.yaml"
    with project.open("a") as stream:
        stream.write('environments: {new: {account: "111111111111", region: eu-west-1}}\n')
    asked = Asked(directory=workspace.folder, environment="new")
    with bootstrap.untrusted(asked, "main") as (repository, base, basis):
        found = plan_untrusted(repository, base, basis, as_of=workspace.clock.now()).diagnostics
    assert [one.summary.rpartition(": ")[2] for one in found if one.code == "BS530"] == [
        "bunsui.yaml declares no environment new there"
    ]


def test_a_base_that_was_read_is_no_finding(workspace: Workspace) -> None:
    slower(workspace)
    for outcome in (planned(workspace), untrusted(workspace)):
        assert not [found for found in outcome.diagnostics if found.code == "BS530"]


def test_a_base_without_a_project_selects_everything(workspace: Workspace) -> None:
    git(workspace.folder, "checkout", "-q", "--orphan", "empty")
    git(workspace.folder, "rm", "-rq", "--cached", ".")
    git(workspace.folder, "commit", "-qm", "nothing", "--allow-empty")
    git(workspace.folder, "branch", "-f", "main", "HEAD")
    assert selected(workspace) == ("etl", "raw")


def test_an_untrusted_plan_shows_what_the_branch_changes_and_can_never_be_applied(workspace: Workspace) -> None:
    slower(workspace)
    plan = untrusted(workspace).plan
    assert plan is not None
    assert [(change.address, change.action) for change in plan.pending] == [(Address("state_machine", "raw"), Action.UPDATE)]
    assert not can_apply(plan)
    assert "state Wait: seconds 1 → 2" in plain(plan_lines(plan_view(plan)))


def test_an_untrusted_plan_says_in_its_first_line_what_it_is_not(workspace: Workspace) -> None:
    slower(workspace)
    plan = untrusted(workspace).plan
    assert plan is not None
    view = plan_view(plan)
    first, *_, last = plain(plan_lines(view)).splitlines()
    assert first.startswith("Changes to the repository, not to AWS  (")
    assert last == "Changes to the repository, not to AWS: 1 to update"
    comment = plan_markdown(view)
    assert without_marker(comment).startswith("### Changes to the repository, not to AWS&#58; 1 to update")
    assert "--digest" not in comment


def test_an_untrusted_plan_of_changed_code_shows_the_function_and_its_machine(workspace: Workspace) -> None:
    workspace.edit("functions/etl/etl.py", "Orders of", "All orders of")
    plan = untrusted(workspace).plan
    assert plan is not None
    assert {change.address.kind for change in plan.pending} == {"lambda_function", "state_machine"}
    shown = plain(plan_lines(plan_view(plan)))
    assert "code: functions/etl/etl.py changed" in shown


def test_an_untrusted_plan_without_changes_has_none_in_any_resource(workspace: Workspace) -> None:
    plan = untrusted(workspace).plan
    assert plan is not None
    assert plan.changes
    assert not plan.pending


def test_an_untrusted_plan_of_one_pipeline_leaves_out_the_others(workspace: Workspace) -> None:
    slower(workspace)
    workspace.edit("functions/etl/etl.py", "Orders of", "All orders of")
    plan = untrusted(workspace, "raw").plan
    assert plan is not None
    assert {change.address.pipeline for change in plan.changes} == {"raw"}


def test_an_untrusted_plan_removes_what_the_branch_removes(workspace: Workspace) -> None:
    (workspace.folder / "pipelines/raw.yaml").unlink()
    plan = untrusted(workspace).plan
    assert plan is not None
    assert {change.address.pipeline for change in plan.pending} == {"raw"}
    assert all(change.desired is None for change in plan.pending)


def test_an_untrusted_plan_of_broken_files_is_findings(workspace: Workspace) -> None:
    workspace.edit("pipelines/etl.yaml", "depends_on: extract", "depends_on: extrct")
    outcome = untrusted(workspace)
    assert outcome.plan is None
    assert any(found.is_error for found in outcome.diagnostics)


def forget_texts(workspace: Workspace) -> None:
    """Leave what a bunsui leaves that keeps no texts."""
    with MemoryStateStore(workspace.repository.scope, workspace.table).rows() as rows:
        rows.texts.clear()


def lines_of(workspace: Workspace) -> str:
    plan = planned(workspace).plan
    assert plan is not None
    return plain(plan_lines(plan_view(plan)))


def test_the_file_where_the_branch_began_stands_in_for_a_text_that_was_not_kept(workspace: Workspace) -> None:
    forget_texts(workspace)
    workspace.edit("pipelines/etl.yaml", "max_concurrency: 4", "max_concurrency: 6")
    commit = git(workspace.folder, "rev-parse", "--short=12", "main").strip()
    text = lines_of(workspace)
    assert "job transform: foreach max_concurrency 4 → 6" in text
    assert f"edited since {commit}, where the branch began: the last apply kept no text\n" in text
    assert "follow" in text
    assert "not kept by the last apply" not in text


def test_states_are_shown_where_something_else_than_that_file_was_applied(workspace: Workspace) -> None:
    workspace.edit("pipelines/etl.yaml", "max_concurrency: 4", "max_concurrency: 5")
    workspace.apply()
    forget_texts(workspace)
    workspace.edit("pipelines/etl.yaml", "max_concurrency: 5", "max_concurrency: 6")
    text = lines_of(workspace)
    assert "max_concurrency 4 → 6" in text
    assert "so not every change below need follow from this" in text
    assert "state transform: concurrency 5 → 6" in text


def test_a_text_that_was_kept_is_believed_rather(workspace: Workspace) -> None:
    workspace.edit("pipelines/etl.yaml", "max_concurrency: 4", "max_concurrency: 5")
    workspace.apply()
    workspace.edit("pipelines/etl.yaml", "max_concurrency: 5", "max_concurrency: 6")
    text = lines_of(workspace)
    assert "max_concurrency 5 → 6" in text
    assert "edited since" not in text
