"""A project by an entry of the user's list: STS says whose credentials these are before anything of it is read."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bunsui.composition.deployed import DeployedWorkspace, projects_file
from bunsui.errors import InvalidInput, Refused
from bunsui.folders.configuration import write_own
from bunsui.folders.known_projects import KnownProject
from bunsui.folders.known_projects_text import with_known_project
from bunsui.ports.cloud import Caller
from tests.fakes.workspace import Asked

PROD = KnownProject(
    project="sales", environment="prod", id="7f3a0c52-1111", account="222222222222", region="eu-west-1", timezone="Asia/Tokyo"
)


class Identity:
    """Credentials of some account."""

    def __init__(self, account: str) -> None:
        self._account = account

    def caller(self) -> Caller:
        return Caller(account=self._account, arn=f"arn:aws:iam::{self._account}:user/mika", region="eu-west-1")


class Unreachable:
    """A connection over which nothing may be asked."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was asked for")


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Asked:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("CI", raising=False)
    (tmp_path / "here").mkdir()
    known = Asked(directory=tmp_path / "here", project="sales", environment=None)
    file = projects_file(known.directory)
    write_own(file, with_known_project(None, PROD, file=file))
    return known


def test_the_entry_says_where_and_nothing_else_does(asked: Asked) -> None:
    settings = DeployedWorkspace(asked).settings
    environment = settings.project.environment
    assert (settings.project.name, settings.project.id, settings.project.timezone) == ("sales", "7f3a0c52-1111", "Asia/Tokyo")
    assert (environment.name, environment.account, environment.region) == ("prod", "222222222222", "eu-west-1")
    assert settings.project.environments == ("prod",)


def test_credentials_of_another_account_read_nothing(asked: Asked) -> None:
    workspace = DeployedWorkspace(asked)
    vars(workspace).update(identity=Identity("111111111111"), connection=Unreachable())
    with pytest.raises(Refused) as caught:
        workspace.read_sessions()
    assert caught.value.code == "wrong-account"
    assert caught.value.facts["declared"] == "222222222222"


def test_in_ci_the_environment_is_named(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(InvalidInput, match="environment-needed"):
        _ = DeployedWorkspace(asked).connection
    assert DeployedWorkspace(replace(asked, environment="prod")).settings.is_explicit
