"""Decide the order of changes: what is needed is made first, and the delete order is the reverse."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping

from bunsui.errors import InvalidInput
from bunsui.kinds.registry import kinds
from bunsui.model.address import Address
from bunsui.model.resource import AppliedResource
from bunsui.plan.model import Action

_REMOVALS = frozenset({Action.DELETE, Action.FORGET, Action.RETIRE})


def order_by_needs(needs: Mapping[Address, Iterable[Address]]) -> tuple[Address, ...]:
    """Return the addresses so that each comes after those that it needs; the smallest address first where there is a choice.

    Needs that are not keys themselves are taken as fulfilled.

    Raises:
        InvalidInput: `dependency-cycle`, when some resources need each other.

    """
    waiting = {address: {need for need in wanted if need in needs and need != address} for address, wanted in needs.items()}
    wanted_by: dict[Address, list[Address]] = {}
    for address, wanted in waiting.items():
        for need in wanted:
            wanted_by.setdefault(need, []).append(address)
    ready = [address for address, wanted in waiting.items() if not wanted]
    heapq.heapify(ready)
    done: list[Address] = []
    while ready:
        address = heapq.heappop(ready)
        done.append(address)
        for dependant in wanted_by.get(address, ()):
            waiting[dependant].discard(address)
            if not waiting[dependant]:
                heapq.heappush(ready, dependant)
    if len(done) < len(waiting):
        rest = sorted(set(waiting) - set(done))
        raise InvalidInput(
            "dependency-cycle",
            "some resources need each other, so that none can be written first",
            hint="Break the circle: one of them must not refer to the other.",
            resources=", ".join(str(address) for address in rest),
        )
    return tuple(done)


def removal_needs(
    actions: Mapping[Address, Action], applied: Mapping[Address, AppliedResource]
) -> dict[Address, tuple[Address, ...]]:
    """For each removal give the changes that must succeed before it: those of the resources that relied on it.

    What a resource relied on is what the state remembers of it, or, when the state does not know it, everything in its
    pipeline of a kind that is created earlier.
    """
    removed = {address for address, action in actions.items() if action in _REMOVALS}
    result: dict[Address, list[Address]] = {address: [] for address in removed}
    for address, action in actions.items():
        if action in (Action.NO_OP, Action.REFUSE, Action.ADOPT, Action.CREATE):
            continue
        remembered = applied.get(address)
        relied = remembered.depends_on if remembered is not None else tuple(_earlier(address, removed))
        for target in relied:
            if target in removed and target != address:
                result[target].append(address)
    return {address: tuple(sorted(before)) for address, before in result.items()}


def _earlier(address: Address, candidates: Iterable[Address]) -> Iterable[Address]:
    rank = _rank(address)
    return (other for other in candidates if other.pipeline == address.pipeline and _rank(other) < rank)


def _rank(address: Address) -> int:
    known = kinds().get(address.kind)
    return known.rank if known is not None else 0
