"""What every structured order must satisfy, on random DAGs; and what it must be, on known ones."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bunsui.compile.structure.decompose import structured
from bunsui.compile.structure.layering import layered_tree
from bunsui.compile.structure.order import Cycle, JobOrder, bits, order_of
from bunsui.compile.structure.tree import Leaf, Par, Seq, Tree, makespan, members, predecessors
from tests.faults.amount import amount

Dag = Mapping[str, tuple[str, ...]]


@st.composite
def dags(draw: st.DrawFn, most: int = 11) -> dict[str, tuple[str, ...]]:
    size = draw(st.integers(1, most))
    names = [f"j{index}" for index in range(size)]
    order = draw(st.permutations(names))
    needs = {name: tuple(o for o in order[:at] if draw(st.integers(0, 3)) == 0) for at, name in enumerate(order)}
    return {name: needs[name] for name in names}


@st.composite
def weighted(draw: st.DrawFn, most: int = 11) -> tuple[dict[str, tuple[str, ...]], dict[str, float]]:
    dag = draw(dags(most=most))
    return dag, {name: float(draw(st.integers(1, 9))) for name in dag}


def ordered(dag: Dag, durations: Mapping[str, float] | None = None) -> JobOrder:
    order = order_of(dag, durations=durations)
    assert isinstance(order, JobOrder)
    return order


def leaves(tree: Tree) -> list[int]:
    if isinstance(tree, Leaf):
        return [tree.job]
    return [leaf for part in tree.parts for leaf in leaves(part)]


def holds_an_n(order: JobOrder) -> bool:
    """Tell whether the closure holds an N: a < c, b < c, b < d, and nothing else among the four."""
    size = range(len(order.names))
    less = [[bool(order.ancestors[y] >> x & 1) for y in size] for x in size]
    return any(
        less[a][c] and less[b][c] and less[b][d]
        and not (less[a][b] or less[b][a] or less[c][d] or less[d][c] or less[a][d] or less[d][a])
        for a, b, c, d in itertools.permutations(size, 4)
    )  # fmt: skip


@given(weighted())
@settings(max_examples=amount(120, 300, 3000), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_structured_order_keeps_the_promises(case: tuple[Dag, dict[str, float]]) -> None:
    dag, durations = case
    order = ordered(dag, durations)
    found = structured(order)
    assert found.tree is not None
    assert sorted(leaves(found.tree)) == list(range(len(dag))), "every job once"
    before = predecessors(found.tree, len(dag))
    for job, mask in enumerate(order.ancestors):
        assert mask & ~before[job] == 0, "every dependency is respected, also those that follow from others"
    exact = before == list(order.ancestors)
    assert exact is not holds_an_n(order), "the output order equals the closure if and only if there is no N"
    assert found.synthetic_pairs == sum(mask.bit_count() for mask in before) - sum(m.bit_count() for m in order.ancestors)
    levels = makespan(layered_tree(order, order.everything), order.weights) / 1000
    assert found.critical_path_seconds <= found.makespan_seconds <= levels <= sum(durations.values())


@given(weighted())
@settings(max_examples=amount(60, 150, 1500), deadline=None)
def test_the_waits_that_are_told_and_the_dependencies_give_the_whole_order(case: tuple[Dag, dict[str, float]]) -> None:
    dag, durations = case
    order = ordered(dag, durations)
    found = structured(order)
    assert found.tree is not None
    told = {name: (*needs, *(w.waits_for for w in found.synthetic if w.job == name)) for name, needs in dag.items()}
    again = ordered(told)
    expected = predecessors(found.tree, len(dag))
    for job, mask in enumerate(again.ancestors):
        name = again.names[job]
        assert set(again.names_of(mask)) == set(order.names_of(expected[order.names.index(name)]))


def best_possible(order: JobOrder, jobs: int, known: dict[int, int]) -> int:
    """Return the shortest makespan of any series-parallel order, by trying all of them."""
    if jobs not in known:
        if jobs & (jobs - 1) == 0:
            known[jobs] = order.weights[jobs.bit_length() - 1]
        else:
            found = []
            proper = [mask for mask in subsets(jobs) if mask not in (0, jobs)]
            for part in proper:
                rest = jobs & ~part
                if all(order.ancestors[job] & jobs & ~part == 0 for job in bits(part)):
                    found.append(best_possible(order, part, known) + best_possible(order, rest, known))
                if not any(order.comparable[job] & rest for job in bits(part)):
                    found.append(max(best_possible(order, part, known), best_possible(order, rest, known)))
            known[jobs] = min(found)
    return known[jobs]


def subsets(jobs: int) -> list[int]:
    found = [0]
    for job in bits(jobs):
        found += [mask | 1 << job for mask in found]
    return found


@given(weighted(most=7))
@settings(max_examples=amount(48, 120, 1200), deadline=None)
def test_small_dags_get_the_optimum(case: tuple[Dag, dict[str, float]]) -> None:
    dag, durations = case
    order = ordered(dag, durations)
    assert structured(order).makespan_seconds * 1000 == best_possible(order, order.everything, {})


@given(weighted(), st.randoms(use_true_random=False))
@settings(max_examples=amount(40, 100, 1000), deadline=None)
def test_redundant_edges_and_their_order_change_nothing(case: tuple[Dag, dict[str, float]], source: random.Random) -> None:
    dag, durations = case
    order = ordered(dag, durations)
    number = {name: index for index, name in enumerate(order.names)}
    more = {}
    for name in dag:
        needs = [
            other for other in order.names_of(order.ancestors[number[name]]) if other in dag[name] or source.random() < 0.5
        ]
        source.shuffle(needs)
        more[name] = tuple(needs)
    assert structured(ordered(more, durations)).tree == structured(order).tree


def test_the_known_hard_graph_gets_its_optimum() -> None:
    edges = [(0, 4), (0, 5), (0, 6), (1, 4), (1, 5), (2, 4), (2, 7), (3, 5)]
    dag = {str(job): tuple(str(a) for a, b in edges if b == job) for job in range(8)}
    durations = dict(zip(dag, [3.76, 6.68, 9.33, 5.94, 2.30, 5.47, 7.85, 1.64], strict=True))
    found = structured(ordered(dag, durations))
    assert (found.critical_path_seconds, found.makespan_seconds) == (12.15, 16.83)


def test_fork_and_join_are_exact() -> None:
    found = structured(ordered({"a": (), "b": ("a",), "c": ("a",), "d": ("b", "c"), "e": ()}))
    assert found.tree == Par((Seq((Leaf(0), Par((Leaf(2), Leaf(3))), Leaf(4))), Leaf(1)))
    assert found.synthetic == ()
    assert found.critical_path == ("a", "b", "d")


def test_the_smallest_n_waits_once() -> None:
    found = structured(ordered({"a": (), "b": (), "c": ("a", "b"), "d": ("b",)}))
    assert [(wait.job, wait.waits_for) for wait in found.synthetic] == [("d", "a")]


def test_a_cycle_is_given_as_a_path() -> None:
    assert order_of({"a": ("c",), "b": ("a",), "c": ("b",), "d": ("a",)}) == Cycle(jobs=("a", "c", "b"))
    assert order_of({"a": ("a",)}) == Cycle(jobs=("a",))


def wide_dag(size: int, seed: int) -> tuple[dict[str, tuple[str, ...]], dict[str, float]]:
    source = random.Random(seed)
    dag = {f"j{i}": tuple(f"j{k}" for k in range(i) if source.random() < 2.5 / size) for i in range(size)}
    return dag, {name: source.lognormvariate(0, 1) for name in dag}


@pytest.mark.parametrize("size", [20, 40, 70])
def test_large_dags_are_never_longer_than_layering(size: int) -> None:
    for seed in range(3):
        dag, durations = wide_dag(size, seed)
        order = ordered(dag, durations)
        found = structured(order)
        assert found.tree is not None
        assert members(found.tree) == order.everything
        assert all(mask & ~before == 0 for mask, before in zip(order.ancestors, predecessors(found.tree, size), strict=True))
        assert found.makespan_seconds * 1000 <= makespan(layered_tree(order, order.everything), order.weights)


SCRIPT = """
from tests.unit.compile.structure.test_structure import ordered, structured, wide_dag
for seed in range(4):
    print(structured(ordered(*wide_dag(24, seed))).tree)
"""


def test_every_process_gives_the_same_tree() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "777")
    }
    assert len(outputs) == 1
    assert outputs.pop().strip()
