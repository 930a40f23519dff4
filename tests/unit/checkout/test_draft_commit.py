"""A commit of the files that were written, in a checkout that a stranger prepared."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bunsui.checkout.draft_commit import commit_files
from bunsui.errors import InvalidInput, Refused

FILE = "pipelines/orders.yaml"


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with a project below its top, a hook that would leave a trace, and something staged."""
    git(tmp_path, "init", "-q", "-b", "main")
    for key, value in (("user.name", "mika"), ("user.email", "mika@example.com"), ("commit.gpgsign", "true")):
        git(tmp_path, "config", key, value)
    project = tmp_path / "project"
    (project / "pipelines").mkdir(parents=True)
    (project / FILE).write_text("name: orders\n")
    (project / "other.txt").write_text("one\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "-c", "commit.gpgsign=false", "commit", "-qm", "first")
    hook = tmp_path / ".git" / "hooks" / "pre-commit"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/hooked\nexit 1\n")
    hook.chmod(0o755)
    (project / "other.txt").write_text("two\n")
    git(tmp_path, "add", "project/other.txt")
    (project / FILE).write_text("name: other\n")
    return project


def test_only_the_files_are_committed_and_no_hook_runs(checkout: Path) -> None:
    (checkout / "pipelines" / "new.yaml").write_text("name: new\n")
    made = commit_files(checkout, [FILE, "pipelines/new.yaml"], message="pipelines: -another")
    assert made.branch == "main"
    assert git(checkout, "log", "-1", "--format=%s") == "pipelines: -another"
    committed = git(checkout, "show", "--name-only", "--format=", "HEAD").splitlines()
    assert committed == ["project/pipelines/new.yaml", f"project/{FILE}"]
    assert git(checkout, "status", "--porcelain") == "M  project/other.txt"
    assert not (checkout.parent / "hooked").exists()


def test_a_branch_is_made_for_it(checkout: Path) -> None:
    made = commit_files(checkout, [FILE], message="other", branch="draft/orders")
    assert (made.branch, git(checkout, "rev-parse", "--abbrev-ref", "HEAD")) == ("draft/orders", "draft/orders")
    assert git(checkout, "rev-list", "--count", "main..draft/orders") == "1"
    for name in ("draft/orders", "--detach", "a b"):
        with pytest.raises(InvalidInput, match="not-a-branch"):
            commit_files(checkout, [FILE], message="again", branch=name)


def test_what_git_refuses_leaves_nothing_behind(checkout: Path) -> None:
    git(checkout, "checkout", "-q", "HEAD", "--", FILE)
    with pytest.raises(Refused, match="commit-refused"):
        commit_files(checkout, [FILE], message="nothing to commit", branch="empty")
    assert git(checkout, "branch", "--format=%(refname:short)") == "main"
    assert git(checkout, "status", "--porcelain") == "M  project/other.txt"


def test_no_filter_of_the_checkout_is_run(checkout: Path) -> None:
    (checkout / ".gitattributes").write_text("*.yaml filter=evil\n")
    git(checkout, "config", "filter.evil.clean", f"touch {checkout.parent}/filtered")
    with pytest.raises(Refused, match="filtered-file"):
        commit_files(checkout, [FILE], message="other")
    assert not (checkout.parent / "filtered").exists()
