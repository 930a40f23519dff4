"""What `bunsui diff` compares: the same files for two environments, or the project at two revisions; without an account."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from bunsui.checkout.base import Base, merge_base, named_commit
from bunsui.composition.asked import Asked
from bunsui.composition.former_project import former_project
from bunsui.composition.settings import load_settings
from bunsui.composition.workspace import Workspace
from bunsui.errors import InvalidInput
from bunsui.plan.model import Basis
from bunsui.project.branch_diff import ComparedBranch
from bunsui.project.repository import Repository

HEAD = "HEAD"


@contextmanager
def two_revisions(
    asked: Asked, before: str, after: str | None, *, from_merge_base: bool = False
) -> Iterator[tuple[Repository, ComparedBranch, Basis]]:
    """Return the project at a revision, or in the checkout where `after` is None, what it is compared with, and the words for
    that, as long as the block runs. Revisions are read from git's objects.

    Raises:
        InvalidInput: there is no git checkout, or no project that can be read at `after`.
        NotFound: `unknown-revision`.

    """
    workspace = Workspace(asked)
    root, here = workspace.settings.root, workspace.offline
    base = named_commit(root, before, option="--from")
    if from_merge_base:
        base = merge_base(root, before, after or HEAD)
    basis = Basis(revision=before, commit=base.commit, to=after or "", is_named=not from_merge_base)
    if after is None:
        with workspace.at(base, here) as then:
            yield here, then, basis
        return
    last = named_commit(root, after, option="--to")
    with former_project(root, last, here, region=asked.region) as now:
        if now.base is None:
            raise _unread_error(last, now)
        with workspace.at(base, now.base) as then:
            yield replace(now.base, commit=last.commit), then, basis


def two_environments(asked: Asked, before: str, after: str) -> tuple[Repository, Repository]:
    """Return the checkout for two environments, without an account.

    Raises:
        NotFound: one of them is not declared.

    """
    found = [load_settings(asked.directory, environment=name, environ=os.environ) for name in (before, after)]
    first, second = (Workspace(asked, settings).offline for settings in found)
    return first, second


def _unread_error(at: Base, now: ComparedBranch) -> InvalidInput:
    first = now.unread[0]
    return InvalidInput(
        "project-unread",
        "there is no project that can be read at that revision",
        hint="Name another one with --to.",
        revision=at.revision,
        reason=first.summary.rpartition(": ")[2],
        first=first.detail or None,
    )
