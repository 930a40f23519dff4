"""Whatever a checkout holds, git runs no program of it, and answers for the checkout that it is."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from bunsui.checkout.base import Base, default_revision, merge_base
from bunsui.checkout.commit import commit_of, head_of
from bunsui.checkout.git import environment, open_checkout
from bunsui.checkout.history import Containment, head_contains
from bunsui.checkout.sparse import left_out_of
from bunsui.checkout.tree import opened_tree
from bunsui.errors import BunsuiError, InvalidInput, MissingExtra
from tests.unit.checkout.test_tree import git

LOCAL = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_COMMON_DIR",
    "GIT_CONFIG",
    "GIT_SHALLOW_FILE",
)
"""Some of what `git rev-parse --local-env-vars` lists, each of which would mean another repository."""


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A project in a folder of a repository, on a branch with one commit more than `main`."""
    folder = tmp_path / "repository"
    project = folder / "data"
    project.mkdir(parents=True)
    (project / "a.yaml").write_text("a")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "first")
    git(folder, "checkout", "-qb", "feature")
    (project / "a.yaml").write_text("b")
    git(folder, "commit", "-qam", "second")
    return project


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """The file that `trap` makes when it is run."""
    return tmp_path / "ran"


@pytest.fixture
def trap(tmp_path: Path, marker: Path) -> str:
    """A program that tells that it was run."""
    script = tmp_path / "trap.sh"
    script.write_text(f'#!/bin/sh\necho "$0 $*" >> {marker}\ncat\n')
    script.chmod(0o755)
    return str(script)


def everything(project: Path, *, base: str = "main") -> tuple[str, str, str, bytes, Containment]:
    """Ask all that is ever asked of git, and return the answers."""
    found = merge_base(project, base)
    with opened_tree(project, found) as tree:
        content = tree.read("a.yaml")
    assert left_out_of(project) == ()
    return found.commit, head_of(project), commit_of(project), content, head_contains(project, found.commit)


def right(project: Path, answers: tuple[str, str, str, bytes, Containment]) -> bool:
    first, head = (git(project.parent, "rev-parse", *of) for of in (["main"], ["--short=12", "feature"]))
    return answers in ((first, head, head, b"a", Containment.YES), (first, head, f"{head}*", b"a", Containment.YES))


SETTINGS = (
    "core.fsmonitor",
    "core.sshCommand",
    "core.askPass",
    "core.gitProxy",
    "core.pager",
    "core.editor",
    "core.alternateRefsCommand",
    "credential.helper",
    "diff.external",
    "diff.evil.command",
    "diff.evil.textconv",
    "filter.evil.clean",
    "filter.evil.smudge",
    "filter.evil.process",
    "gpg.program",
    "merge.evil.driver",
    "pager.rev-parse",
    "pager.status",
    "pager.ls-tree",
    "interactive.diffFilter",
    "remote.origin.uploadpack",
    "uploadpack.packObjectsHook",
    "trailer.evil.command",
)
"""Settings whose value is a program."""


