"""The order among jobs as bit sets: transitive closure, reduction, levels, longest chains.

Jobs are numbered in an order that is topological and, among equals, that of the file; a set of jobs is an int with those bits.
Every set that the compiler handles is convex (it holds whatever lies between two of its members), so that the edges of the
reduction inside it are enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from zlib import crc32


def bits(mask: int) -> Iterator[int]:
    """Return the members of a set, ascending."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """Jobs that depend on each other in a ring."""

    jobs: tuple[str, ...]
    """Each depends on the next, the last on the first."""


@dataclass(frozen=True, kw_only=True)
class JobOrder:
    """The precedence among jobs, all questions answered by bit operations."""

    names: tuple[str, ...]
    """By number."""
    declared: tuple[int, ...]
    """By number: the job's place in the file."""
    ancestors: tuple[int, ...]
    """By number: all jobs that come before, directly or not."""
    descendants: tuple[int, ...]
    weights: tuple[int, ...]
    """By number: durations in milliseconds, whole so that sums do not depend on their order."""
    parents: tuple[int, ...] = field(default=())
    """By number: the transitive reduction."""
    spread: tuple[int, ...] = ()
    """In percent, what durations may be of what they are thought to be, 100 in the middle; empty when they are sure."""

    @cached_property
    def everything(self) -> int:
        """The set of all jobs."""
        return (1 << len(self.names)) - 1

    @cached_property
    def scale(self) -> int:
        """What the sum of a job's `variants` is of its weight."""
        return sum(self.spread) or 1

    @cached_property
    def variants(self) -> tuple[tuple[int, ...], ...]:
        """By number: the job's duration in each of several worlds, in all of which together it is its weight times `scale`.

        Which world has which of the job's durations follows from its name alone, so that other jobs do not matter.
        """
        if not self.spread:
            return tuple((weight,) for weight in self.weights)
        places = range(len(self.spread))
        return tuple(
            tuple(weight * self.spread[place] for place in sorted(places, key=lambda place: crc32(f"{place} {name}".encode())))
            for name, weight in zip(self.names, self.weights, strict=True)
        )

    @cached_property
    def comparable(self) -> tuple[int, ...]:
        """By number: jobs that come before or after."""
        return tuple(before | after for before, after in zip(self.ancestors, self.descendants, strict=True))

    def chain(self, jobs: int) -> tuple[int, ...]:
        """Return one longest chain inside the set, first job first; among equals the one of lowest numbers."""
        best: dict[int, tuple[int, int]] = {}
        for job in bits(jobs):
            ends = [(best[before][0], -before) for before in bits(self.parents[job] & jobs)]
            length, before = max(ends, default=(0, 1))
            best[job] = (length + self.weights[job], -before)
        if not best:
            return ()
        current = min(best, key=lambda job: (-best[job][0], job))
        path = [current]
        while best[current][1] >= 0:
            current = best[current][1]
            path.append(current)
        return tuple(reversed(path))

    def levels(self, jobs: int) -> tuple[int, ...]:
        """Return the set cut into levels: each job one level after the last job that it waits for inside the set."""
        depth: dict[int, int] = {}
        masks: list[int] = []
        for job in bits(jobs):
            level = max((depth[before] + 1 for before in bits(self.parents[job] & jobs)), default=0)
            depth[job] = level
            if level == len(masks):
                masks.append(0)
            masks[level] |= 1 << job
        return tuple(masks)

    def names_of(self, jobs: int) -> tuple[str, ...]:
        """Return the names in the set, by number."""
        return tuple(self.names[job] for job in bits(jobs))


def order_of(
    depends_on: Mapping[str, Sequence[str]],
    *,
    durations: Mapping[str, float] | None = None,
    spread: tuple[int, ...] = (),
) -> JobOrder | Cycle:
    """Return the order among the jobs, whose mapping is in the order of the file; or a cycle, when there is one.

    Unknown names in `depends_on` are ignored: they are findings of `document`. `durations` are seconds; without them each job
    counts for one second.
    """
    declared = {name: index for index, name in enumerate(depends_on)}
    direct = {name: {before for before in found if before in declared} for name, found in depends_on.items()}
    sequence = _topological(declared, direct)
    if len(sequence) < len(declared):
        return Cycle(jobs=_ring(direct, set(declared) - set(sequence)))
    number = {name: index for index, name in enumerate(sequence)}
    ancestors: list[int] = []
    for name in sequence:
        earlier = 0
        for other in direct[name]:
            earlier |= 1 << number[other] | ancestors[number[other]]
        ancestors.append(earlier)
    descendants = [0] * len(sequence)
    for job in reversed(range(len(sequence))):
        for other in direct[sequence[job]]:
            descendants[number[other]] |= 1 << job | descendants[job]
    parents = []
    for job, name in enumerate(sequence):
        # An edge of the reduction is always one that was declared.
        given = (number[other] for other in direct[name])
        parents.append(sum(1 << before for before in given if not descendants[before] & ancestors[job]))
    return JobOrder(
        names=tuple(sequence),
        declared=tuple(declared[name] for name in sequence),
        ancestors=tuple(ancestors),
        descendants=tuple(descendants),
        weights=tuple(max(round(1000 * (durations or {}).get(name, 1.0)), 1) for name in sequence),
        parents=tuple(parents),
        spread=spread,
    )


def _topological(declared: Mapping[str, int], direct: Mapping[str, set[str]]) -> list[str]:
    """Return the jobs by level, then by place in the file: a function of the closure and the declared order only."""
    level: dict[str, int] = {}
    waiting = list(declared)
    while waiting:
        ready = [name for name in waiting if direct[name] <= level.keys()]
        if not ready:
            break
        for name in ready:
            level[name] = max((level[before] + 1 for before in direct[name]), default=0)
        waiting = [name for name in waiting if name not in level]
    return sorted(level, key=lambda name: (level[name], declared[name]))


def _ring(direct: Mapping[str, set[str]], stuck: set[str]) -> tuple[str, ...]:
    current = next(name for name in direct if name in stuck)
    seen: list[str] = []
    while current not in seen:
        seen.append(current)
        current = next(name for name in direct if name in direct[current] and name in stuck)
    return tuple(seen[seen.index(current) :])
