"""The project as it was at the commit that a checkout is compared with, or why it cannot be read there."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from bunsui.checkout.base import Base
from bunsui.checkout.tree import GitTree, opened_tree
from bunsui.composition.resident_code import resident_of
from bunsui.composition.settings import PROJECT_FILE
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.project import LOCAL
from bunsui.document.project_reading import ProjectText, read_project
from bunsui.errors import InvalidInput
from bunsui.plan.model import UNREAD
from bunsui.project.branch_diff import ComparedBranch
from bunsui.project.repository import Repository


@contextmanager
def former_project(root: Path, base: Base, repository: Repository, *, region: str | None) -> Iterator[ComparedBranch]:
    """Return the repository as it was at the base, as long as the block runs; `region` is the one that was asked for."""
    with opened_tree(root, base) as tree:
        yield _read(tree, base, repository, region)


def _read(tree: GitTree, base: Base, repository: Repository, region: str | None) -> ComparedBranch:
    name = repository.project.environment.name
    if not tree.find([PROJECT_FILE]):
        return _unread_branch(base, f"there was no {PROJECT_FILE}")
    try:
        text = read_project(PROJECT_FILE, tree.read(PROJECT_FILE))
    except InvalidInput as error:
        return _unread_branch(base, f"{PROJECT_FILE} cannot be read there", str(error.facts.get("reason", error.summary)))
    if text.document is None:
        return _unread_branch(base, f"{PROJECT_FILE} has errors there", _first_error(text))
    if name not in (*text.declared, LOCAL):
        return _unread_branch(base, f"{PROJECT_FILE} declares no environment {name} there")
    return ComparedBranch(base=_as_it_was(text, tree, repository, region), commit=base.commit)


def _as_it_was(text: ProjectText, tree: GitTree, repository: Repository, region: str | None) -> Repository:
    project = text.project(repository.project.environment.name)
    scope = replace(
        repository.scope,
        project=project.name,
        project_id=project.id,
        account=project.environment.account or repository.scope.account,
        region=region or project.environment.region,
        permissions_boundary=project.environment.permissions_boundary,
        bucket=project.environment.bucket,
        bucket_kms_key=project.environment.bucket_kms_key,
    )
    return replace(repository, source=tree, project=project, scope=scope, commit="", resident=resident_of(project.environment))


def _first_error(text: ProjectText) -> str:
    first = next(found for found in text.diagnostics if found.is_error)
    return f"{first.position}: {first.summary}" if first.position else first.summary


def _unread_branch(base: Base, why: str, detail: str = "") -> ComparedBranch:
    """Return a branch that there is nothing to compare with, and the finding that says so."""
    place = shlex.quote(f":/{base.prefix}{PROJECT_FILE}")
    found = Diagnostic(
        code=UNREAD,
        severity=Severity.WARNING,
        summary=f"nothing was compared with {base.commit[:12]}, so every pipeline counts as changed: {why}",
        detail=detail,
        hint=f"Read what the branch changes in the file:\n  git diff {base.commit[:12]} -- {place}",
    )
    return ComparedBranch(base=None, unread=(found,))
