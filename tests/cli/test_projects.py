"""`bunsui projects`, and what `--project` reaches, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bunsui.emulator.launcher.launcher import LocalEndpoint
from tests.cli.conftest import PROJECT, share
from tests.typed import Done, typed

ENVIRONMENTS = """\
environments:
  dev: {account: "111111111111", region: ap-northeast-1, profile: acme-dev}
  prod: {account: "222222222222", region: ap-northeast-1}
"""
RAW = """\
version: 1
name: pause
jobs:
  rest:
    operations: [{type: wait, for: 1s}]
"""


class User:
    """Somebody with a configuration of their own, at work in some folder."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.environment = {"XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state")}
        (home / "elsewhere").mkdir(parents=True)

    @property
    def file(self) -> Path:
        return self.home / "config" / "bunsui" / "projects.toml"

    def __call__(self, *arguments: str, at: Path | None = None, code: int = 0) -> Done:
        done = typed(at or self.home / "elsewhere", *arguments, environment=self.environment)
        assert done.returncode == code, done.stderr
        return done


@pytest.fixture
def user(tmp_path: Path) -> User:
    return User(tmp_path / "user")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "bunsui.yaml").write_text(PROJECT + ENVIRONMENTS)
    return folder


def test_a_checkout_adds_itself_and_is_known_everywhere(user: User, checkout: Path) -> None:
    assert "no projects" in user("projects").stdout
    added = json.loads(user("projects", "add", "--json", at=checkout).stdout)["projects"]
    assert [(one["environment"], one["account"], one["profile"]) for one in added] == [
        ("dev", "111111111111", "acme-dev"),
        ("prod", "222222222222", ""),
    ]
    assert "222222222222" in user("projects", "list").stdout
    assert "bunsui --project weights -e dev sessions" in user("projects", "add", at=checkout).stderr
    user("projects", "remove", "weights", "-e", "dev")
    assert "acme-dev" not in user.file.read_text()
    user("projects", "remove", "weights")
    assert "no projects" in user("projects", "list").stdout
    user("projects", "remove", "weights", code=5)


def test_an_entry_leads_nowhere_else_without_a_yes(user: User, checkout: Path) -> None:
    user("projects", "add", at=checkout)
    before = user.file.read_text()
    (checkout / "bunsui.yaml").write_text(PROJECT + ENVIRONMENTS.replace("222222222222", "333333333333"))
    refused = user("projects", "add", at=checkout, code=5)
    assert "222222222222 → 333333333333" in refused.stderr
    assert "--yes" in refused.stderr
    assert user.file.read_text() == before
    user("projects", "add", "--yes", at=checkout)
    assert "333333333333" in user.file.read_text()


@pytest.mark.parametrize("command", ["plan", "apply", "status", "validate", "destroy", "state"])
def test_what_needs_files_is_refused_with_the_next_step(user: User, command: str) -> None:
    refused = user("--project", "weights", command, code=5)
    assert "needs-files" in refused.stderr
    assert "bunsui --project weights sessions" in refused.stderr


def test_a_mistake_in_the_file_is_told_at_its_place(user: User, checkout: Path) -> None:
    user("projects", "add", at=checkout)
    user.file.write_text(user.file.read_text().replace('region = "ap', 'regoin = "ap'))
    told = user("--project", "weights", "-e", "prod", "sessions", code=5).stderr
    assert f"{user.file}:" in told
    assert "did you mean region?" in told


def test_a_checkout_cannot_bring_a_list_of_its_own(user: User, checkout: Path) -> None:
    inside = checkout / "config" / "bunsui"
    inside.mkdir(parents=True, mode=0o700)
    (inside / "projects.toml").write_text("nonsense")
    (inside / "projects.toml").chmod(0o600)
    environment = {"HOME": str(user.home), "XDG_CONFIG_HOME": str(checkout / "config")}
    done = typed(checkout, "projects", "list", environment=environment)
    assert done.returncode == 0, done.stderr
    assert str(user.home / ".config") in done.stderr


@pytest.mark.slow
@pytest.mark.embedded
def test_its_sessions_are_run_and_looked_at_from_any_folder(
    user: User, tmp_path: Path, shared_folder: Path, embedded: LocalEndpoint
) -> None:
    folder = tmp_path / "afar"
    (folder / "pipelines").mkdir(parents=True)
    (folder / "bunsui.yaml").write_text(PROJECT.replace("weights", "afar").replace("6c0f2c4e", "8c0f2c4e"))
    (folder / "pipelines" / "pause.yaml").write_text(RAW)
    share(shared_folder, folder)
    applied = typed(folder, "-e", "local", "apply", "--yes")
    assert applied.returncode == 0, applied.stderr
    user("-e", "local", "projects", "add", at=folder)
    (folder / "pipelines").rename(folder / "gone")
    ran = user("--project", "afar", "run", "pause")
    assert "✓ rest" in ran.stdout
    listed = user("--project", "afar", "sessions")
    assert "bunsui --project afar show" in listed.stderr
    shown = user("--project", "afar", "show", "#1")
    assert "✓ pause  succeeded" in shown.stdout
    morning = user("--project", "afar").stdout
    assert "afar in local" in morning
    assert "bunsui status" not in morning
    other = tmp_path / "other"
    other.mkdir()
    (other / "bunsui.yaml").write_text(PROJECT)
    won = user("--project", "afar", "sessions", at=other)
    assert f"{other / 'bunsui.yaml'} is not used" in won.stderr
    assert "pause" in won.stdout
