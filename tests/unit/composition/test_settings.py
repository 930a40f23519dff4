from __future__ import annotations

import os
from pathlib import Path

import pytest

from bunsui.composition.settings import (
    PROJECT_FILE,
    Settings,
    ci_link,
    find_root,
    load_settings,
    local_ecs,
    read_settings,
    require_environment,
)
from bunsui.errors import ExitCode, InvalidInput, NotFound

PROJECT = """\
version: 1
project: sales
id: 7f3a0000
timezone: Asia/Tokyo
variables: {bucket: acme, image: "etl:latest"}
environments:
  dev:
    account: "111111111111"
    region: ap-northeast-1
    profile: acme-dev
    variables: {bucket: acme-dev}
    schedules: disabled
  prod:
    account: "222222222222"
    region: eu-west-1
    protected: true
    permissions_boundary: arn:aws:iam::222222222222:policy/boundary
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "bunsui.yaml").write_text(PROJECT)
    (tmp_path / "pipelines" / "deep").mkdir(parents=True)
    return tmp_path


def chosen(root: Path, environment: str | None = None, **environ: str) -> Settings:
    return load_settings(root, environment=environment, environ=environ)


def test_the_project_file_is_found_upwards(root: Path) -> None:
    assert find_root(root / "pipelines" / "deep") == root


def test_no_project_file_says_how_to_start_one(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as raised:
        find_root(tmp_path)
    assert "bunsui init" in raised.value.hint
    assert raised.value.exit_code is ExitCode.INVALID


def test_the_environment_is_asked_for_then_named_by_the_variable_then_the_default_then_local(root: Path) -> None:
    assert chosen(root, "dev", BUNSUI_ENV="prod").project.environment.name == "dev"
    assert chosen(root, BUNSUI_ENV="prod").project.environment.name == "prod"
    assert chosen(root).project.environment.name == "local"
    (root / "bunsui.yaml").write_text(PROJECT + "default_environment: dev\n")
    assert chosen(root).project.environment.name == "dev"


def test_variables_of_the_environment_are_laid_over_the_project(root: Path) -> None:
    assert chosen(root, "dev").project.variables == {"bucket": "acme-dev", "image": "etl:latest"}
    assert chosen(root, "prod").project.variables == {"bucket": "acme", "image": "etl:latest"}


def test_what_an_environment_says_is_kept(root: Path) -> None:
    dev, prod = chosen(root, "dev").project.environment, chosen(root, "prod").project.environment
    assert (dev.account, dev.region, dev.profile, dev.schedules_enabled) == (
        "111111111111",
        "ap-northeast-1",
        "acme-dev",
        False,
    )
    assert (prod.protected, prod.schedules_enabled) == (True, True)
    assert prod.permissions_boundary == "arn:aws:iam::222222222222:policy/boundary"
    assert chosen(root).project.environment.is_local


def test_an_unknown_environment_is_answered_with_the_one_that_was_meant(root: Path) -> None:
    with pytest.raises(NotFound) as raised:
        chosen(root, "prd")
    assert "--env prod" in raised.value.hint
    assert raised.value.facts["environments"] == "dev, prod, local"


def test_findings_of_the_project_file_have_their_place(root: Path) -> None:
    (root / "bunsui.yaml").write_text(PROJECT + "chanels: {}\n")
    outcome = read_settings(root, environment=None, environ={})
    assert outcome.settings is None
    assert [str(finding.position) for finding in outcome.diagnostics] == ["bunsui.yaml:18:1"]
    with pytest.raises(InvalidInput) as raised:
        chosen(root)
    assert raised.value.facts["first"].startswith("bunsui.yaml:18:1: ")
    assert raised.value.exit_code is ExitCode.INVALID


@pytest.mark.parametrize(
    ("asked", "environ", "has_terminal", "is_refused"),
    [
        (None, {}, True, False),
        (None, {}, False, True),
        (None, {"CI": "true"}, True, True),
        (None, {"CI": "1"}, False, True),
        (None, {"CI": "false"}, True, False),
        (None, {"CI": ""}, True, False),
        ("local", {"CI": "true"}, False, False),
        ("dev", {}, False, False),
        (None, {"CI": "true", "BUNSUI_ENV": "dev"}, False, False),
    ],
)
def test_an_account_is_never_guessed(
    root: Path, asked: str | None, environ: dict[str, str], has_terminal: bool, is_refused: bool
) -> None:
    settings = chosen(root, asked, **environ)
    if not is_refused:
        require_environment(settings, environ=environ, has_terminal=has_terminal)
        return
    with pytest.raises(InvalidInput) as raised:
        require_environment(settings, environ=environ, has_terminal=has_terminal)
    assert raised.value.exit_code is ExitCode.INVALID
    assert "--env" in raised.value.hint


def test_one_environment_and_no_terminal_needs_no_question(root: Path) -> None:
    (root / "bunsui.yaml").write_text("version: 1\nproject: sales\nid: 7f3a0000\n")
    require_environment(chosen(root), environ={}, has_terminal=False)


def test_containers_run_as_processes_where_the_project_says_so(root: Path) -> None:
    assert local_ecs(chosen(root).project, environ={}) == "none"
    (root / "bunsui.yaml").write_text(PROJECT + "local: {ecs: process}\n")
    assert local_ecs(chosen(root).project, environ={}) == "process"


def test_the_users_own_word_about_containers_counts_before_the_projects(root: Path) -> None:
    (root / "bunsui.yaml").write_text(PROJECT + "local: {ecs: process}\n")
    assert local_ecs(chosen(root).project, environ={"BUNSUI_LOCAL_ECS": "none"}) == "none"
    with pytest.raises(InvalidInput) as raised:
        local_ecs(chosen(root).project, environ={"BUNSUI_LOCAL_ECS": "docker"})
    assert raised.value.code == "local-ecs"


def test_another_word_about_containers_is_a_located_finding(root: Path) -> None:
    (root / "bunsui.yaml").write_text(PROJECT + "local: {ecs: docker}\n")
    outcome = read_settings(root, environment=None, environ={})
    assert [str(finding.position) for finding in outcome.diagnostics] == ["bunsui.yaml:18:14"]


@pytest.mark.parametrize(
    ("environ", "link"),
    [
        ({"BUILD_URL": "https://robot:pass@ci.example/runs/7?token=x#y"}, "https://ci.example/runs/7"),
        ({"GITHUB_RUN_ID": "7", "GITHUB_REPOSITORY": "acme/data"}, "https://github.com/acme/data/actions/runs/7"),
        ({"CI_JOB_URL": "https://[broken"}, ""),
        ({}, ""),
    ],
)
def test_the_address_of_the_ci_run_holds_no_secret(environ: dict[str, str], link: str) -> None:
    assert ci_link(environ) == link


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_a_project_that_somebody_else_put_above_is_not_ours(tmp_path: Path) -> None:
    common, mine = tmp_path / "common", tmp_path / "common" / "mine"
    mine.mkdir(parents=True)
    (common / PROJECT_FILE).write_text("version: 1\n")
    os.chown(common / PROJECT_FILE, 65534, 65534)
    assert find_root(mine) == common.resolve()

    common.chmod(0o1777)

    with pytest.raises(InvalidInput, match="project-of-another-user"):
        find_root(mine)
    assert find_root(common) == common.resolve()  # who names it means it
    os.chown(common / PROJECT_FILE, os.geteuid(), -1)
    assert find_root(mine) == common.resolve()
