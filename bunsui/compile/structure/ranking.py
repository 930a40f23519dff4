"""What a cut of a set of jobs costs at least, for many cuts of one set: each in a few operations on whole masks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bunsui.compile.structure.order import JobOrder, bits
from bunsui.compile.structure.parts import Cost


class CutRanking:
    """Bounds the cuts of one set into a down-set and the rest."""

    def __init__(self, order: JobOrder, jobs: int) -> None:
        """Note of the set's jobs when they end and start, and how many of the others come before and after."""
        members = list(bits(jobs))
        finish, latest = earliest_and_latest(order, jobs)
        self._jobs = jobs
        self._scale = order.scale
        self._total = max(finish.values())
        self._ends = _Extremes(sorted(members, key=lambda job: -finish[job]), finish)
        self._starts = _Extremes(sorted(members, key=latest.__getitem__), latest)
        before = {job: (order.ancestors[job] & jobs).bit_count() for job in members}
        self._pairs = sum(before.values())
        self._before = _planes(before.items())
        self._after = _planes((job, (order.descendants[job] & jobs).bit_count()) for job in members)

    def lower_bound(self, cut: int) -> Cost:
        """Return a lower bound of what the set costs when it is cut so, and how many pairs the cut itself orders without need.

        Inside a down-set the earliest finish of a job is that in the whole set, and inside what is left so is the time from its
        start to the end; so both critical paths are a maximum over the members. Of the pairs that are ordered anyway, the cut
        parts all but those that end in the down-set and those that begin in the rest.
        """
        rest = self._jobs & ~cut
        longest = self._ends.first_in(cut) + self._total - self._starts.first_in(rest)
        parted = self._pairs - _sum(self._before, cut) - _sum(self._after, rest)
        return Cost(longest * self._scale, cut.bit_count() * rest.bit_count() - parted)

    def bounds(self, cuts: Iterable[int]) -> Iterator[tuple[Cost, int]]:
        """Return the cuts with their bounds: the smallest is the best."""
        return ((self.lower_bound(cut), cut) for cut in cuts)


class _Extremes:
    """The first of some jobs, in one order, that is in a set."""

    def __init__(self, jobs: Sequence[int], values: dict[int, int]) -> None:
        self._values = [values[job] for job in jobs]
        self._prefixes: list[int] = []
        mask = 0
        for job in jobs:
            mask |= 1 << job
            self._prefixes.append(mask)

    def first_in(self, mask: int) -> int:
        """Return the value of the first job of the order that is in a set, which is not empty."""
        low, high = 0, len(self._prefixes) - 1
        while low < high:
            middle = (low + high) // 2
            if self._prefixes[middle] & mask:
                high = middle
            else:
                low = middle + 1
        return self._values[low]


def _planes(counts: Iterable[tuple[int, int]]) -> list[int]:
    """Return, for each binary digit, the jobs whose count has it."""
    planes: list[int] = []
    for job, count in counts:
        for digit in bits(count):
            while len(planes) <= digit:
                planes.append(0)
            planes[digit] |= 1 << job
    return planes


def _sum(planes: Sequence[int], mask: int) -> int:
    """Return the sum of the counts of the jobs in a set."""
    found = 0
    for digit, plane in enumerate(planes):
        found += (plane & mask).bit_count() << digit
    return found


def earliest_and_latest(order: JobOrder, jobs: int) -> tuple[dict[int, int], dict[int, int]]:
    """Return each job's earliest finish and its latest start without delaying the whole."""
    finish: dict[int, int] = {}
    tail: dict[int, int] = {}
    for job in bits(jobs):
        finish[job] = order.weights[job] + max((finish[before] for before in bits(order.parents[job] & jobs)), default=0)
    total = max(finish.values())
    for job in reversed(list(bits(jobs))):
        after = tail.get(job, 0)
        tail[job] = after
        for before in bits(order.parents[job] & jobs):
            tail[before] = max(tail.get(before, 0), after + order.weights[job])
    return finish, {job: total - tail[job] - order.weights[job] for job in finish}
