from __future__ import annotations

from itertools import pairwise
from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from bunsui.document.job_graph import JobGraph, find_cycle, job_graph
from bunsui.model.json import Json
from bunsui.operations.registry import builtin_registry

NAMES = [f"j{number}" for number in range(6)]
EDGES = st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES), unique=True), min_size=1)


@given(EDGES)
def test_a_cycle_is_found_exactly_when_no_order_exists(edges: dict[str, list[str]]) -> None:
    remaining = {name: set(others) for name, others in edges.items()}
    while free := [name for name in remaining if not remaining[name] & set(remaining)]:
        for name in free:
            del remaining[name]
    assert (find_cycle(edges) is None) == (not remaining)


@given(EDGES)
def test_a_cycle_is_a_path_that_ends_where_it_began(edges: dict[str, list[str]]) -> None:
    cycle = find_cycle(edges)
    if cycle is not None:
        assert cycle[0] == cycle[-1]
        assert len(set(cycle)) == len(cycle) - 1
        assert all(later in edges[earlier] for earlier, later in pairwise(cycle))


def test_a_long_chain_needs_no_deep_stack() -> None:
    edges = {f"j{number}": [f"j{number + 1}"] for number in range(1_500)}
    assert find_cycle(edges) is None


def graph(**jobs: dict[str, Json]) -> JobGraph:
    return job_graph({"jobs": jobs}, builtin_registry())


def test_with_the_default_rule_every_ancestor_surely_ran() -> None:
    made = graph(a={"when": "x"}, b={"depends_on": ["a"]}, c={"depends_on": ["b"]})
    assert made.surely_ran("c") == {"a", "b"}


def test_after_none_failed_a_skipped_job_is_not_sure_but_what_led_to_it_is() -> None:
    made = graph(
        a={}, b={"depends_on": ["a"], "when": "x"}, c={"depends_on": ["b"], "run_if": "none_failed"}, d={"depends_on": ["c"]}
    )  # fmt: skip
    assert made.surely_ran("c") == {"a"}
    assert made.surely_ran("d") == {"a", "c"}


def test_what_led_to_both_branches_surely_ran_where_they_join() -> None:
    made = graph(
        start={},
        x={"depends_on": ["start"], "when": "A"},
        y={"depends_on": ["start"], "when": "B"},
        join={"depends_on": ["x", "y"], "run_if": "none_failed"},
    )
    assert made.surely_ran("join") == {"start"}


def test_what_may_have_failed_before_a_branch_is_not_sure_where_branches_join() -> None:
    made = graph(
        start={"isolate": True},
        x={"depends_on": ["start"], "when": "A"},
        clean={"depends_on": ["x"], "run_if": "all_done"},
    )
    assert made.surely_ran("clean") == frozenset()


def test_a_job_that_cannot_be_skipped_is_sure_after_none_failed() -> None:
    made = graph(a={}, b={"depends_on": ["a"], "run_if": "none_failed"})
    assert made.surely_ran("b") == {"a"}


def test_nothing_is_sure_after_all_done_and_any_failed() -> None:
    for rule in ("all_done", "any_failed"):
        assert graph(a={}, b={"depends_on": ["a"], "run_if": rule}).surely_ran("b") == frozenset()


def test_a_caught_failure_stops_what_follows_unless_it_looks_at_failures() -> None:
    made = graph(
        a={"isolate": True}, b={"depends_on": ["a"]}, c={"depends_on": ["b"], "run_if": "none_failed"}
    )  # fmt: skip
    assert made.may_be_absent("a")
    assert made.may_be_absent("b")
    assert made.surely_ran("c") == {"a", "b"}, "it runs only where neither failed nor was stopped"


def test_a_check_that_skips_makes_its_job_skippable_wherever_it_stands() -> None:
    check: Json = {"type": "check", "else": "skip"}
    nested: Json = {"type": "choice", "cases": [{"operations": [check]}]}
    for operation in (check, nested):
        operations: Json = [operation]
        assert graph(a={"operations": operations}).may_be_absent("a")
    assert not graph(a={"operations": [{"type": "check", "else": "fail"}]}).may_be_absent("a")


def test_what_surely_ran_in_a_long_chain_needs_no_deep_stack() -> None:
    jobs: dict[str, dict[str, Json]] = {f"j{n}": {"depends_on": [f"j{n - 1}"]} if n else {} for n in range(1_500)}
    assert len(job_graph({"jobs": jobs}, builtin_registry()).surely_ran("j1499")) == 1_499


def test_many_ways_through_a_graph_are_not_walked_one_by_one() -> None:
    layers: dict[str, dict[str, Json]] = {}
    for layer in range(30):
        before: Json = [f"l{layer - 1}w{width}" for width in range(10)] if layer else []
        layers |= {f"l{layer}w{width}": {"depends_on": before} for width in range(10)}
    made = job_graph({"jobs": layers}, builtin_registry())
    assert len(made.surely_ran("l29w0")) == 290
    assert not made.may_be_absent("l29w0")


def test_a_thousand_jobs_in_a_row_are_answered_at_once() -> None:
    names = [f"j{number}" for number in range(1000)]
    jobs: dict[str, Json] = {name: {"depends_on": names[max(0, index - 1) : index]} for index, name in enumerate(names)}
    begun = process_time()
    graph = job_graph({"jobs": jobs}, {})
    assert not any(graph.may_be_skipped(name) for name in names)
    assert graph.surely_ran("j999") == frozenset(names[:-1])
    assert process_time() - begun < 1
