"""What a branch changes: the pipelines that compile to something else than they did at its merge base."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.kinds.registry import kind as kind_named
from bunsui.model.resource import Address, DesiredResource
from bunsui.services.compiled import CompiledProject, compile_project
from bunsui.services.edges import Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """Where the checkout's branch began."""

    base: Repository | None
    """The repository as it was there; None when it held no project that can be read."""


def changed_pipelines(now: CompiledProject, base: Repository | None) -> frozenset[str]:
    """Give the names of the pipelines whose compiled resources differ from those of the base, new and removed ones included.

    `base` is the repository as it was; None, or one whose files have errors, holds back nothing: what cannot be compared
    counts as changed.
    """
    before = _by_pipeline(compile_project(base).resources) if base is not None else {}
    after = _by_pipeline(now.resources)
    return frozenset(name for name in {*before, *after} if before.get(name, {}) != after.get(name, {}))


def _by_pipeline(resources: tuple[DesiredResource, ...]) -> Mapping[str, Mapping[Address, object]]:
    result: dict[str, dict[Address, object]] = {}
    for item in resources:
        meaning = kind_named(item.address.kind).canonical(item.attributes), item.physical_name, sorted(item.depends_on)
        result.setdefault(item.address.pipeline, {})[item.address] = meaning
    return result
