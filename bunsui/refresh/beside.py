"""What others put beside ours, joined with what was read of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeAlias

from bunsui.model.address import Address
from bunsui.model.beside import BesideOurs
from bunsui.model.resource import ActualResource, AppliedResource, Scope
from bunsui.ports.beside import BesideReader, Depth

Beside: TypeAlias = Mapping[Address, tuple[BesideOurs, ...]]
"""What stands beside what."""


def find_beside(reader: BesideReader | None, applied: Mapping[Address, AppliedResource], depth: Depth) -> Beside:
    """Return what stands beside what was applied, all of it where a file says that nothing may; nothing where nobody can
    look."""
    if reader is None or not applied:
        return {}
    whole = {address: item for address, item in applied.items() if depth is not Depth.DRIFT and item.lifecycle.exclusive}
    found = reader.find({address: item for address, item in applied.items() if address not in whole}, depth)
    return {**found, **reader.find(whole, Depth.DRIFT)} if whole else found


def with_beside(actual: Iterable[ActualResource], beside: Beside, scope: Scope) -> tuple[ActualResource, ...]:
    """Return what was read with what stands beside it; nothing stands beside what is not ours, or was not read."""
    return tuple(
        replace(item, beside=(*item.beside, *beside[item.address]))
        if item.address in beside and not item.is_assumed and not item.unreadable and item.owned_by(scope)
        else item
        for item in actual
    )
