"""A directed acyclic graph cut into layers of slots, between which every group of lines has all its ends in common.

A slot holds a node, or an edge that passes a layer, or a wire. Wires are put between two layers wherever lines of several
sources lead to several targets, but not each to each: drawn as one group they would tell edges that there are not.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bunsui.view.drawing.placement import Edge

_SWEEPS = 4
"""How often slots are put in order by their neighbours; more hardly takes a crossing away."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in a layer; what passes it comes from each source, and leads to each target."""

    layer: int
    sources: frozenset[str]
    targets: frozenset[str]
    name: str = ""
    """Of the node; empty for what only passes."""


@dataclass(frozen=True, slots=True)
class LineGroup:
    """Lines from each source to each target, in neighbouring layers."""

    sources: tuple[Slot, ...]
    targets: tuple[Slot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """Slots by layer in order from the top; between each two the groups of lines."""

    slots: tuple[tuple[Slot, ...], ...]
    groups: tuple[tuple[LineGroup, ...], ...]
    """One less than layers; every slot is in one group at most on each of its sides."""


def layers_of(names: Sequence[str], edges: Sequence[Edge]) -> tuple[Layers, Mapping[str, int]]:
    """Return the layers of an acyclic graph, and the depth of each node: how many nodes are on the longest way to it."""
    depth = _depths(names, edges)
    nodes = {name: Slot(depth[name], frozenset((name,)), frozenset((name,)), name) for name in names}
    slots: list[list[Slot]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    links: list[list[tuple[Slot, Slot]]] = [[] for _ in slots[1:]]
    for name in names:
        slots[depth[name]].append(nodes[name])
    for first, second in edges:
        current = nodes[first]
        for layer in range(depth[first] + 1, depth[second] + 1):
            passing = Slot(layer, frozenset((first,)), frozenset((second,)))
            following = nodes[second] if layer == depth[second] else passing
            if following is passing:
                slots[layer].append(passing)
            links[layer - 1].append((current, following))
            current = following
    return _in_order(*_with_wires(slots, links)), depth


def _depths(names: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    needs: dict[str, list[str]] = defaultdict(list)
    followers: dict[str, list[str]] = defaultdict(list)
    for first, second in edges:
        needs[second].append(first)
        followers[first].append(second)
    waiting = {name: len(needs[name]) for name in names}
    ready = [name for name in names if not waiting[name]]
    depth = dict.fromkeys(ready, 0)
    for name in ready:
        for follower in followers[name]:
            waiting[follower] -= 1
            if not waiting[follower]:
                depth[follower] = 1 + max(depth[need] for need in needs[follower])
                ready.append(follower)
    return depth


def _with_wires(
    slots: list[list[Slot]], links: list[list[tuple[Slot, Slot]]]
) -> tuple[list[list[Slot]], list[list[LineGroup]]]:
    """Return the slots with layers of wires between them where groups of lines need some, and the groups."""
    whole, groups = slots[:1], []
    for following, between in zip(slots[1:], links, strict=True):
        found = _groups(between)
        if all(group is not None for _, group in found):
            groups.append(_complete(between))
        else:
            wires = [wire for part, group in found for wire in _wires(part, group)]
            whole.append([wire for wire, _, _ in wires])
            groups.append(_complete([(source, wire) for wire, sources, _ in wires for source in sources]))
            groups.append(_complete([(wire, target) for wire, _, targets in wires for target in targets]))
        whole.append(following)
    return whole, groups


def _groups(links: Sequence[tuple[Slot, Slot]]) -> list[tuple[list[tuple[Slot, Slot]], LineGroup | None]]:
    """Return the connected parts of the links, each with its group of lines; None where not every source has every target."""
    targets_of: dict[Slot, list[Slot]] = defaultdict(list)
    sources_of: dict[Slot, list[Slot]] = defaultdict(list)
    for first, second in links:
        targets_of[first].append(second)
        sources_of[second].append(first)
    found = []
    seen: set[Slot] = set()
    for start in targets_of:
        if start in seen:
            continue
        sources, targets = [start], dict.fromkeys(targets_of[start])
        seen.add(start)
        for target in (front := list(targets)):
            for source in sources_of[target]:
                if source not in seen:
                    seen.add(source)
                    sources.append(source)
                    fresh = [other for other in targets_of[source] if other not in targets]
                    targets.update(dict.fromkeys(fresh))
                    front += fresh
        part = [(source, target) for source in sources for target in targets_of[source]]
        is_complete = len(part) == len(sources) * len(targets)
        found.append((part, LineGroup(tuple(sources), tuple(targets)) if is_complete else None))
    return found


def _wires(part: Sequence[tuple[Slot, Slot]], group: LineGroup | None) -> list[tuple[Slot, tuple[Slot, ...], tuple[Slot, ...]]]:
    """Return wires with the slots that lead to each, and those to which it leads: one wire for each target of the sources
    that have the same targets."""
    if group is not None:
        return [(_wire(group.sources, group.targets), group.sources, group.targets)]
    targets_of: dict[Slot, list[Slot]] = defaultdict(list)
    for first, second in part:
        targets_of[first].append(second)
    alike: dict[tuple[Slot, ...], list[Slot]] = defaultdict(list)
    for source, targets in targets_of.items():
        alike[tuple(targets)].append(source)
    return [(_wire(sources, (target,)), tuple(sources), (target,)) for targets, sources in alike.items() for target in targets]


def _wire(sources: Sequence[Slot], targets: Sequence[Slot]) -> Slot:
    first = frozenset[str]().union(*(slot.sources for slot in sources))
    second = frozenset[str]().union(*(slot.targets for slot in targets))
    return Slot(-1, first, second)


def _complete(links: Sequence[tuple[Slot, Slot]]) -> list[LineGroup]:
    return [group for _, group in _groups(links) if group is not None]


def _in_order(slots: list[list[Slot]], groups: list[list[LineGroup]]) -> Layers:
    """Return the layers with each slot near what it is connected with, from the left and from the right in turn."""
    order = [list(layer) for layer in slots]
    for sweep in range(_SWEEPS):
        forward = sweep % 2 == 0
        steps = range(1, len(order)) if forward else range(len(order) - 2, -1, -1)
        for layer in steps:
            beside, between = (layer - 1, groups[layer - 1]) if forward else (layer + 1, groups[layer])
            place = {slot: index for index, slot in enumerate(order[beside])}
            middle: dict[Slot, float] = {}
            for group in between:
                near, far = (group.targets, group.sources) if forward else (group.sources, group.targets)
                middle |= dict.fromkeys(near, sum(place[slot] for slot in far) / len(far))
            own = {slot: float(index) for index, slot in enumerate(order[layer])}
            order[layer].sort(key=lambda slot: middle.get(slot, own[slot]))
    return Layers(slots=tuple(map(tuple, order)), groups=tuple(map(tuple, groups)))
