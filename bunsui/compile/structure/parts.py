"""How a set of jobs falls apart: into which parts, and how solved ones are put together again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from bunsui.compile.structure.order import JobOrder, bits
from bunsui.compile.structure.tree import Leaf, Tree, par, seq


class Cost(NamedTuple):
    """What a tree costs; smaller is better, time first."""

    makespan: int
    """Milliseconds, times the order's `scale`."""
    synthetic: int
    """Pairs that are ordered without need."""


class Candidate(NamedTuple):
    """A tree with its cost."""

    tree: Tree
    cost: Cost
    spans: tuple[int, ...]
    """How long it takes in each of the worlds of the order's `variants`; the sum is the cost's makespan."""


def one_job(order: JobOrder, job: int) -> Candidate:
    """Return the tree of a single job."""
    spans = order.variants[job]
    return Candidate(tree=Leaf(job), cost=Cost(sum(spans), 0), spans=spans)


def divide(order: JobOrder, jobs: int, *, solve: Callable[[int], Candidate], whole: Callable[[int], Candidate]) -> Candidate:
    """Solve a set by the parts into which it falls, side by side or one after another: `solve` is asked for each part, `whole`
    for a set that falls into none."""
    if jobs & (jobs - 1) == 0:
        return one_job(order, jobs.bit_length() - 1)
    parts = components(order, jobs)
    if len(parts) > 1:
        return beside([solve(part) for part in parts])
    parts = co_components(order, jobs)
    if len(parts) > 1:
        return after_another(order, parts, [solve(part) for part in parts])
    return whole(jobs)


def components(order: JobOrder, jobs: int) -> list[int]:
    """Return the connected components of "comes before or after", by their first member in the file."""
    return _connected_parts(order, jobs, order.comparable)


def co_components(order: JobOrder, jobs: int) -> list[int]:
    """Return the connected components of "runs beside", in the order in which they follow each other."""
    everything = order.everything
    beside_each = tuple(everything & ~mask & ~(1 << job) for job, mask in enumerate(order.comparable))
    parts = _connected_parts(order, jobs, beside_each)
    return sorted(parts, key=lambda part: (order.ancestors[part.bit_length() - 1] & jobs & ~part).bit_count())


def _connected_parts(order: JobOrder, jobs: int, neighbours: Sequence[int]) -> list[int]:
    parts: list[int] = []
    left = jobs
    while left:
        part = front = left & -left
        while front:
            reached = 0
            for job in bits(front):
                reached |= neighbours[job]
            front = reached & jobs & ~part
            part |= front
        parts.append(part)
        left &= ~part
    return sorted(parts, key=lambda part: min(order.declared[job] for job in bits(part)))


def beside(found: Sequence[Candidate]) -> Candidate:
    """Put trees side by side; they come in the order of the file."""
    spans = tuple(map(max, zip(*(part.spans for part in found), strict=True)))
    return Candidate(
        tree=par(tuple(part.tree for part in found)),
        cost=Cost(sum(spans), sum(part.cost.synthetic for part in found)),
        spans=spans,
    )


def after_another(order: JobOrder, parts: Sequence[int], found: Sequence[Candidate]) -> Candidate:
    """Put trees in sequence, counting the pairs that this orders without need."""
    extra = 0
    earlier = 0
    for part in parts:
        extra += synthetic_between(order, earlier, part)
        earlier |= part
    spans = tuple(map(sum, zip(*(part.spans for part in found), strict=True)))
    return Candidate(
        tree=seq(tuple(part.tree for part in found)),
        cost=Cost(sum(spans), extra + sum(part.cost.synthetic for part in found)),
        spans=spans,
    )


def synthetic_between(order: JobOrder, first: int, second: int) -> int:
    """Return how many pairs become ordered without need when all of `first` runs before all of `second`."""
    return sum((first & ~order.ancestors[job]).bit_count() for job in bits(second))
