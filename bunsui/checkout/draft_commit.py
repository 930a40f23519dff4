"""Commits files that were just written, whatever else is changed or staged in the checkout.

No hook runs, nothing is signed, no filter is asked: whoever needs one of these commits by hand. What git refuses is told in its
own words, and then neither a branch nor a commit is left behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bunsui.checkout.git import Checkout, GitAnswer, open_checkout
from bunsui.errors import InvalidInput, Refused

_BRANCHES = "refs/heads/"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftCommit:
    """A commit that was made."""

    commit: str
    """Short."""
    branch: str


def commit_files(folder: Path, files: Sequence[str], *, message: str, branch: str = "") -> DraftCommit:
    """Commit the files, paths from `folder` with `/`, as they are on disk; on a new `branch` where one is named.

    Raises:
        InvalidInput: what `open_checkout` raises; `not-a-branch`, a name that git does not take or that is taken; `no-branch`,
            HEAD is on none and none was named.
        Refused: `filtered-file`, a filter such as Git LFS would have to run; `commit-refused`, git's own words.

    """
    checkout = open_checkout(folder)
    paths = [checkout.prefix + file for file in files]
    _check_filters(checkout, paths)
    before = checkout.ask("symbolic-ref", "--quiet", "HEAD").out.strip()
    if branch:
        _make_branch(checkout, branch)
    elif not before:
        hint = "Name a branch, which is made where HEAD is."
        raise InvalidInput("no-branch", "HEAD is on no branch, so the commit would belong to none", hint=hint)
    new = [path for path in paths if not checkout.ask("ls-files", "--error-unmatch", "--", path).ok]
    answer = _commit(checkout, paths, new, message)
    if not answer.ok:
        if new:
            checkout.ask("reset", "--quiet", "--", *new)
        if branch:
            _leave_branch(checkout, branch, before)
        raise Refused(
            "commit-refused",
            "git did not commit; the files are written, and nothing else changed",
            hint="Commit them by hand.",
            git=answer.first_line or None,
            files=", ".join(files),
        )
    made = checkout.ask("rev-parse", "--short=12", "HEAD").out.strip()
    now = checkout.ask("symbolic-ref", "--quiet", "HEAD").out.strip()
    return DraftCommit(commit=made, branch=now.removeprefix(_BRANCHES))


def _commit(checkout: Checkout, paths: Sequence[str], new: Sequence[str], message: str) -> GitAnswer:
    if new:
        added = checkout.ask("add", "--intent-to-add", "--", *new)
        if not added.ok:
            return added
    options = ("--quiet", "--no-verify", "--no-gpg-sign", "--cleanup=whitespace", f"--message={message}")
    return checkout.ask("commit", *options, "--only", "--", *paths)


def _check_filters(checkout: Checkout, paths: Sequence[str]) -> None:
    for path in paths:
        told = checkout.ask("check-attr", "filter", "--", path).out.strip()
        if not told.endswith((": unspecified", ": unset")):
            raise Refused(
                "filtered-file",
                "a filter would have to run over the file, and bunsui runs none",
                hint="Commit it by hand.",
                file=path,
            )


def _make_branch(checkout: Checkout, branch: str) -> None:
    is_name = not branch.startswith("-") and checkout.ask("check-ref-format", _BRANCHES + branch).ok
    is_taken = checkout.ask("rev-parse", "--quiet", "--verify", _BRANCHES + branch).ok
    if not is_name or is_taken:
        said = "there is a branch of that name" if is_name else "git takes no branch of that name"
        raise InvalidInput("not-a-branch", said, hint="Choose another name.", branch=branch)
    has_commits = checkout.ask("rev-parse", "--quiet", "--verify", "HEAD").ok
    made = checkout.ask("branch", "--no-track", branch, "HEAD") if has_commits else None
    moved = checkout.ask("symbolic-ref", "HEAD", _BRANCHES + branch) if made is None or made.ok else made
    if not moved.ok:
        raise Refused("commit-refused", "git did not make the branch", hint="Make it by hand.", git=moved.first_line or None)


def _leave_branch(checkout: Checkout, branch: str, before: str) -> None:
    """Go back to where HEAD was, at the same commit, and remove the branch."""
    if before:
        checkout.ask("symbolic-ref", "HEAD", before)
    else:
        checkout.ask("checkout", "--quiet", "--detach")
    checkout.ask("branch", "--quiet", "--delete", "--force", branch)
