"""Compares bunsui's structure with level layering: `python -m benchmarks.compile [--graphs N] [--sizes 10,20,40,80]`.

For each family and size it prints the geometric means of makespan over critical path, for bunsui and for layering, and the
time that the search took. It fails when a result is longer than layering, or when a series-parallel DAG is not exact.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.families import FAMILIES, WEIGHTS, Family
from bunsui.compile.structure.decompose import structured
from bunsui.compile.structure.layering import layered_tree
from bunsui.compile.structure.order import JobOrder, order_of
from bunsui.compile.structure.tree import makespan

EXACT_FAMILIES = frozenset({"epigenomics", "series-parallel"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One DAG."""

    ours: float
    """Makespan over critical path."""
    layering: float
    synthetic: int
    seconds: float


def measure(family: Family, weights: str, size: int, seed: int) -> Measured:
    """Compile one DAG of the family."""
    source = random.Random(f"{seed}-{size}-{weights}")
    dag = family(size, source)
    order = order_of(dag, durations={name: WEIGHTS[weights](source) for name in dag})
    assert isinstance(order, JobOrder)
    started = time.perf_counter()
    found = structured(order)
    seconds = time.perf_counter() - started
    levels = makespan(layered_tree(order, order.everything), order.weights) / 1000
    best = found.critical_path_seconds
    return Measured(
        ours=found.makespan_seconds / best, layering=levels / best, synthetic=found.synthetic_pairs, seconds=seconds
    )


def geometric_mean(values: Sequence[float]) -> float:
    """Return the geometric mean."""
    return math.exp(sum(math.log(value) for value in values) / len(values))


def main() -> int:
    """Measure, print, and tell whether the promises held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--graphs", type=int, default=5, help="DAGs for each family, weighting and size")
    parser.add_argument("--sizes", default="10,20,40,80", help="numbers of jobs")
    chosen = parser.parse_args()
    sizes = [int(size) for size in chosen.sizes.split(",")]
    everything: dict[str, list[Measured]] = {weights: [] for weights in WEIGHTS}
    broken = 0
    print(f"{'family':16} {'jobs':>4} {'weights':>9}  {'bunsui':>6} {'levels':>6} {'worst':>6}  {'seconds':>7}")
    for name, family in FAMILIES.items():
        for size in sizes:
            for weights in WEIGHTS:
                found = [measure(family, weights, size, seed) for seed in range(chosen.graphs)]
                everything[weights] += found
                broken += sum(one.ours > one.layering + 1e-9 for one in found)
                broken += sum(one.synthetic > 0 for one in found) if name in EXACT_FAMILIES else 0
                ours = geometric_mean([one.ours for one in found])
                levels = geometric_mean([one.layering for one in found])
                worst, slowest = max(one.ours for one in found), max(one.seconds for one in found)
                print(f"{name:16} {size:4} {weights:>9}  {ours:6.3f} {levels:6.3f} {worst:6.3f}  {slowest:7.2f}")
    print()
    for weights, found in everything.items():
        ours, levels = geometric_mean([one.ours for one in found]), geometric_mean([one.layering for one in found])
        print(f"{weights:9}  bunsui {ours:.3f}  levels {levels:.3f}  ratio {ours / levels:.3f}  over {len(found)} DAGs")
    if broken:
        print(f"{broken} DAGs were longer than layering, or not exact where they could be")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
