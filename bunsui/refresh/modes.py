"""How much of AWS is read for a plan. What is not read is assumed, never called in sync."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import StrEnum

from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource, Scope
from bunsui.plan.build import Facts, build_plan
from bunsui.ports.cloud import Provider
from bunsui.refresh.full import Progress, place, read_each


class Refresh(StrEnum):
    """How much is read."""

    FULL = "full"
    """Everything that is ours, and whatever bears a wanted name; said by the caller, also where each alias leads."""
    TOUCHED = "touched"
    """The pipelines whose files say something else than what was last applied."""
    HINTED = "hinted"
    """What the files change, what CloudTrail says was changed, and some of what was not read for the longest time."""
    NONE = "none"
    """Nothing."""


def assume_applied(applied: Mapping[Address, AppliedResource], scope: Scope) -> tuple[ActualResource, ...]:
    """Return what AWS has if it has what was last applied."""
    return tuple(item.as_actual(scope) for _, item in sorted(applied.items()))


def touched_pipelines(facts: Facts) -> frozenset[str]:
    """Return the names of the pipelines for which the repository wants something else than what was last applied, those that
    are new or gone included, and those where an apply died."""
    return frozenset(address.pipeline for address in changed_addresses(facts))


def changed_addresses(facts: Facts) -> frozenset[Address]:
    """Return what would change if AWS had what was last applied."""
    provisional = build_plan(replace(facts, actual=assume_applied(facts.applied, facts.scope)))
    return frozenset(change.address for change in provisional.pending)


def read_pipelines(
    names: Iterable[str], facts: Facts, providers: Mapping[str, Provider], *, progress: Progress
) -> tuple[ActualResource, ...]:
    """Read the resources of these pipelines one by one, and assume the others."""
    chosen = frozenset(names)
    wanted = {item.address: item.physical_name for item in facts.desired if item.address.pipeline in chosen}
    known = {address: item.physical_name for address, item in facts.applied.items() if address.pipeline in chosen}
    todo = {(address, name) for address, name in (*wanted.items(), *known.items()) if address.kind in providers}
    place((*facts.desired, *facts.applied.values()), providers)
    found = [item for item in assume_applied(facts.applied, facts.scope) if item.address.pipeline not in chosen]
    found.extend(read_each(todo, providers, progress=progress))
    return tuple(sorted(found, key=lambda item: (item.address, item.physical_name)))
