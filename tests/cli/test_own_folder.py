"""A checkout that brings its own `.bunsui`, as typed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bunsui.checkout.index import tracked_paths
from bunsui.composition.own_folder import is_tracked, project_folder, user_folders_for
from bunsui.emulator.launcher.launcher import stop
from tests.typed import typed

pytestmark = pytest.mark.embedded


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """A repository that committed data of an embedded AWS; what runs for it ends with the test."""
    root = tmp_path / "project"
    state = root / ".bunsui" / "local" / "state"
    state.mkdir(parents=True)
    (root / "bunsui.yaml").write_text("version: 1\nproject: shop\nid: shop-1\n")
    (state / "sqs.json").write_text("{")
    git(root, "init", "-q")
    yield root
    own = project_folder(root, notice=print).look()
    if own is not None:
        stop(own.local)


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=mika", "-c", "user.email=mika@example.org")
    subprocess.run(["git", *identity, "-C", str(root), *arguments], check=True, capture_output=True)


def commit(root: Path) -> None:
    git(root, "add", "--force", ".")
    git(root, "commit", "-q", "-m", "everything")


def test_committed_state_is_not_loaded_and_told_once(checkout: Path) -> None:
    commit(checkout)

    first, second = typed(checkout, "local", "start"), typed(checkout, "local", "start")

    assert first.returncode == 0, first.stderr
    assert "git rm -r --cached .bunsui" in first.stderr
    assert "could not be read" not in first.stdout + first.stderr
    assert "untrusted" not in second.stderr
    (aside,) = checkout.glob(".bunsui/untrusted-*")
    assert (aside / "local" / "state" / "sqs.json").read_text() == "{"


def test_state_that_was_only_copied_is_moved_aside(checkout: Path) -> None:
    assert "nothing in it is used" in typed(checkout, "local", "status").stderr
    assert (checkout / ".bunsui" / "local" / "state" / "sqs.json").exists()

    done = typed(checkout, "local", "start")

    assert done.returncode == 0, done.stderr
    assert "bunsui local adopt" in done.stderr
    assert str(checkout / ".bunsui" / "local") in done.stdout


def test_nobody_at_a_terminal_takes_nothing(checkout: Path) -> None:
    typed(checkout, "local", "start")

    done = typed(checkout, "--yes", "local", "adopt")

    assert done.returncode == 4
    assert "a person at a terminal" in done.stderr
    assert len(list(checkout.glob(".bunsui/untrusted-*/local/state/sqs.json"))) == 1


@pytest.mark.parametrize("name", [".bunsui", ".Bunsui"])
def test_a_file_below_the_name_is_tracked_in_any_case(checkout: Path, name: str) -> None:
    (checkout / ".bunsui").rename(checkout / name)
    assert not is_tracked(checkout, ".bunsui")
    commit(checkout)
    assert is_tracked(checkout, ".bunsui")


def test_no_folder_of_the_checkout_around_the_project_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project, home = tmp_path / "checkout" / "etl", tmp_path / "home"
    for folder in (project, home):
        folder.mkdir(parents=True)
    git(tmp_path / "checkout", "init", "-q")
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "checkout" / ".cache"))

    user = user_folders_for(project)

    assert user.cache is not None
    assert user.cache.is_relative_to(home)
    assert user.state.is_relative_to(home)
    assert not (tmp_path / "checkout" / ".cache").exists()


@pytest.mark.parametrize("version", [2, 3, 4])
@pytest.mark.parametrize("inside", ["", "etl/deep"])
def test_what_is_tracked_is_known_without_git_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int, inside: str
) -> None:
    project = tmp_path / inside
    names = [".ab/file", ".bunsui2/x", "a" * 200, "b/ü\n.py", *(f"many/{number:03}.bunsui" for number in range(200))]
    for name in names:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(name)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "--force", ".")
    if version == 3:
        git(tmp_path, "update-index", "--skip-worktree", str(project / names[0]))
    git(tmp_path, "update-index", f"--index-version={version}")
    listed = subprocess.run(["git", "-C", str(tmp_path), "ls-files", "-z"], check=True, capture_output=True).stdout
    assert list(tracked_paths(tmp_path)) == listed.split(b"\0")[:-1]

    with monkeypatch.context() as without_git:
        without_git.setenv("PATH", "/nonexistent")
        assert not is_tracked(project, ".bunsui")
    (project / ".Bunsui").symlink_to("elsewhere")
    git(tmp_path, "add", "--force", ".")
    monkeypatch.setenv("PATH", "/nonexistent")
    assert is_tracked(project, ".bunsui")


def test_an_index_that_cannot_be_read_may_hold_anything(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (checkout / ".bunsui").rename(checkout / "other")
    git(checkout, "add", "--force", ".")
    index = checkout / ".git" / "index"
    whole = index.read_bytes()
    monkeypatch.setenv("PATH", "/nonexistent")
    assert not is_tracked(checkout, ".bunsui")
    for damaged in (b"", whole[:50], b"DIRC" + bytes([0, 0, 0, 9]) + whole[8:], whole[:8] + b"\0\0\1\0" + whole[12:]):
        index.write_bytes(damaged)
        assert is_tracked(checkout, ".bunsui")
    index.unlink()
    assert not is_tracked(checkout, ".bunsui")  # nothing was added yet


def test_data_that_became_a_link_in_a_folder_of_ours_is_moved_aside(checkout: Path) -> None:
    (checkout / ".bunsui").rename(checkout.parent / "outside")
    own = project_folder(checkout, notice=print).open()
    own.local.symlink_to(checkout.parent / "outside")

    done = typed(checkout, "local", "start")

    assert done.returncode == 0, done.stderr
    assert "was moved to .bunsui/untrusted-" in done.stderr
    assert [path.name for path in (checkout.parent / "outside").rglob("*")] == ["local", "state", "sqs.json"]
