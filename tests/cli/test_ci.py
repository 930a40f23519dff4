"""`bunsui ci` and failing plans as jobs of CI run them: files in, exit codes out, the forge on the loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bunsui.plan.marker import PlanHead, PlanMarker, read_marker
from bunsui.services.init import init_project
from tests.fakes.forges import PULL, TOKEN, FakeGitHub, FakeGitLab, ForgeServer, serving
from tests.typed import Done, typed, without_ours
from tests.unit.checkout.test_tree import git

HEAD, MERGE = "1" * 40, "e" * 40


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = tmp_path / "sales"
    init_project(project, template="raw")
    with (project / "bunsui.yaml").open("a") as stream:
        stream.write("environments:\n  prod: {account: '111111111111', region: eu-west-1}\n")
    git(project, "init", "-q", "-b", "main")
    git(project, "add", "-A")
    git(project, "commit", "-qm", "first")
    return project


@pytest.fixture
def github() -> Iterator[ForgeServer]:
    with serving(FakeGitHub(head=HEAD, merged_as=MERGE)) as forge:
        yield forge


def event(folder: Path) -> str:
    path = folder / "event.json"
    path.write_text(json.dumps({"pull_request": {"number": PULL, "head": {"sha": HEAD}, "title": "$(touch x)"}}))
    return str(path)


def bunsui(folder: Path, server: ForgeServer, *arguments: str, **more: str) -> Done:
    return typed(folder, *arguments, environment=without_ours(CI="true", BUNSUI_ENV="prod", **server.environ(), **more))


def commented(folder: Path, server: ForgeServer, printed: str) -> Done:
    (folder / "comment.md").write_text(printed)
    run = {"GITHUB_RUN_ID": "17", "GITHUB_RUN_ATTEMPT": "1"}
    return bunsui(folder, server, "ci", "comment", "comment.md", GITHUB_EVENT_PATH=event(folder), **run)


def a_comment(digest: str = "a" * 64, *select: str) -> str:
    return PlanMarker(project="sales", environment="prod", digest=digest, select=select).text + "### Plan\n"


def test_a_failing_plan_prints_a_comment_that_withdraws_the_last_one(folder: Path, github: ForgeServer) -> None:
    assert commented(folder, github, a_comment()).returncode == 0
    (folder / "pipelines/raw.yaml").write_text("version: 1\nname: raw\ndefinition: nowhere.json\n")
    failed = bunsui(folder, github, "plan", "--untrusted", "--markdown")
    assert failed.returncode == 5
    assert "pipelines/raw.yaml:3:" in failed.stdout
    assert "pipelines/raw.yaml:3:" in failed.stderr
    marker = read_marker(failed.stdout)
    assert marker == PlanMarker(project="sales", environment="prod")
    posted = commented(folder, github, failed.stdout)
    assert "renewed the plan's comment" in posted.stderr
    (body,) = github.bodies()
    assert "No plan" in body
    refused = bunsui(folder, github, "ci", "digest", GITHUB_SHA=MERGE)
    assert (refused.returncode, refused.stdout) == (4, "")
    assert "reviewed-plan-withdrawn" in refused.stderr


def test_a_broken_project_file_still_says_whose_plan_failed(folder: Path, github: ForgeServer) -> None:
    with (folder / "bunsui.yaml").open("a") as stream:
        stream.write("nonsense: [\n")
    failed = bunsui(folder, github, "plan", "--markdown")
    assert failed.returncode == 5
    assert read_marker(failed.stdout) == PlanMarker(project="sales", environment="prod")


def test_what_was_reviewed_is_printed_as_apply_takes_it(folder: Path, github: ForgeServer) -> None:
    assert commented(folder, github, a_comment("b" * 64, "orders", "fresh")).returncode == 0
    found = bunsui(folder, github, "ci", "digest", GITHUB_SHA=MERGE)
    assert found.stdout.splitlines() == ["b" * 64, "orders", "fresh"], found.stderr
    document = json.loads(bunsui(folder, github, "--json", "ci", "digest", GITHUB_SHA=MERGE).stdout)
    assert (document["digest"], document["pull_request"]) == ("b" * 64, PULL)


def test_no_token_is_ever_printed(folder: Path, github: ForgeServer) -> None:
    github.failures[:] = [403]
    denied = commented(folder, github, a_comment())
    assert denied.returncode == 6
    assert "forge-denied" in denied.stderr
    assert TOKEN not in denied.stdout + denied.stderr


@pytest.mark.parametrize(
    ("without", "code"),
    [("GITHUB_ACTIONS", "no-forge"), ("GITHUB_TOKEN", "no-forge-token"), ("GITHUB_EVENT_PATH", "no-pull-request")],
)
def test_a_job_that_lacks_something_is_told_what(folder: Path, github: ForgeServer, without: str, code: str) -> None:
    (folder / "comment.md").write_text(a_comment())
    environment = without_ours(CI="true", GITHUB_EVENT_PATH=event(folder), **github.environ())
    del environment[without]
    done = typed(folder, "ci", "comment", "comment.md", environment=environment)
    assert done.returncode == 5
    assert code in done.stderr


def test_a_merge_request_pipeline_of_gitlab_does_the_same(folder: Path) -> None:
    (folder / "comment.md").write_text(a_comment())
    with serving(FakeGitLab(head=HEAD, merged_as=MERGE)) as gitlab:
        request = {"CI_MERGE_REQUEST_IID": str(PULL), "CI_COMMIT_SHA": HEAD, "CI_PIPELINE_ID": "5", "CI_JOB_ID": "9"}
        posted = bunsui(folder, gitlab, "--json", "ci", "comment", "comment.md", **request)
        assert json.loads(posted.stdout)["comment"] == "created", posted.stderr
        marker = read_marker(gitlab.bodies()[0])
        assert marker is not None
        assert marker.head == PlanHead(commit=HEAD, order=(5, 9))
        found = bunsui(folder, gitlab, "ci", "digest", CI_COMMIT_SHA=MERGE)
        assert found.stdout == "a" * 64 + "\n", found.stderr
