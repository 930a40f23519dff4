"""`bunsui diff`: environments and revisions are compared without an account, and only real differences show."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bunsui.composition.compared import two_environments, two_revisions
from bunsui.errors import InvalidInput, NotFound
from bunsui.plan.model import Action, Plan
from bunsui.services.comparison.environments import compare_environments
from bunsui.services.init import init_project
from bunsui.services.plan import PlanOutcome
from bunsui.services.plan_fork import plan_untrusted
from bunsui.view.plan.model import plan_view
from bunsui.view.plan.text import plan_lines
from tests.fakes.workspace import Asked
from tests.unit.checkout.test_tree import git

AT = datetime(2026, 12, 1, tzinfo=UTC)
FUNCTION = "arn:aws:lambda:{region}:{account}:function:f:1"
OTHER = """version: 1
name: other
jobs:
  a: {type: lambda, function: "${var.function}", payload: {days: "${var.days}", in: "${environment.name}"}, timeout: 5m}
"""
PROJECT = """environments:
  dev:
    {account: "111111111111", region: eu-west-1, variables: {days: 1, \
      function: "arn:aws:lambda:eu-west-1:111111111111:function:f:1"}}
  prod:
    {account: "222222222222", region: eu-west-3, variables: {days: 1, \
      function: "arn:aws:lambda:eu-west-3:222222222222:function:f:1"}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    init_project(tmp_path, template="etl")
    (tmp_path / "pipelines/other.yaml").write_text(OTHER)
    with (tmp_path / "bunsui.yaml").open("a") as project:
        project.write(PROJECT)
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-qm", "first")
    return tmp_path


def edit(folder: Path, path: str, before: str, after: str) -> None:
    text = (folder / path).read_text()
    assert before in text
    (folder / path).write_text(text.replace(before, after, 1))


def plan_of(outcome: PlanOutcome) -> Plan:
    assert outcome.plan is not None, outcome.diagnostics
    return outcome.plan


def environments(folder: Path, before: str = "dev", after: str = "prod") -> Plan:
    first, second = two_environments(Asked(directory=folder), before, after)
    return plan_of(compare_environments(first, second, as_of=AT))


def revisions(folder: Path, before: str, after: str | None = None, *, from_merge_base: bool = False) -> Plan:
    asked = Asked(directory=folder, environment="dev")
    with two_revisions(asked, before, after, from_merge_base=from_merge_base) as (now, then, basis):
        return plan_of(plan_untrusted(now, then, basis, as_of=AT))


def told(plan: Plan) -> str:
    return "\n".join(line.text for line in plan_lines(plan_view(plan)))


def test_names_accounts_and_regions_are_no_difference(folder: Path) -> None:
    plan = environments(folder)
    assert not plan.pending
    assert told(plan).startswith("No difference between dev and prod, but for what they are called")


def test_what_the_environments_say_otherwise_is_shown_as_the_author_wrote_it(folder: Path) -> None:
    edit(folder, "bunsui.yaml", "region: eu-west-3, variables: {days: 1", "region: eu-west-3, variables: {days: 7")
    plan = environments(folder)
    assert {change.address.pipeline for change in plan.pending} == {"other"}
    assert "job a: payload days 1 → 7" in told(plan)
    assert "What makes dev into prod: 1 to update" in told(plan)
    assert "payload days 7 → 1" in told(environments(folder, "prod", "dev"))


def test_an_arn_that_differs_in_more_than_its_place_is_a_difference(folder: Path) -> None:
    edit(folder, "bunsui.yaml", "222222222222:function:f:1", "222222222222:function:g:1")
    assert "function:f:1 → arn:aws:lambda:eu-west-3:222222222222:function:g:1" in told(environments(folder))


def test_a_literal_that_both_files_name_is_no_difference(folder: Path) -> None:
    edit(folder, "pipelines/other.yaml", "${var.function}", FUNCTION.format(region="eu-west-1", account="111111111111"))
    assert not environments(folder).pending


def test_a_bucket_of_one_environment_alone_is_a_difference(folder: Path) -> None:
    edit(folder, "bunsui.yaml", "region: eu-west-1,", "region: eu-west-1, bucket: managed,")
    kinds = {(change.address.kind, change.action) for change in environments(folder).pending}
    assert ("bucket", Action.DELETE) in kinds


def test_an_environment_that_there_is_not_is_refused(folder: Path) -> None:
    with pytest.raises((NotFound, InvalidInput)) as caught:
        environments(folder, "dev", "staging")
    assert caught.value.code == "no-environment"


def test_errors_of_the_first_environment_are_told_and_nothing_is_compared(folder: Path) -> None:
    edit(folder, "bunsui.yaml", "variables: {days: 1, ", "variables: {")
    first, second = two_environments(Asked(directory=folder), "dev", "prod")
    outcome = compare_environments(first, second, as_of=AT)
    assert outcome.plan is None
    assert {found.code for found in outcome.diagnostics if found.is_error} == {"BS205"}


def test_the_checkout_is_compared_with_its_last_commit(folder: Path) -> None:
    assert not revisions(folder, "HEAD").pending
    edit(folder, "pipelines/other.yaml", "timeout: 5m", "timeout: 6m")
    assert "timeout 5m → 6m" in told(revisions(folder, "HEAD"))


def test_two_commits_are_compared_whatever_the_checkout_has(folder: Path) -> None:
    edit(folder, "pipelines/other.yaml", "timeout: 5m", "timeout: 6m")
    git(folder, "commit", "-qam", "second")
    edit(folder, "pipelines/other.yaml", "name: other", "name: [")
    text = told(revisions(folder, "HEAD~1", "HEAD"))
    assert "timeout 5m → 6m" in text
    assert "HEAD compared with" in text
    assert "timeout 6m → 5m" in told(revisions(folder, "HEAD", "HEAD~1"))


def test_three_dots_begin_where_the_branch_did(folder: Path) -> None:
    git(folder, "checkout", "-qb", "branch")
    edit(folder, "pipelines/other.yaml", "timeout: 5m", "timeout: 6m")
    git(folder, "commit", "-qam", "mine")
    git(folder, "checkout", "-q", "main")
    edit(folder, "pipelines/other.yaml", 'days: "${var.days}", ', "")
    git(folder, "commit", "-qam", "theirs")
    both = told(revisions(folder, "main", "branch"))
    assert "payload" in both
    assert "payload" not in told(revisions(folder, "main", "branch", from_merge_base=True))


def test_a_revision_that_git_does_not_know_names_the_option(folder: Path) -> None:
    with pytest.raises(NotFound) as caught:
        revisions(folder, "HEAD", "nowhere")
    assert caught.value.code == "unknown-revision"


def test_a_revision_without_a_project_is_refused(folder: Path) -> None:
    (folder / "bunsui.yaml").rename(folder / "kept")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "without")
    git(folder, "mv", "kept", "bunsui.yaml")
    with pytest.raises(InvalidInput) as caught:
        revisions(folder, "HEAD~1", "HEAD")
    assert caught.value.code == "project-unread"
