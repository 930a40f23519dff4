"""From a DAG to the series-parallel tree that adds the fewest extra waits: of several, the cheapest.

A set of jobs falls apart into the connected components of "comes before or after" (they run side by side) or of its complement
(they run in sequence); both are exact, and they suffice if and only if the DAG is series-parallel (its closure holds no N;
Valdes, Tarjan, Lawler 1982). Whatever remains is prime: any structured order of it runs a down-set first, then the rest, and
`split` looks for the best one. The result is a function of the closure, the durations and the order of the file.
"""

from __future__ import annotations

from dataclasses import dataclass

from bunsui.compile.structure.layering import layered_tree
from bunsui.compile.structure.order import JobOrder, bits
from bunsui.compile.structure.parts import Candidate, divide
from bunsui.compile.structure.split import Searcher
from bunsui.compile.structure.tree import Tree, makespan, predecessors


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticWait:
    """A job that waits for another one without depending on it, since the state machine is structured."""

    job: str
    waits_for: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """A structured order of all jobs."""

    order: JobOrder
    tree: Tree | None
    """None when there are no jobs."""
    synthetic: tuple[SyntheticWait, ...]
    """Readable: waits that follow from others are left out."""
    synthetic_pairs: int
    """All pairs in the output's order that are not in the closure."""
    makespan_seconds: float
    critical_path: tuple[str, ...]
    """A longest chain of the DAG."""
    critical_path_seconds: float


def structured(order: JobOrder) -> Structure:
    """Return the best structured order of the jobs that the search finds; never longer than level layering."""
    tree = None
    if order.names:
        tree = _Solver(order).solve(order.everything).tree
        levels = layered_tree(order, order.everything)
        if makespan(levels, order.weights) < makespan(tree, order.weights):
            tree = levels
    before = predecessors(tree, len(order.names)) if tree is not None else []
    chain = order.chain(order.everything)
    return Structure(
        order=order,
        tree=tree,
        synthetic=_readable(order, before),
        synthetic_pairs=sum((mask & ~order.ancestors[job]).bit_count() for job, mask in enumerate(before)),
        makespan_seconds=makespan(tree, order.weights) / 1000 if tree is not None else 0.0,
        critical_path=tuple(order.names[job] for job in chain),
        critical_path_seconds=sum(order.weights[job] for job in chain) / 1000,
    )


class _Solver:
    """Solves sets of jobs, each once."""

    def __init__(self, order: JobOrder) -> None:
        self._order = order
        self._known: dict[int, Candidate] = {}
        self._searcher = Searcher(order, self.solve)

    def solve(self, jobs: int) -> Candidate:
        """Return the best tree found for a convex set of jobs."""
        known = self._known.get(jobs)
        if known is None:
            known = divide(self._order, jobs, solve=self.solve, whole=self._searcher.best)
            self._known[jobs] = known
        return known


def _readable(order: JobOrder, before: list[int]) -> tuple[SyntheticWait, ...]:
    """Keep the waits that a reader must know: those that are not implied by a dependency together with another wait."""
    waits: list[SyntheticWait] = []
    for job, mask in enumerate(before):
        extra = mask & ~order.ancestors[job]
        implied = 0
        for earlier in bits(mask):
            implied |= before[earlier]
        waits += [SyntheticWait(job=order.names[job], waits_for=order.names[other]) for other in bits(extra & ~implied)]
    return tuple(waits)
