"""A commit's files are read as the checkout's are, and nothing of the repository is run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bunsui.checkout.base import Base, default_revision, merge_base
from bunsui.checkout.commit import commit_of, head_of
from bunsui.checkout.tree import opened_tree
from bunsui.errors import BunsuiError, InvalidInput, NotFound
from bunsui.project.files import RootFolder

PATTERNS = ("pipelines/**/*.yaml", "*.yaml", "nowhere/*.yaml", ".hidden/*.yaml")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=Mika", "-c", "user.email=mika@example.com", "-c", "commit.gpgsign=false"]
    environment = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run([*command, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository whose project lies in a folder of it, with one commit on `main`."""
    folder = tmp_path / "repository"
    files = {
        "data/pipelines/a.yaml": "a",
        "data/pipelines/deep/水.yaml": "水",
        "data/pipelines/.secret/b.yaml": "b",
        "data/pipelines/notes.txt": "n",
        "data/.hidden/c.yaml": "c",
        "data/code/main.py": "print()",
        "data/code/__pycache__/main.pyc": "x",
        "data/code/run.sh": "#!/bin/sh",
        "data/code/.env": "TOKEN=",
        "data/code/deploy/ca.pem": "p",
        "data/code/env/pyvenv.cfg": "home",
        "data/code/env/lib/x.py": "x",
        "data/code/env/lib/cacert.pem": "x",
        "data/code/node_modules/a.js": "a",
        "outside.yaml": "o",
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    (folder / "data/code/run.sh").chmod(0o755)
    (folder / "data/pipelines/link.yaml").symlink_to("deep/水.yaml")
    (folder / "data/shared").symlink_to("code")
    (folder / "data/escape.yaml").symlink_to("../outside.yaml")
    (folder / "data/circle.yaml").symlink_to("circle.yaml")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    return folder / "data"


def test_a_commit_gives_what_its_checkout_gives(clone: Path) -> None:
    disk = RootFolder(clone)
    with opened_tree(clone, merge_base(clone, "main")) as tree:
        assert tree.find(PATTERNS) == disk.find(PATTERNS)
        for path in ("pipelines/a.yaml", "pipelines/link.yaml", "shared/main.py", "./code/../code/main.py"):
            assert tree.read(path) == disk.read(path)
        for path in ("code", "shared", "code/"):
            assert list(tree.folder(path)) == list(disk.folder(path))
            assert [entry.path for entry in tree.folder(path)] == ["main.py", "run.sh"]
            assert tree.withheld(path) == disk.withheld(path) == [".env", "deploy/ca.pem"]
            more = {"include": ["*.pem", "node_modules"], "exclude": ["run.sh"]}
            assert list(tree.folder(path, **more)) == list(disk.folder(path, **more))
            assert tree.withheld(path, **more) == disk.withheld(path, **more) == [".env"]
            for names in (["run.sh", "x"], ["cacert.pem", "a.js"], ["env", "*.py"]):
                for patterns in ({"exclude": names}, {"include": names}, {"exclude": names, "include": names}):
                    assert tree.unused(path, **patterns) == disk.unused(path, **patterns)


@pytest.mark.parametrize("path", ["nowhere.yaml", "../outside.yaml", "/etc/hostname", "escape.yaml", "circle.yaml", "a\x07b"])
def test_what_the_checkout_refuses_the_commit_refuses(clone: Path, path: str) -> None:
    with pytest.raises(InvalidInput):
        RootFolder(clone).read(path)
    with opened_tree(clone, merge_base(clone, "main")) as tree, pytest.raises(InvalidInput):
        tree.read(path)


@pytest.mark.parametrize("target", [".env", "../.hidden/c.yaml", "deploy/ca.pem"])
def test_a_commit_refuses_links_to_what_is_left_out(clone: Path, target: str) -> None:
    (clone / "code" / "data.txt").symlink_to(target)
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "second")

    with pytest.raises(InvalidInput, match="link to a hidden file"):
        RootFolder(clone).folder("code")
    with opened_tree(clone, merge_base(clone, "main")) as tree, pytest.raises(InvalidInput, match="link to a hidden file"):
        tree.folder("code")


def test_a_commit_refuses_a_code_folder_that_is_hidden_behind_a_link_or_bunsuis_own(clone: Path) -> None:
    (clone / "plain").symlink_to(".kept")
    for path in (".kept/app.py", ".bunsui/app.py"):
        (clone / path).parent.mkdir()
        (clone / path).write_text("")
    git(clone, "add", "-A", "-f")
    git(clone, "commit", "-qm", "second")

    with opened_tree(clone, merge_base(clone, "main")) as tree:
        for path, said in (("plain", "link to a hidden file"), (".bunsui", "bunsui's own")):
            with pytest.raises(InvalidInput, match=said):
                RootFolder(clone).folder(path)
            with pytest.raises(InvalidInput, match=said):
                tree.folder(path)