@pytest.mark.parametrize("name", SETTINGS)
def test_no_program_that_the_configuration_names_is_run(clone: Path, marker: Path, trap: str, name: str) -> None:
    (clone / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")
    git(clone, "config", name, trap)
    os.utime(clone / "a.yaml", (1, 1))  # git must look into it again
    assert right(clone, everything(clone))
    assert not marker.exists()


def test_no_program_that_an_included_configuration_names_is_run(clone: Path, marker: Path, trap: str) -> None:
    """Many teams track a file of settings, and have everybody include it."""
    (clone / ".gitattributes").write_text("* filter=evil diff=evil merge=evil\n")
    for name in SETTINGS:
        git(clone, "config", "-f", str(clone / "shared.cfg"), name, trap)
    git(clone, "config", "include.path", "../data/shared.cfg")
    git(clone, "config", "includeIf.onbranch:**.path", "../data/shared.cfg")
    os.utime(clone / "a.yaml", (1, 1))
    assert right(clone, everything(clone))
    assert not marker.exists()


def test_a_filter_with_a_name_that_no_option_can_hold_is_not_run(clone: Path, marker: Path, trap: str) -> None:
    (clone / ".gitattributes").write_text("* filter=a=b\n")
    git(clone, "config", "-f", str(clone.parent / ".git/config"), "filter.a=b.clean", trap)
    os.utime(clone / "a.yaml", (1, 1))
    assert right(clone, everything(clone))
    assert not marker.exists()


def test_no_hook_is_run(clone: Path, marker: Path, trap: str) -> None:
    hooks = clone.parent / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-index-change", "fsmonitor-watchman", "reference-transaction", "pre-auto-gc", "query-watchman"):
        shutil.copy(trap, hooks / name)
    assert right(clone, everything(clone))
    assert not marker.exists()


def shaped(folder: Path, trap: str, **settings: str) -> None:
    """Make the folder look like a git directory, whose commits say something else."""
    other = folder.parent / "elsewhere"
    other.mkdir()
    git(other, "init", "-q", "-b", "main")
    (other / "a.yaml").write_text("forged")
    git(other, "add", "-A")
    git(other, "commit", "-qm", "forged")
    for name in ("HEAD", "objects", "refs", "config", "index"):
        where = other / ".git" / name
        (shutil.copytree if where.is_dir() else shutil.copy)(where, folder / name)
    for name, text in {"core.bare": "false", "core.worktree": str(folder), "core.fsmonitor": trap, **settings}.items():
        git(folder.parent, "config", "-f", str(folder / "config"), name, text)
    shutil.rmtree(other)


@pytest.mark.parametrize("bare", ["true", "false"])
def test_a_tracked_folder_that_is_shaped_as_a_git_directory_is_a_folder(
    clone: Path, marker: Path, trap: str, bare: str
) -> None:
    shaped(clone, trap, **{"core.bare": bare})
    assert right(clone, everything(clone))
    assert not marker.exists()


def test_a_git_that_does_not_know_safe_bare_repository_is_safe_all_the_same(
    clone: Path, marker: Path, trap: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.which("git")
    old = tmp_path / "bin/git"
    old.parent.mkdir()
    old.write_text(
        f"""#!/bin/sh
n=$#
while [ $n -gt 0 ]; do
    a=$1; shift; n=$((n - 1))
    case "$a" in
        safe.*) set -- "$@" x.unknown=1 ;;
        --no-lazy-fetch|--attr-source*|--no-advice) echo "unknown option: $a" >&2; exit 129 ;;
        *) set -- "$@" "$a" ;;
    esac
done
unset GIT_NO_LAZY_FETCH
exec {real} "$@"
"""
    )
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{old.parent}{os.pathsep}{os.environ['PATH']}")
    shaped(clone, trap)
    assert open_checkout(clone).program == str(old)
    assert right(clone, everything(clone))
    assert not marker.exists()


def test_a_folder_shaped_as_a_git_directory_outside_any_checkout_is_no_checkout(
    tmp_path: Path, marker: Path, trap: str
) -> None:
    folder = tmp_path / "unpacked"
    folder.mkdir()
    shaped(folder, trap)
    (folder / ".git").mkdir()  # an empty one, which git passes over
    with pytest.raises(InvalidInput) as caught:
        merge_base(folder, "main")
    assert caught.value.code == "not-a-checkout"
    assert (head_of(folder), commit_of(folder), left_out_of(folder)) == ("", "", ())
    assert not marker.exists()


@pytest.mark.parametrize("name", LOCAL)
def test_what_git_exports_to_a_hook_means_nothing_here(clone: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    answers = everything(clone)
    other = clone.parent.parent / "other"
    other.mkdir()
    git(other, "init", "-q", "-b", "main")
    git(other, "commit", "-qm", "other", "--allow-empty")
    monkeypatch.setenv(name, str(other / ".git"))
    again = everything(clone)
    monkeypatch.undo()
    assert right(clone, again)
    assert answers == again


def test_no_local_variable_of_git_is_passed_on(tmp_path: Path) -> None:
    local = subprocess.run(["git", "rev-parse", "--local-env-vars"], capture_output=True, text=True, check=True).stdout.split()
    assert len(local) > 10
    hostile = dict.fromkeys((*local, "GIT_SSH", "GIT_EXTERNAL_DIFF", "GIT_ASKPASS", "GIT_TRACE", "GIT_EXEC_PATH"), "/evil")
    made = environment(tmp_path, hostile)
    assert [name for name, value in made.items() if "/evil" in value] == []


def test_in_a_hook_of_a_linked_worktree_the_base_is_the_same(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    linked = clone.parent.parent / "linked"
    git(clone, "worktree", "add", "-q", str(linked), "-b", "second")
    plain = merge_base(linked / "data", "main")
    inside = git(linked, "rev-parse", "--absolute-git-dir")
    monkeypatch.setenv("GIT_DIR", inside)
    monkeypatch.setenv("GIT_INDEX_FILE", f"{inside}/index")
    assert merge_base(linked / "data", "main") == plain == Base(revision="main", commit=plain.commit, prefix="data/")
    with opened_tree(linked / "data", plain) as tree:
        assert tree.find(["*.yaml"]) == ["a.yaml"]


def test_a_work_tree_that_the_configuration_names_is_not_looked_at(clone: Path, tmp_path: Path) -> None:
    git(clone, "config", "core.worktree", str(tmp_path))
    assert right(clone, everything(clone))
    assert not commit_of(clone).endswith("*")


def test_replaced_commits_and_grafts_change_nothing(clone: Path) -> None:
    orphan = git(clone, "commit-tree", "-m", "orphan", "HEAD^{tree}")
    main = git(clone, "rev-parse", "main")
    git(clone, "replace", "HEAD", orphan)
    (clone.parent / ".git/info").mkdir(exist_ok=True)
    (clone.parent / ".git/info/grafts").write_text(f"{git(clone, 'rev-parse', 'HEAD')}\n")
    assert merge_base(clone, "main").commit == main
    assert head_contains(clone, main) is Containment.YES


def test_objects_among_the_files_are_not_believed(clone: Path) -> None:
    (clone / "objects").mkdir()
    (clone.parent / ".git/objects/info/alternates").write_text("../../data/objects\n")
    with pytest.raises(InvalidInput) as caught:
        merge_base(clone, "main")
    assert caught.value.code == "checkout-unsafe"


def test_a_clone_that_borrows_from_another_clone_works(clone: Path, tmp_path: Path) -> None:
    """As CI systems make them, from a copy that the machine keeps."""
    borrowing = tmp_path / "borrowing"
    git(tmp_path, "clone", "-q", "--shared", "--branch", "feature", str(clone.parent), str(borrowing))
    assert merge_base(borrowing / "data", "origin/main").commit == git(clone, "rev-parse", "main")


def test_missing_objects_of_a_partial_clone_are_not_fetched(clone: Path, marker: Path, trap: str, tmp_path: Path) -> None:
    git(clone.parent, "config", "uploadpack.allowFilter", "true")
    partial = tmp_path / "partial"
    source = clone.parent.as_uri()
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", "--branch", "feature", source, str(partial))
    (partial / "data").mkdir()
    for name, value in {
        "remote.origin.uploadpack": trap,
        "protocol.allow": "always",
        "protocol.file.allow": "always",
        "protocol.ext.allow": "always",
        "remote.origin.url": f"ext::{trap}",
    }.items():
        git(partial, "config", name, value)
    found = merge_base(partial / "data", "origin/main")
    with pytest.raises(BunsuiError), opened_tree(partial / "data", found) as tree:
        tree.read("a.yaml")
    assert head_contains(partial / "data", "f" * 40) is Containment.NO
    assert not marker.exists()


@pytest.mark.parametrize("path", [".:{rest}", "bin:{rest}", "{project}/bin:{rest}", ":{rest}"])
def test_no_git_that_the_checkout_brings_along_is_run(
    clone: Path, marker: Path, trap: str, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    for where in (clone, clone / "bin"):
        where.mkdir(exist_ok=True)
        shutil.copy(trap, where / "git")
    monkeypatch.chdir(clone)
    monkeypatch.setenv("PATH", path.format(project=clone, rest=os.environ["PATH"]))
    answers = everything(clone)
    monkeypatch.undo()
    assert right(clone, answers)
    assert not marker.exists()


def test_without_git_it_is_said(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(MissingExtra) as caught:
        merge_base(clone, "main")
    assert caught.value.code == "git-missing"
    assert (head_of(clone), left_out_of(clone)) == ("", ())
    assert head_contains(clone, "HEAD") is Containment.CANNOT_TELL


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a file away")
def test_a_checkout_of_another_user_is_told_with_the_remedy_of_git(clone: Path) -> None:
    top = clone.parent
    for path in (top, *top.rglob("*")):
        os.chown(path, 65534, 65534, follow_symlinks=False)
    for ask in (lambda: merge_base(clone, "main"), lambda: default_revision(clone, {})):
        with pytest.raises(InvalidInput) as caught:
            ask()
        assert caught.value.code == "checkout-of-another-user"
        assert f"git config --global --add safe.directory {top}" in caught.value.hint
    assert left_out_of(clone) == ()
    (top / ".git/info/sparse-checkout").write_text("/*\n")
    with pytest.raises(InvalidInput, match="another user"):
        left_out_of(clone)  # what is missing here cannot be told from what was removed


def test_pipes_in_the_place_of_files_do_not_keep_it_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / ".git")
    assert stat.S_ISFIFO((tmp_path / ".git").stat().st_mode)
    assert head_of(tmp_path) == ""


def with_history(folder: Path, *names: str) -> None:
    for name in names:
        git(folder, "commit", "-qm", name, "--allow-empty")


def shallow(source: Path, into: Path, depth: int, *, branch: str = "feature") -> Path:
    git(into.parent, "clone", "-q", f"--depth={depth}", "--no-single-branch", "--branch", branch, source.as_uri(), str(into))
    return into / "data"


def test_a_full_clone_says_yes_or_no(clone: Path) -> None:
    main, head = git(clone, "rev-parse", "main"), git(clone, "rev-parse", "HEAD")
    git(clone, "checkout", "-qb", "other", "main")
    with_history(clone, "aside")
    aside = git(clone, "rev-parse", "HEAD")
    git(clone, "checkout", "-q", "feature")
    for commit in (main, head, main[:12], f"{head[:12]}*"):
        assert head_contains(clone, commit) is Containment.YES
    assert head_contains(clone, aside) is Containment.NO
    assert head_contains(clone, "0123456789ab") is Containment.NO
    for nothing in ("", "-x", "main", "abc", git(clone, "rev-parse", "HEAD^{tree}")[:3]):
        assert head_contains(clone, nothing) is Containment.CANNOT_TELL
    assert head_contains(clone.parent.parent, main) is Containment.CANNOT_TELL


def test_a_shallow_clone_cannot_tell_what_lies_beyond_its_cut(clone: Path, tmp_path: Path) -> None:
    main, head = git(clone, "rev-parse", "main"), git(clone, "rev-parse", "HEAD")
    git(clone, "checkout", "-qb", "other", "main")
    with_history(clone, "aside")
    aside = git(clone, "rev-parse", "HEAD")
    cut = shallow(clone.parent, tmp_path / "cut", 1)
    assert head_contains(cut, head) is Containment.YES
    for commit in (main, aside, "0123456789ab"):
        assert head_contains(cut, commit) is Containment.CANNOT_TELL


def test_a_shallow_clone_that_reaches_the_branch_is_answered(clone: Path, tmp_path: Path) -> None:
    git(clone, "checkout", "-q", "main")
    with_history(clone, "theirs")
    deep = shallow(clone.parent, tmp_path / "deep", 2)
    assert merge_base(deep, "origin/main").commit == git(clone, "rev-parse", "main~1")
    assert head_contains(deep, git(clone, "rev-parse", "main~1")) is Containment.YES


def test_a_base_that_a_cut_may_hide_is_not_taken_from_farther_back(clone: Path, tmp_path: Path) -> None:
    """Both branches began late on main, and both have a short way to an old commit: only that one is in the shallow clone."""
    git(clone, "checkout", "-q", "main")
    git(clone, "merge", "-q", "--no-ff", "-m", "the old commit", "feature")
    with_history(clone, *"12345678")
    late = git(clone, "rev-parse", "HEAD")
    for branch in ("ours", "theirs"):
        git(clone, "checkout", "-qb", branch, late)
        with_history(clone, *(f"{branch} {number}" for number in range(5)))
        git(clone, "reset", "-q", "--soft", git(clone, "commit-tree", "-mx", "-pHEAD", "-pfeature", "HEAD^{tree}"))
    git(clone, "checkout", "-q", "ours")
    assert merge_base(clone, "theirs").commit == late
    cut = shallow(clone.parent, tmp_path / "cut", 3, branch="ours")
    assert git(cut, "merge-base", "HEAD", "origin/theirs") == git(clone, "rev-parse", "feature")  # what git alone answers
    with pytest.raises(InvalidInput) as caught:
        merge_base(cut, "origin/theirs")
    assert caught.value.code == "no-merge-base"
    assert "shallow" in caught.value.summary
