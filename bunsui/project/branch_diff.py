"""What a branch changes: the pipelines that compile to something else than they did at its merge base."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bunsui.diagnostics import Diagnostic, has_errors
from bunsui.kinds.registry import kind as kind_named
from bunsui.model.address import Address
from bunsui.model.resource import DesiredResource
from bunsui.project.compile import CompiledProject, compile_project
from bunsui.project.repository import Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparedBranch:
    """Where the checkout's branch began."""

    base: Repository | None
    """The repository as it was there; None when it held no project that can be read."""
    commit: str = ""
    """The merge base; empty where there is no `base`."""
    unread: tuple[Diagnostic, ...] = ()
    """Says why there is no `base`; beside the rules of the checkout, which must not silence it."""


def compile_base(branch: ComparedBranch | None) -> CompiledProject | None:
    """Return what the branch began with; None where there is no branch, or nothing that can be read."""
    return compile_project(branch.base) if branch is not None and branch.base is not None else None


def changed_pipelines(
    now: CompiledProject, compiled: CompiledProject | None, *, applied: Iterable[Address] = ()
) -> frozenset[str]:
    """Return the names of the pipelines whose compiled resources differ from those of the base, new and removed ones included.

    `compiled` is the project as it was; None, or one whose files have errors, holds back nothing: what cannot be compared
    counts as changed. So does a pipeline of `applied` that neither side has, where the base has errors: it may stand in the
    file that has them, and the branch may have removed it.
    """
    before = _by_pipeline(compiled.resources) if compiled is not None else {}
    after = _by_pipeline(now.resources)
    changed = {name for name in {*before, *after} if before.get(name, {}) != after.get(name, {})}
    if compiled is None or has_errors(compiled.diagnostics):
        changed |= {address.pipeline for address in applied} - after.keys()
    return frozenset(changed)


def _by_pipeline(resources: tuple[DesiredResource, ...]) -> Mapping[str, Mapping[Address, object]]:
    result: dict[str, dict[Address, object]] = {}
    for item in resources:
        meaning = kind_named(item.address.kind).canonical(item.attributes), item.physical_name, sorted(item.depends_on)
        result.setdefault(item.address.pipeline, {})[item.address] = meaning
    return result
