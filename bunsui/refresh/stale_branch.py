"""Which pipelines of a plan were applied last from a commit that the checkout lacks."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.document.globs import glob_pattern
from bunsui.plan.model import Behind, Plan, ResourceChange
from bunsui.plan.partial import by_pipeline
from bunsui.project.repository import Repository

_ASKED = 20
"""How many commits git is asked about."""


def behind(plan: Plan, repository: Repository) -> Mapping[str, Behind]:
    """Return, by pipeline, the commit that a changing pipeline was applied last from and that this branch lacks, or of which
    nobody can tell. Nothing is decided by this.
    """
    history = repository.history
    if history is None:
        return {}
    asked: dict[str, None] = {}
    result: dict[str, Behind] = {}
    for name, changes in by_pipeline(plan.pending).items():
        for commit in _applied_from(changes, plan.commit):
            asked.setdefault(commit)
            if name in result or len(asked) > _ASKED:
                break
            found = history.lacking(commit)
            if found.unknown:
                result[name] = Behind(commit=commit, unknown=found.unknown)
            elif any(_concerns(path, name, plan, repository) for path in found.files):
                result[name] = Behind(commit=commit)
    return result


def _applied_from(changes: list[ResourceChange], here: str) -> tuple[str, ...]:
    """Return the commits that wrote what changes, the latest write first."""
    written = [change.applied for change in changes if change.applied is not None and change.applied.commit]
    latest = sorted(written, key=lambda one: one.written_at.timestamp() if one.written_at is not None else 0.0, reverse=True)
    commits = dict.fromkeys(one.commit.rstrip("*") for one in latest)
    return tuple(commit for commit in commits if commit != here.rstrip("*"))


def _concerns(path: str, pipeline: str, plan: Plan, repository: Repository) -> bool:
    """Tell whether a file may be part of the pipeline: other pipelines' files and code folders are not."""
    facts = plan.pipelines.get(pipeline)
    if facts is not None and any(glob_pattern(one).fullmatch(path) for one in repository.project.patterns):
        return path == facts.path
    if facts is None and path in {one.path for one in plan.pipelines.values()}:
        return False
    wanted = [change.desired for change in plan.changes if change.desired is not None and change.desired.code is not None]
    users = {one.address.pipeline for one in wanted if one.code is not None and _lies_in(path, one.code.path)}
    return not users or pipeline in users


def _lies_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")
