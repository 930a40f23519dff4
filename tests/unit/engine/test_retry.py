"""Retry and Catch.

Facts: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
"""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.engine.execution import Status
from bunsui.engine.program import RetryRule
from bunsui.engine.retry import seconds
from tests.scripted import fails, gives, machine, played, task


def retry(*errors: str, **fields: object) -> dict[str, object]:
    return {"ErrorEquals": list(errors), **fields}


def test_the_interval_grows_by_the_backoff_rate() -> None:
    rules = [retry("States.ALL", IntervalSeconds=3, BackoffRate=2, MaxAttempts=3)]
    run = played(machine(work=task(Retry=rules)), work=[fails()])
    assert run.script.times == [0, 3, 9, 21]
    assert run.status is Status.FAILED


def test_without_numbers_there_are_three_retries_after_1_2_and_4_seconds() -> None:
    run = played(machine(work=task(Retry=[retry("States.ALL")])), work=[fails()])
    assert run.script.times == [0, 1, 3, 7]


def test_no_interval_is_longer_than_the_longest_delay() -> None:
    rules = [retry("States.ALL", IntervalSeconds=10, BackoffRate=3, MaxAttempts=4, MaxDelaySeconds=25)]
    run = played(machine(work=task(Retry=rules)), work=[fails()])
    assert run.script.times == [0, 10, 35, 60, 85]


def test_every_retrier_counts_for_itself() -> None:
    rules = [retry("A", MaxAttempts=1, IntervalSeconds=1), retry("B", MaxAttempts=1, IntervalSeconds=5)]
    run = played(machine(work=task(Retry=rules)), work=[fails("A"), fails("B"), fails("A")])
    assert run.script.times == [0, 1, 6]
    assert run.execution.error == "A"


def test_no_attempts_means_no_retry() -> None:
    run = played(machine(work=task(Retry=[retry("States.ALL", MaxAttempts=0)])), work=[fails()])
    assert len(run.script.requests) == 1


def test_the_attempt_is_told_and_seen_in_the_context() -> None:
    state = task(Retry=[retry("States.ALL")], Parameters={"n.$": "$$.State.RetryCount"})
    run = played(machine(work=state), work=[fails(), fails(), gives()])
    assert [request.attempt for request in run.script.requests] == [0, 1, 2]
    assert [request.arguments for request in run.script.requests] == [{"n": 0}, {"n": 1}, {"n": 2}]


def test_a_retry_is_scheduled_anew_without_entering_the_state_again() -> None:
    run = played(machine(work=task(Retry=[retry("States.ALL")])), work=[fails(), gives()])
    assert run.types[1:-1] == [
        "TaskStateEntered",
        *["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionFailed"],
        *["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionSucceeded"],
        "TaskStateExited",
    ]


def test_jitter_depends_on_the_seed_alone() -> None:
    state = task(Retry=[retry("States.ALL", IntervalSeconds=100, JitterStrategy="FULL")])
    times = [played(machine(work=state), seed=seed, work=[fails()]).script.times for seed in (1, 1, 2)]
    assert times[0] == times[1]
    assert times[0] != times[2]
    assert 0 <= times[0][1] <= 100


@given(
    st.floats(0.1, 1000),
    st.floats(1, 10),
    st.integers(0, 2000),
    st.one_of(st.none(), st.floats(1, 31_622_400)),
    st.booleans(),
)
def test_a_wait_is_never_negative_nor_longer_than_allowed(
    interval: float, rate: float, made: int, longest: float | None, jitter: bool
) -> None:
    rule = RetryRule(errors=("A",), interval_seconds=interval, backoff_rate=rate, max_delay_seconds=longest, full_jitter=jitter)
    found = seconds(rule, made, random.Random(0))
    assert 0 <= found <= (longest if longest is not None else 31_622_400)


def test_a_catch_replaces_the_input_by_the_error() -> None:
    state = task(Catch=[{"ErrorEquals": ["Broken"], "Next": "after"}])
    run = played(machine(work=state, never={"Type": "Pass"}, after={"Type": "Pass"}), {"a": 1}, work=[fails()])
    assert run.output == {"Error": "Broken", "Cause": "why"}
    assert run.entered == ["work", "after"]


def test_a_catch_writes_the_error_where_its_result_path_says() -> None:
    state = task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "after", "ResultPath": "$.error"}])
    run = played(machine(work=state, after={"Type": "Pass"}), {"a": 1}, work=[fails()])
    assert run.output == {"a": 1, "error": {"Error": "Broken", "Cause": "why"}}


def test_a_catch_comes_after_the_retries() -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "after"}]
    run = played(
        machine(work=task(Retry=[retry("States.ALL", MaxAttempts=1)], Catch=catch), after={"Type": "Pass"}), work=[fails()]
    )
    assert len(run.script.requests) == 2
    assert run.status is Status.SUCCEEDED


def test_a_catch_assigns_and_shapes_in_jsonata() -> None:
    catch = {
        "ErrorEquals": ["States.ALL"],
        "Next": "after",
        "Assign": {"seen": "{% $states.errorOutput.Error %}"},
        "Output": {"was": "{% $states.input.a %}"},
    }
    states = machine(work=task(Catch=[catch]), after={"Type": "Pass", "Output": "{% $seen & $states.input.was %}"})
    assert played({**states, "QueryLanguage": "JSONata"}, {"a": 1}, work=[fails()]).output == "Broken1"


@pytest.mark.parametrize("name", ["States.ALL", "States.TaskFailed", "Broken"])
def test_these_names_take_an_error_of_a_task(name: str) -> None:
    state = task(Catch=[{"ErrorEquals": [name], "Next": "after"}])
    assert played(machine(work=state, after={"Type": "Pass"}), work=[fails()]).status is Status.SUCCEEDED


def test_task_failed_does_not_take_a_timeout() -> None:
    state = task(TimeoutSeconds=2, Catch=[{"ErrorEquals": ["States.TaskFailed"], "Next": "after"}])
    run = played(machine(work=state, after={"Type": "Pass"}), work=[[]])
    assert run.execution.error == "States.Timeout"


@pytest.mark.parametrize("names", [["States.ALL"], ["States.Runtime"]])
def test_nothing_takes_a_runtime_error_of_the_state_itself(names: list[str]) -> None:
    state = task(OutputPath="$.nothing", Catch=[{"ErrorEquals": names, "Next": "after"}], Retry=[retry(*names)])
    run = played(machine(work=state, after={"Type": "Pass"}), work=[gives({})])
    assert (run.status, run.execution.error) == (Status.FAILED, "States.Runtime")
    assert len(run.script.requests) == 1


def test_a_failed_evaluation_of_arguments_can_be_caught() -> None:
    state = task(Arguments="{% $nothing %}", Catch=[{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "after"}])
    run = played({**machine(work=state, after={"Type": "Pass"}), "QueryLanguage": "JSONata"})
    assert run.status is Status.SUCCEEDED
    assert run.types[:4] == ["ExecutionStarted", "TaskStateEntered", "EvaluationFailed", "TaskStateExited"]
