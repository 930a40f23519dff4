"""Level by level: what other compilers do, and the bound that the search must not exceed."""

from __future__ import annotations

from bunsui.compile.structure.order import JobOrder, bits
from bunsui.compile.structure.parts import Candidate, after_another, beside, co_components, components, one_job
from bunsui.compile.structure.tree import Leaf, Tree, par, seq


def layered_tree(order: JobOrder, jobs: int) -> Tree:
    """Return one Par for each level of the set, in sequence."""
    return seq(tuple(par(tuple(Leaf(job) for job in _in_file_order(order, level))) for level in order.levels(jobs)))


def layered_by_component(order: JobOrder, jobs: int) -> Candidate:
    """Return level layering in which what is not connected does not wait for each other; never longer than `layered`."""
    if jobs & (jobs - 1) == 0:
        return one_job(order, jobs.bit_length() - 1)
    parts = components(order, jobs)
    if len(parts) > 1:
        return beside([layered_by_component(order, part) for part in parts])
    parts = co_components(order, jobs)
    if len(parts) == 1:
        first = order.levels(jobs)[0]
        parts = [first, jobs & ~first]
    return after_another(order, parts, [layered_by_component(order, part) for part in parts])


def _in_file_order(order: JobOrder, jobs: int) -> list[int]:
    return sorted(bits(jobs), key=lambda job: order.declared[job])
