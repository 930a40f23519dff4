"""Inline Map states.

Facts: https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html, and the recordings in tests/conformance.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.engine.execution import Status
from tests.scripted import fails, gives, machine, played, scope, task


def over(processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    inner = {"StartAt": next(iter(processor)), "States": scope(processor)}
    return {"Type": "Map", "ItemProcessor": inner, **fields}


def test_iterations_run_side_by_side_and_keep_their_order() -> None:
    run = played(machine(each=over({"work": task()})), [3, 1, 2], work=[gives("x", after_seconds=10)])
    assert (run.output, run.seconds) == (["x"] * 3, 10)


@pytest.mark.parametrize(("most", "seconds"), [(1, 50), (2, 30), (5, 10), (0, 10)])
def test_no_more_iterations_run_at_once_than_allowed(most: int, seconds: int) -> None:
    run = played(machine(each=over({"work": task()}, MaxConcurrency=most)), [1] * 5, work=[gives(after_seconds=10)])
    assert run.seconds == seconds


def test_forty_iterations_run_at_once_when_nothing_is_said() -> None:
    run = played(machine(each=over({"work": task()})), [1] * 41, work=[gives(after_seconds=10)])
    assert run.seconds == 20


def test_the_work_knows_the_iterations_around_it() -> None:
    inner = over({"work": task()}, MaxConcurrency=1)
    run = played(machine(outer=over({"inner": inner}, MaxConcurrency=1)), [[1, 2], [3]])
    assert [request.path for request in run.script.requests] == [
        (("outer", 0), ("inner", 0)),
        (("outer", 0), ("inner", 1)),
        (("outer", 1), ("inner", 0)),
    ]
    assert run.output == [[1, 2], [3]]


def test_a_selector_sees_the_item_and_the_states_input() -> None:
    selector = {"value.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index", "unit.$": "$.unit"}
    state = over({"keep": {"Type": "Pass"}}, ItemsPath="$.items", ItemSelector=selector)
    assert played(machine(each=state), {"items": ["a"], "unit": "kg"}).output == [{"value": "a", "index": 0, "unit": "kg"}]


def test_states_inside_see_the_item_in_the_context_too() -> None:
    state = over({"keep": {"Type": "Pass", "Parameters": {"i.$": "$$.Map.Item.Index"}}})
    assert played(machine(each=state), ["a", "b"]).output == [{"i": 0}, {"i": 1}]


def test_jsonata_items_and_selector() -> None:
    state = over(
        {"keep": {"Type": "Pass"}},
        Items="{% $states.input.n.[$, $ * 2] %}",
        ItemSelector={"pair": "{% $states.context.Map.Item.Value %}"},
        Output="{% $states.result.pair[1] %}",
    )
    definition = {**machine(each=state), "QueryLanguage": "JSONata"}
    run = played(definition, {"n": [1, 2]})
    assert run.status is Status.SUCCEEDED, run.execution.cause


def test_a_failing_iteration_aborts_the_others_and_starts_no_more() -> None:
    state = over({"work": task()}, MaxConcurrency=2)
    run = played(machine(each=state), [1, 2, 3], work=[fails(after_seconds=5), gives(after_seconds=20)])
    assert (run.execution.error, run.seconds, len(run.script.requests)) == ("Broken", 5, 2)
    assert run.types[-6:] == [
        *["LambdaFunctionFailed", "MapIterationFailed", "TaskStateAborted", "MapIterationAborted"],
        *["MapStateFailed", "ExecutionFailed"],
    ]


def test_a_map_that_is_tried_again_starts_over() -> None:
    state = over({"work": task()}, MaxConcurrency=1, Retry=[{"ErrorEquals": ["Broken"]}])
    run = played(machine(each=state), [1, 2], work=[gives(1), fails(), gives(3)])
    assert run.output == [3, 3]
    assert run.types.count("MapStateStarted") == 2
    assert "MapStateFailed" not in run.types


def test_what_is_no_array_cannot_be_mapped() -> None:
    run = played(machine(each=over({"keep": {"Type": "Pass"}}, ItemsPath="$.items")), {"items": 3})
    assert run.execution.error == "States.Runtime"
    assert str(run.execution.cause).endswith('Reference path "$.items" must point to array.')


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("x", 'The ToleratedFailureCountPath field refers to value "x" which is not a valid integer: $.n'),
        (-1, "ToleratedFailureCount cannot be negative."),
    ],
)
def test_a_bad_tolerance_is_found_after_the_start(value: Any, words: str) -> None:
    state = over({"keep": {"Type": "Pass"}}, ItemsPath="$.items", ToleratedFailureCountPath="$.n")
    run = played(machine(each=state), {"items": [1], "n": value})
    assert run.types == ["ExecutionStarted", "MapStateEntered", "MapStateStarted", "ExecutionFailed"]
    assert str(run.execution.cause).endswith(words)


def test_an_iterations_variables_stay_inside() -> None:
    inner = {"a": {"Type": "Pass", "Assign": {"mine.$": "$"}}, "b": {"Type": "Pass", "Parameters": {"v.$": "$mine"}}}
    assert played(machine(each=over(inner)), [1, 2]).output == [{"v": 1}, {"v": 2}]


def test_ten_thousand_items_fit_into_an_express_execution() -> None:
    run = played(machine(each=over({"keep": {"Type": "Pass"}})), list(range(10_000)), kind="EXPRESS")
    assert run.output == list(range(10_000))


def test_they_do_not_fit_into_a_standard_history() -> None:
    run = played(machine(each=over({"keep": {"Type": "Pass"}})), list(range(10_000)))
    assert (run.status, len(run.execution.events)) == (Status.FAILED, 25_000)
    assert run.execution.cause == "The execution reached the maximum number of history events (25000)."


@given(st.lists(st.integers(0, 5), max_size=8), st.integers(0, 9))
def test_a_map_gives_one_output_for_each_item_in_order(waits: list[int], most: int) -> None:
    inner = {"rest": {"Type": "Wait", "SecondsPath": "$"}}
    run = played(machine(each=over(inner, MaxConcurrency=most)), waits)
    assert run.output == waits
    places = most or 40
    assert max(waits, default=0) <= run.seconds <= sum(waits)
    if places == 1:
        assert run.seconds == sum(waits)


def test_a_runtime_error_in_an_iteration_ends_the_execution_at_once_and_can_be_redriven() -> None:
    inner = {"work": task(), "broken": {"Type": "Pass", "InputPath": "$.nope"}}
    run = played(machine(each=over(inner, MaxConcurrency=1)), [1, 2], work=[gives({"nope": 1}), gives({})])
    assert run.types[-2:] == ["PassStateEntered", "ExecutionFailed"]
    run.execution.redrive()
    run.drain()
    assert len(run.script.requests) == 2
    assert run.types[-2:] == ["ExecutionRedriven", "ExecutionFailed"]
