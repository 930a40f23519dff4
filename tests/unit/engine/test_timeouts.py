"""Time: waits, timeouts of states and machines, heartbeats.

Facts: https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from bunsui.engine.execution import Status
from bunsui.engine.tasks import TaskBeat, TaskSucceeded, TaskTaken
from tests.scripted import gives, machine, played, task

ACTIVITY = "arn:aws:states:us-east-1:123456789012:activity:hands"
TOKEN = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"


def test_hours_of_waiting_cost_nothing_and_show_in_the_timestamps() -> None:
    run = played(machine(rest={"Type": "Wait", "Seconds": 7200}, more={"Type": "Wait", "Seconds": 60}))
    assert run.seconds == 7260


def test_a_wait_until_an_instant_ends_then() -> None:
    run = played(machine(rest={"Type": "Wait", "Timestamp": "2026-03-01T01:00:00Z"}))
    assert run.seconds == 3600


def test_an_instant_that_has_passed_does_not_wait() -> None:
    assert played(machine(rest={"Type": "Wait", "TimestampPath": "$.at"}), {"at": "2025-01-01T00:00:00Z"}).seconds == 0


def test_a_wait_reads_jsonata() -> None:
    definition = {**machine(rest={"Type": "Wait", "Seconds": "{% 2 * 30 %}"}), "QueryLanguage": "JSONata"}
    assert played(definition).seconds == 60


@pytest.mark.parametrize(
    ("value", "words"), [(-1, "references a negative value: $.n == -1"), ("x", 'cannot be parsed as a long value: $.n == "x"')]
)
def test_seconds_that_are_none_fail_the_execution(value: Any, words: str) -> None:
    run = played(machine(rest={"Type": "Wait", "SecondsPath": "$.n"}), {"n": value})
    assert run.execution.error == "States.Runtime"
    assert str(run.execution.cause).endswith(words)


def passing_map(**more: Any) -> dict[str, Any]:
    processor = {"StartAt": "keep", "States": {"keep": {"Type": "Pass", "End": True}}}
    return {"Type": "Map", "Items": [1], "ItemProcessor": processor, **more}


VALUES: list[tuple[dict[str, Any], str, Any]] = [
    ({"Type": "Wait"}, "Seconds", -1),
    ({"Type": "Wait"}, "Seconds", 1.5),
    ({"Type": "Wait"}, "Seconds", 10**9),
    ({"Type": "Wait"}, "Seconds", "x"),
    ({"Type": "Wait"}, "Timestamp", "2016-13-05T21:29:29Z"),
    ({"Type": "Wait"}, "Timestamp", "2016-12-05 21:29:29"),
    ({"Type": "Wait"}, "Timestamp", 5),
    (task(), "TimeoutSeconds", -1),
    (task(), "TimeoutSeconds", 0),
    (task(), "TimeoutSeconds", 1.5),
    (task(), "HeartbeatSeconds", -1),
    (passing_map(), "MaxConcurrency", -1),
    (passing_map(), "MaxConcurrency", 1.5),
    (passing_map(), "ToleratedFailureCount", -1),
    (passing_map(), "ToleratedFailurePercentage", 101),
]


@pytest.mark.parametrize(("state", "field", "value"), VALUES)
def test_a_value_that_a_jsonata_field_cannot_use_is_an_evaluation_that_failed(
    state: dict[str, Any], field: str, value: Any
) -> None:
    state = {**{key: item for key, item in state.items() if key != field}, field: "{% $states.input.at %}"}
    alone = machine(only=state)
    run = played({**alone, "QueryLanguage": "JSONata"}, {"at": value})
    assert run.execution.error == "States.QueryEvaluationError"
    (told,) = run.details("EvaluationFailed")
    assert (told["location"], told["state"], told["error"]) == (field, "only", "States.QueryEvaluationError")
    assert run.execution.cause == told["cause"]
    around = {"Type": "Parallel", "Branches": [alone], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "handled"}]}
    caught = {**machine(around=around, handled={"Type": "Pass"}), "QueryLanguage": "JSONata"}
    assert played(caught, {"at": value}).status is Status.SUCCEEDED


def test_a_timestamp_that_is_none_is_told_as_recorded() -> None:
    rest = {"Type": "Wait", "Timestamp": "{% $states.input.at %}"}
    run = played({**machine(rest=rest), "QueryLanguage": "JSONata"}, {"at": "2016-12-05 21:29:29Z"})
    assert run.execution.cause == (
        "An error occurred while executing the state 'rest' (entered at the event id #2). The Timestamp field cannot be parsed "
        "as an ISO-8601 extended offset date-time format string: 2016-12-05 21:29:29Z"
    )


@pytest.mark.parametrize("pattern", [".waitForTaskToken", ".sync", ".sync:2"])
def test_tasks_that_wait_for_work_of_others_have_a_token(pattern: str) -> None:
    resource = f"arn:aws:states:::states:startExecution{pattern}"
    state = {"Type": "Task", "Resource": resource, "Parameters": {"Input": {"token.$": "$$.Task.Token"}}}
    run = played(machine(work=state), work=[gives(1)])
    assert run.status is Status.SUCCEEDED
    assert json.loads(run.details("TaskScheduled")[0]["parameters"])["Input"]["token"]


def test_tasks_that_wait_for_an_answer_have_none() -> None:
    state = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution", "Parameters": {"a.$": "$$.Task.Token"}}
    assert played(machine(work=state), work=[gives(1)]).execution.error == "States.Runtime"


def test_a_task_that_takes_too_long_times_out_and_is_stopped() -> None:
    run = played(machine(work=task(TimeoutSeconds=30)), work=[gives(after_seconds=31)])
    assert run.seconds == 30
    assert run.types[-2:] == ["LambdaFunctionTimedOut", "ExecutionFailed"]
    assert run.details("LambdaFunctionTimedOut") == [{"error": "States.Timeout"}]
    assert run.script.stopped == ["work"]


def test_every_try_has_its_own_timeout() -> None:
    state = task(TimeoutSeconds=10, Retry=[{"ErrorEquals": ["States.Timeout"], "IntervalSeconds": 5, "MaxAttempts": 1}])
    run = played(machine(work=state), work=[[], gives(after_seconds=9)])
    assert (run.status, run.seconds) == (Status.SUCCEEDED, 24)


def test_a_missed_heartbeat_times_out_and_is_known_by_both_names() -> None:
    state = {"Type": "Task", "Resource": TOKEN, "HeartbeatSeconds": 10, "TimeoutSeconds": 600}
    run = played(machine(work=state), work=[[8, TaskBeat(), 8, TaskBeat()]])
    assert run.seconds == 26
    assert run.execution.error == "States.Timeout"
    for name in ("States.HeartbeatTimeout", "States.Timeout"):
        caught = {**state, "Catch": [{"ErrorEquals": [name], "Next": "after"}]}
        assert played(machine(work=caught, after={"Type": "Pass"}), work=[[]]).status is Status.SUCCEEDED


def test_heartbeats_keep_a_task_alive() -> None:
    state = {"Type": "Task", "Resource": TOKEN, "HeartbeatSeconds": 10}
    run = played(machine(work=state), work=[[9, TaskBeat(), 9, TaskBeat(), 9, TaskSucceeded(output=1)]])
    assert (run.status, run.seconds) == (Status.SUCCEEDED, 27)


def test_an_activity_starts_when_a_worker_takes_it() -> None:
    state = {"Type": "Task", "Resource": ACTIVITY}
    run = played(machine(work=state), work=[[5, TaskTaken(worker="w"), 5, TaskSucceeded(output=1)]])
    assert run.types[2:5] == ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]
    assert run.details("ActivityStarted") == [{"workerName": "w"}]


def test_the_timeout_of_the_machine_ends_everything() -> None:
    definition = {**machine(work=task(), rest={"Type": "Wait", "Seconds": 100}), "TimeoutSeconds": 50}
    run = played(definition, work=[gives(after_seconds=20)])
    assert (run.status, run.seconds) == (Status.TIMED_OUT, 50)
    assert run.details("ExecutionTimedOut") == [{"error": "States.Timeout"}]
    assert (run.execution.error, run.execution.cause) == (None, None)


def test_an_express_execution_lasts_five_minutes_at_most() -> None:
    run = played(machine(rest={"Type": "Wait", "Seconds": 301}), kind="EXPRESS")
    assert (run.status, run.seconds) == (Status.TIMED_OUT, 300)


@pytest.mark.slow
def test_an_express_execution_that_lets_no_time_pass_ends_too() -> None:
    definition = {"StartAt": "a", "States": {"a": {"Type": "Pass", "Next": "b"}, "b": {"Type": "Pass", "Next": "a"}}}
    assert played(definition, kind="EXPRESS").status is Status.TIMED_OUT


def test_a_timestamp_that_is_none_is_named_with_its_value() -> None:
    run = played(machine(rest={"Type": "Wait", "TimestampPath": "$.at"}), {"at": "tomorrow"})
    assert str(run.execution.cause).endswith(
        "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: "
        "$.at == tomorrow"
    )


def test_a_standard_execution_lasts_a_year_at_most() -> None:
    run = played(machine(work=task()), work=[[]])
    assert (run.status, run.seconds) == (Status.TIMED_OUT, 365 * 86400)


def test_a_late_answer_changes_nothing() -> None:
    state = task(TimeoutSeconds=5, Catch=[{"ErrorEquals": ["States.Timeout"], "Next": "rest"}])
    run = played(machine(work=state, rest={"Type": "Wait", "Seconds": 60}), work=[gives("late", after_seconds=30)])
    assert run.status is Status.SUCCEEDED
    assert "LambdaFunctionSucceeded" not in run.types
