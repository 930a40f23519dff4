"""Compares what the compiler makes of learnt durations with what it makes of none: `python -m benchmarks.learnt [--graphs N]`.

Each DAG has jobs of lognormal durations. Ten runs of it are simulated, in which each job takes more or less than that
(lognormal, sigma 0.25); their medians, as `bunsui graph --update-estimates` rounds them, are what is learnt. Told are the
geometric means of makespan over critical path with the true durations: compiled blind, by levels, with what was learnt,
and with what is true. It fails when learnt durations give more than `LIMIT`.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from dataclasses import dataclass, fields
from statistics import median

from benchmarks.compile import geometric_mean
from benchmarks.families import FAMILIES, WEIGHTS, Dag, Family
from bunsui.compile.structure.decompose import structured
from bunsui.compile.structure.layering import layered_tree
from bunsui.compile.structure.order import JobOrder, order_of
from bunsui.compile.structure.tree import makespan
from bunsui.model.estimates.learnt_durations import SPREAD, step_of

LIMIT = 1.03
RUNS = 10
SIGMA = 0.25
_MINUTE = 60
"""Jobs of the families take seconds; here they stand for minutes, as jobs on AWS take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratios:
    """Makespan over critical path, with the true durations."""

    blind: float
    levels: float
    learnt: float
    known: float


def learnt_durations(true: dict[str, float], source: random.Random) -> dict[str, float]:
    """Return what ten runs tell of the durations."""
    took = {name: [seconds * source.lognormvariate(0, SIGMA) for _ in range(RUNS)] for name, seconds in true.items()}
    return {name: float(step_of(median(runs))) for name, runs in took.items()}


def measure(family: Family, size: int, seed: int) -> Ratios:
    """Compile one DAG of the family with what is known of it in each way."""
    source = random.Random(f"{seed}-{size}-lognormal")
    dag = family(size, source)
    true = {name: _MINUTE * WEIGHTS["lognormal"](source) for name in dag}
    learnt = learnt_durations(true, source)
    order = _order(dag, true)
    best = sum(order.weights[job] for job in order.chain(order.everything))
    levels = makespan(layered_tree(order, order.everything), order.weights)
    spans = [_span(found, order) for found in (_order(dag, None), _order(dag, learnt, SPREAD), order)]
    blind, with_learnt, known = (span / best for span in spans)
    return Ratios(blind=blind, levels=levels / best, learnt=with_learnt, known=known)


def _order(dag: Dag, durations: dict[str, float] | None, spread: tuple[int, ...] = ()) -> JobOrder:
    order = order_of(dag, durations=durations, spread=spread)
    assert isinstance(order, JobOrder)
    return order


def _span(compiled: JobOrder, true: JobOrder) -> int:
    tree = structured(compiled).tree
    assert tree is not None
    return makespan(tree, true.weights)


def main() -> int:
    """Measure, print, and tell whether the promise held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--graphs", type=int, default=4, help="DAGs of each family")
    parser.add_argument("--size", type=int, default=80, help="jobs")
    chosen = parser.parse_args()
    names = [field.name for field in fields(Ratios)]
    everything: list[Ratios] = []
    print(f"{'family':16} " + "".join(f"{name:>8}" for name in names) + f"{'worst':>8}  seconds")
    for name, family in FAMILIES.items():
        began = time.process_time()
        found = [measure(family, chosen.size, seed) for seed in range(chosen.graphs)]
        everything += found
        means = "".join(f"{geometric_mean([getattr(one, field) for one in found]):8.3f}" for field in names)
        worst = max(one.learnt for one in found)
        print(f"{name:16} {means}{worst:8.3f}  {time.process_time() - began:7.1f}", flush=True)
    means = {field: geometric_mean([getattr(one, field) for one in everything]) for field in names}
    print(f"\nover {len(everything)} DAGs of {chosen.size} jobs: " + ", ".join(f"{k} {v:.3f}" for k, v in means.items()))
    return 1 if means["learnt"] > LIMIT else 0


if __name__ == "__main__":
    sys.exit(main())
