"""The best way to cut a prime set of jobs in two: a down-set and the rest.

Small sets are searched completely, by branch and bound over all down-sets with the critical paths as bound; larger ones through
a bounded list of candidate cuts. All bounds are counts, never timers, so that the result is the same on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from bunsui.compile.structure.layering import layered_by_component
from bunsui.compile.structure.order import JobOrder, bits
from bunsui.compile.structure.parts import Candidate, after_another, divide
from bunsui.compile.structure.ranking import CutRanking, earliest_and_latest

EXACT_JOBS = 12
"""Sets up to this size are searched completely."""
EXACT_CUTS = 1500
"""Unless they have more down-sets than this."""
RANKED = 16
"""Candidate cuts that are tried out greedily."""
RANKED_OF_UNSURE = 64
"""The same where durations may be others: of many that look alike then, the best by rank alone is rarely the best."""
RECURSED = 2
"""Candidate cuts that are solved in depth."""
DEPTH = 3
"""How deep the search in depth may nest before it goes on greedily."""
LARGE = 60
"""Sets above this size are searched one level less deep."""


class Searcher:
    """Cuts prime sets; `solve` gives the best tree of any smaller set."""

    def __init__(self, order: JobOrder, solve: Callable[[int], Candidate]) -> None:
        """Search in `order`, handing what is left of a cut to `solve`."""
        self._order = order
        self._solve = solve
        self._greedy: dict[int, Candidate] = {}
        self._depth = 0

    def best(self, jobs: int) -> Candidate:
        """Return the best tree found for a prime set; never longer than layering."""
        if jobs.bit_count() <= EXACT_JOBS:
            cuts = down_sets(self._order, jobs, limit=EXACT_CUTS)
            if cuts is not None:
                return self._exact(jobs, cuts)
        return self._best_bounded(jobs)

    def _exact(self, jobs: int, cuts: Iterable[int]) -> Candidate:
        best: Candidate | None = None
        for (bound, waits), cut in sorted(CutRanking(self._order, jobs).bounds(cuts)):
            if best is not None and (bound, waits) >= best.cost:
                if bound > best.cost.makespan:
                    break
                continue
            found = self._cut(jobs, cut, self._solve)
            if best is None or found.cost < best.cost:
                best = found
        assert best is not None, "a prime set has at least four jobs, hence a proper down-set"
        return best

    def _best_bounded(self, jobs: int) -> Candidate:
        ranked = [cut for _, cut in sorted(CutRanking(self._order, jobs).bounds(candidate_cuts(self._order, jobs)))]
        ranked = ranked[: RANKED_OF_UNSURE if self._order.spread else RANKED]
        tried = sorted(
            ((self._cut(jobs, cut, self._complete), cut) for cut in ranked), key=lambda pair: (pair[0].cost, pair[1])
        )
        found = [pair[0] for pair in tried]
        found.append(layered_by_component(self._order, jobs))
        allowed = DEPTH if jobs.bit_count() <= LARGE else DEPTH - 1
        if self._depth < allowed:
            self._depth += 1
            found += [self._cut(jobs, cut, self._solve) for _, cut in tried[:RECURSED]]
            self._depth -= 1
        return min(found, key=lambda candidate: candidate.cost)

    def _cut(self, jobs: int, cut: int, solve: Callable[[int], Candidate]) -> Candidate:
        parts = [cut, jobs & ~cut]
        return after_another(self._order, parts, [solve(part) for part in parts])

    def _complete(self, jobs: int) -> Candidate:
        """Solve a set by always taking the cut of the best rank."""
        known = self._greedy.get(jobs)
        if known is None:
            known = divide(self._order, jobs, solve=self._complete, whole=self._cut_at_once)
            self._greedy[jobs] = known
        return known

    def _cut_at_once(self, jobs: int) -> Candidate:
        _, cut = min(CutRanking(self._order, jobs).bounds(candidate_cuts(self._order, jobs)))
        return self._cut(jobs, cut, self._complete)


def down_sets(order: JobOrder, jobs: int, *, limit: int) -> list[int] | None:
    """Return every proper, non-empty down-set of the set, or None when there are more than `limit`."""
    found = [0]
    for job in bits(jobs):  # numbers are topological: what a job needs was decided before
        need = order.ancestors[job] & jobs
        found += [cut | 1 << job for cut in found if not need & ~cut]
        if len(found) > limit:
            return None
    return [cut for cut in found if cut not in (0, jobs)]


def candidate_cuts(order: JobOrder, jobs: int) -> list[int]:
    """Return promising proper down-sets: cuts in time by earliest finish, earliest and latest start, the middle of the slack,
    and level; each job with its ancestors; everything but a job and its descendants."""
    cuts = {cut for cut in _all_candidates(order, jobs) if cut and cut != jobs}
    return sorted(cuts)


def _all_candidates(order: JobOrder, jobs: int) -> Iterator[int]:
    finish, latest = earliest_and_latest(order, jobs)
    members = list(bits(jobs))
    start = {job: finish[job] - order.weights[job] for job in members}
    middle = {job: start[job] + latest[job] for job in members}
    for times in (finish, start, latest, middle):
        mask = 0
        for job in sorted(members, key=lambda job: (times[job], job)):
            mask |= 1 << job | order.ancestors[job] & jobs
            yield mask
    mask = 0
    for level in order.levels(jobs):
        mask |= level
        yield mask
    for job in members:
        ancestors = order.ancestors[job] & jobs
        yield ancestors
        yield ancestors | 1 << job
        yield jobs & ~order.descendants[job] & ~(1 << job)
        yield jobs & ~order.descendants[job]