def test_a_file_that_is_too_large_is_refused(clone: Path) -> None:
    with opened_tree(clone, merge_base(clone, "main")) as tree, pytest.raises(InvalidInput, match="file-refused"):
        tree.read("pipelines/a.yaml", limit_bytes=0)


def test_the_commit_stays_what_it_is_while_files_change(clone: Path) -> None:
    (clone / "pipelines/a.yaml").write_text("changed")
    with opened_tree(clone, merge_base(clone, "main")) as tree:
        assert tree.read("pipelines/a.yaml") == b"a"
    assert git(clone, "status", "--porcelain") == "M data/pipelines/a.yaml"


def test_no_hook_filter_or_monitor_of_the_repository_is_run(clone: Path) -> None:
    ran = clone / "ran"
    script = clone.parent / "evil.sh"
    script.write_text(f"#!/bin/sh\necho $0 >> {ran}\ncat\n")
    script.chmod(0o755)
    (clone.parent / ".gitattributes").write_text("*.yaml filter=evil diff=evil\n")
    git(clone, "add", "-A")
    git(clone, "commit", "-qm", "attributes")
    for name in ("filter.evil.smudge", "filter.evil.clean", "diff.evil.textconv", "core.fsmonitor"):
        git(clone, "config", name, str(script))
    with opened_tree(clone, merge_base(clone, "main")) as tree:
        assert tree.find(PATTERNS)
        assert tree.read("pipelines/a.yaml") == b"a"
    assert head_of(clone)
    assert not ran.exists()


def test_the_merge_base_is_where_the_branch_began(clone: Path) -> None:
    first = git(clone, "rev-parse", "HEAD")
    git(clone, "checkout", "-qb", "feature")
    git(clone, "commit", "-qm", "mine", "--allow-empty")
    git(clone, "checkout", "-q", "main")
    git(clone, "commit", "-qm", "theirs", "--allow-empty")
    git(clone, "checkout", "-q", "feature")
    assert merge_base(clone, "main") == Base(revision="main", commit=first, prefix="data/")


@pytest.mark.parametrize("revision", ["nowhere", "-x", "--all", "", "main:data"])
def test_a_revision_that_is_none_is_answered_with_the_next_step(clone: Path, revision: str) -> None:
    with pytest.raises(NotFound) as caught:
        merge_base(clone, revision)
    assert caught.value.code == "unknown-revision"
    assert "git fetch origin" in caught.value.hint


def test_a_branch_that_only_the_remote_has_is_proposed(clone: Path) -> None:
    git(clone, "update-ref", "refs/remotes/origin/release", "HEAD")
    with pytest.raises(NotFound) as caught:
        merge_base(clone, "release")
    assert "--base origin/release" in caught.value.hint


def test_a_shallow_clone_says_how_to_fetch_the_history(clone: Path, tmp_path: Path) -> None:
    git(clone, "checkout", "-qb", "feature")
    for name in ("one", "two"):
        git(clone, "commit", "-qm", name, "--allow-empty")
    git(clone, "checkout", "-q", "main")
    git(clone, "commit", "-qm", "theirs", "--allow-empty")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth", "1", "--branch", "feature", clone.parent.as_uri(), str(shallow))
    git(shallow, "fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main")
    with pytest.raises(InvalidInput) as caught:
        merge_base(shallow / "data", "origin/main")
    assert caught.value.code == "no-merge-base"
    assert "fetch-depth: 0" in caught.value.hint


def test_histories_without_a_common_commit_have_no_merge_base(clone: Path) -> None:
    git(clone, "checkout", "-q", "--orphan", "other")
    git(clone, "commit", "-qm", "other")
    with pytest.raises(InvalidInput) as caught:
        merge_base(clone, "main")
    assert "in common" in caught.value.summary


def test_a_folder_outside_git_has_no_base(tmp_path: Path) -> None:
    for ask in (lambda: merge_base(tmp_path, "main"), lambda: default_revision(tmp_path, {})):
        with pytest.raises(BunsuiError) as caught:
            ask()
        assert caught.value.code == "not-a-checkout"
    assert commit_of(tmp_path) == ""


def test_the_default_is_the_branch_that_ci_names_then_the_remotes_own(clone: Path) -> None:
    assert default_revision(clone, {}) == "main"
    git(clone, "update-ref", "refs/remotes/origin/trunk", "HEAD")
    git(clone, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    assert default_revision(clone, {}) == "origin/trunk"
    git(clone, "update-ref", "refs/remotes/origin/release", "HEAD")
    assert default_revision(clone, {"GITHUB_BASE_REF": "release"}) == "origin/release"


def test_without_a_usual_branch_one_must_be_named(clone: Path) -> None:
    git(clone, "branch", "-m", "main", "elsewhere")
    with pytest.raises(InvalidInput) as caught:
        default_revision(clone, {})
    assert "--base" in caught.value.hint
