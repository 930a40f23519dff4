"""Where a branch began: the merge base of a revision and the checkout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bunsui.checkout.git import Checkout, open_checkout
from bunsui.checkout.history import hides_a_nearer_base
from bunsui.errors import InvalidInput, NotFound

_TARGETS = ("GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "BITBUCKET_PR_DESTINATION_BRANCH", "CHANGE_TARGET")
"""Where CI says which branch a pull request is for."""
_USUAL = ("origin/main", "origin/master", "main", "master")


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The commit that a checkout is compared with."""

    revision: str
    """As it was asked for, such as `origin/main`."""
    commit: str
    """The merge base, the full hash."""
    prefix: str
    """The project's folder within the repository: empty, or ending with `/`."""


def merge_base(folder: Path, revision: str, other: str = "HEAD") -> Base:
    """Find the merge base of the revision and the checkout, or another revision.

    Raises:
        InvalidInput: what `open_checkout` raises, or `no-merge-base`, as in a shallow clone.
        NotFound: `unknown-revision`.

    """
    checkout = open_checkout(folder)
    commit = _commit(checkout, revision)
    if not commit:
        raise _unknown_revision(checkout, revision)
    last = "HEAD" if other == "HEAD" else _commit(checkout, other)
    if not last:
        raise _unknown_revision(checkout, other)
    found = checkout.ask("merge-base", commit, last)
    base = found.out.split("\n", 1)[0]
    if not found.ok or hides_a_nearer_base(checkout, base, commit):
        raise _unrelated_error(checkout, revision)
    return Base(revision=revision, commit=base, prefix=checkout.prefix)


def named_commit(folder: Path, revision: str, *, option: str) -> Base:
    """Find the commit of a revision, whatever the checkout has; `option` stands before it on the command line.

    Raises:
        InvalidInput: what `open_checkout` raises.
        NotFound: `unknown-revision`.

    """
    checkout = open_checkout(folder)
    commit = _commit(checkout, revision)
    if not commit:
        raise _unknown_revision(checkout, revision, option)
    return Base(revision=revision, commit=commit, prefix=checkout.prefix)


def default_revision(folder: Path, environ: Mapping[str, str]) -> str:
    """Find the branch that a pull request is for: as CI says, else the remote's default branch, else the usual names.

    Raises:
        InvalidInput: what `open_checkout` raises, or `no-default-branch`.

    """
    checkout = open_checkout(folder)
    said = [environ[name] for name in _TARGETS if environ.get(name)]
    head = checkout.ask("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD").out.strip()
    for name in (*(f"origin/{branch}" for branch in said), *said, head, *_USUAL):
        if name and _commit(checkout, name):
            return name
    raise InvalidInput(
        "no-default-branch",
        "which branch the change is for cannot be told",
        hint="Name it:  --base origin/main\nIn CI, fetch it first:  git fetch origin main",
        looked_for=", ".join(dict.fromkeys((*(f"origin/{branch}" for branch in said), *_USUAL))),
    )


def _commit(checkout: Checkout, revision: str) -> str:
    if not revision or revision.startswith("-"):  # git would read it as an option
        return ""
    found = checkout.ask("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    return found.out.strip() if found.ok else ""


def _unknown_revision(checkout: Checkout, revision: str, option: str = "--base") -> NotFound:
    remote = f"origin/{revision}"
    near = f"Did you mean  {option} {remote} ?\n" if _commit(checkout, remote) else ""
    branch = revision.removeprefix("origin/")
    return NotFound(
        "unknown-revision",
        "git knows no such revision here",
        hint=near or f"In CI only what was asked for is fetched. Fetch it first:\n  git fetch origin {branch}",
        revision=revision,
    )


def _unrelated_error(checkout: Checkout, revision: str) -> InvalidInput:
    if checkout.is_shallow:
        return InvalidInput(
            "no-merge-base",
            "the clone is shallow: where the branch began cannot be told from it",
            hint="Fetch the history:\n  git fetch --unshallow\nwith actions/checkout:  fetch-depth: 0",
            revision=revision,
        )
    return InvalidInput(
        "no-merge-base",
        "the checkout and the revision have no commit in common",
        hint="Name a branch that the checkout came from:  --base origin/main",
        revision=revision,
    )
