"""Orders by learnt durations: bounds stay bounds, worlds agree in the middle, and the result is near what is possible."""

from __future__ import annotations

from statistics import geometric_mean

from hypothesis import given, settings

from benchmarks.families import FAMILIES
from benchmarks.learnt import LIMIT, measure
from bunsui.compile.structure.decompose import structured
from bunsui.compile.structure.layering import layered_tree
from bunsui.compile.structure.order import JobOrder, bits, order_of
from bunsui.compile.structure.parts import synthetic_between
from bunsui.compile.structure.ranking import CutRanking, earliest_and_latest
from bunsui.compile.structure.split import down_sets
from bunsui.compile.structure.tree import makespan
from bunsui.model.estimates.learnt_durations import SPREAD
from tests.faults.amount import amount
from tests.unit.compile.structure.test_structure import Dag, weighted


def ordered(dag: Dag, durations: dict[str, float], spread: tuple[int, ...] = SPREAD) -> JobOrder:
    order = order_of(dag, durations=durations, spread=spread)
    assert isinstance(order, JobOrder)
    return order


@given(weighted(most=8))
@settings(max_examples=amount(24, 60, 600), deadline=None)
def test_a_bound_is_the_longest_chain_of_both_parts_and_the_pairs_that_the_cut_orders(
    case: tuple[Dag, dict[str, float]],
) -> None:
    order = ordered(*case, spread=())
    jobs = order.everything
    ranking = CutRanking(order, jobs)
    finish, latest = earliest_and_latest(order, jobs)
    for cut in down_sets(order, jobs, limit=300) or ():
        rest = jobs & ~cut
        longest = max(finish[job] for job in bits(cut)) + max(finish.values()) - min(latest[job] for job in bits(rest))
        chains = [sum(order.weights[job] for job in order.chain(part)) for part in (cut, rest)]
        assert ranking.lower_bound(cut) == (longest, synthetic_between(order, cut, rest))
        assert longest == sum(chains)


@given(weighted(most=9))
@settings(max_examples=amount(24, 60, 600), deadline=None)
def test_in_all_worlds_together_no_order_is_faster_than_its_bounds(case: tuple[Dag, dict[str, float]]) -> None:
    order = ordered(*case)
    assert [sum(worlds) for worlds in order.variants] == [weight * order.scale for weight in order.weights]
    found = structured(order)
    assert found.tree is not None
    spans = [makespan(found.tree, weights) for weights in zip(*order.variants, strict=True)]
    assert sum(spans) >= order.scale * round(found.critical_path_seconds * 1000)
    assert makespan(found.tree, order.weights) <= makespan(layered_tree(order, order.everything), order.weights)


def test_a_job_has_its_worlds_whatever_else_there_is() -> None:
    few, many = ordered({"a": (), "b": ()}, {"a": 5, "b": 7}), ordered({"x": (), "b": (), "a": ("x",)}, {"a": 5, "b": 7})
    for name in ("a", "b"):
        assert few.variants[few.names.index(name)] == many.variants[many.names.index(name)]


def test_ten_runs_teach_orders_that_are_near_the_critical_path() -> None:
    found = [measure(FAMILIES[name], 24, seed) for name in ("erdos", "dbt", "chains", "stencil") for seed in range(3)]
    blind, learnt = (geometric_mean([getattr(one, name) for one in found]) for name in ("blind", "learnt"))
    assert learnt <= LIMIT < blind
