"""The event history."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.engine.execution import Status
from bunsui.engine.run import run as run_once
from bunsui.engine.tasks import TaskFailed, TaskSubmitted, TaskSucceeded
from tests.scripted import FUNCTION, begun, fails, gives, machine, played, task

SYNC = "arn:aws:states:::batch:submitJob.sync"


def test_ids_count_up_and_every_event_follows_an_earlier_one() -> None:
    run = played(machine(a={"Type": "Pass"}, work=task(), end={"Type": "Succeed"}))
    ids = [event["id"] for event in run.execution.events]
    assert ids == list(range(1, len(ids) + 1))
    assert all(event["previousEventId"] < event["id"] for event in run.execution.events)
    assert [event["previousEventId"] for event in run.execution.events[:3]] == [0, 0, 2]


def test_timestamps_are_those_of_the_clock() -> None:
    run = played(machine(work=task()), work=[gives(after_seconds=12)])
    stamps = [event["timestamp"] for event in run.execution.events]
    assert stamps == sorted(stamps)
    assert (stamps[-1] - stamps[0]).total_seconds() == 12


def test_a_service_tells_who_it_is_in_every_event() -> None:
    state = {"Type": "Task", "Resource": SYNC, "TimeoutSeconds": 60, "Parameters": {"a": 1}}
    run = played(machine(work=state), work=[[TaskSubmitted(output={"JobId": "1"}), 5, TaskSucceeded(output="ok")]])
    who = {"resourceType": "batch", "resource": "submitJob.sync"}
    assert run.details("TaskScheduled") == [{**who, "region": "us-east-1", "parameters": '{"a":1}', "timeoutInSeconds": 60}]
    assert run.details("TaskStarted") == [who]
    assert run.details("TaskSubmitted") == [{**who, "output": '{"JobId":"1"}', "outputDetails": {"truncated": False}}]
    assert run.details("TaskSucceeded") == [{**who, "output": '"ok"', "outputDetails": {"truncated": False}}]


@pytest.mark.parametrize(
    ("resource", "family"),
    [
        (FUNCTION, "LambdaFunction"),
        ("arn:aws:states:::lambda:invoke", "Task"),
        ("arn:aws-cn:lambda:cn-north-1:123456789012:function:work:live", "LambdaFunction"),
        ("arn:aws:states:::aws-sdk:s3:getObject", "Task"),
        ("arn:aws:states:us-east-1:123456789012:activity:hands", "Activity"),
    ],
)
def test_the_resource_decides_how_events_are_called(resource: str, family: str) -> None:
    run = played(machine(work={"Type": "Task", "Resource": resource}))
    assert f"{family}Scheduled" in run.types
    assert f"{family}Succeeded" in run.types


def test_an_sdk_service_keeps_its_prefix() -> None:
    run = played(machine(work={"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:getObject"}))
    assert run.details("TaskStarted") == [{"resourceType": "aws-sdk:s3", "resource": "getObject"}]


@pytest.mark.parametrize(
    ("resource", "at", "types"),
    [
        (SYNC, "TaskSubmitFailed", ["TaskScheduled", "TaskStarted", "TaskSubmitFailed"]),
        (SYNC, "TaskStartFailed", ["TaskScheduled", "TaskStartFailed"]),
        (FUNCTION, "LambdaFunctionScheduleFailed", ["LambdaFunctionScheduled", "LambdaFunctionScheduleFailed"]),
    ],
)
def test_a_failure_is_told_where_it_happened(resource: str, at: str, types: list[str]) -> None:
    class Fails:
        def start(self, request: Any, report: Any) -> Any:
            report(TaskFailed(error="E", cause="C", at=at))
            return lambda: None

    result = run_once(machine(work={"Type": "Task", "Resource": resource}), {}, runner=Fails())
    assert [event["type"] for event in result.events][2:-1] == types


def test_assigned_variables_are_told_as_text() -> None:
    run = played(machine(a={"Type": "Pass", "Assign": {"x": {"y": 1}, "z": "s"}}))
    (details,) = run.details("PassStateExited")
    assert details["assignedVariables"] == {"x": '{"y":1}', "z": '"s"'}
    assert details["assignedVariablesDetails"] == {"truncated": False}


def test_a_failed_evaluation_tells_where() -> None:
    definition = {**machine(a={"Type": "Pass", "Output": {"b": ["{% $nothing %}"]}}), "QueryLanguage": "JSONata"}
    run = played(definition)
    (details,) = run.details("EvaluationFailed")
    assert (details["state"], details["location"], details["error"]) == ("a", "Output/b[0]", "States.QueryEvaluationError")
    assert run.types == ["ExecutionStarted", "PassStateEntered", "EvaluationFailed", "ExecutionFailed"]


def test_credentials_are_told() -> None:
    run = played(machine(work=task(Credentials={"RoleArn": "arn:aws:iam::1:role/other"})))
    assert run.details("LambdaFunctionScheduled")[0]["taskCredentials"] == {"roleArn": "arn:aws:iam::1:role/other"}
    assert run.script.requests[0].credentials == {"RoleArn": "arn:aws:iam::1:role/other"}


def test_a_loop_ends_at_the_twenty_five_thousandth_event() -> None:
    definition = {"StartAt": "a", "States": {"a": {"Type": "Pass", "Next": "b"}, "b": {"Type": "Pass", "Next": "a"}}}
    run = played(definition)
    assert (run.status, run.execution.error) == (Status.FAILED, "States.Runtime")
    assert len(run.execution.events) == 25_000
    assert run.types[-1] == "ExecutionFailed"


def test_a_result_that_is_too_large_fails_the_task_and_can_be_caught() -> None:
    run = played(machine(work=task()), work=[gives("x" * 262_143)])
    assert run.execution.error == "States.DataLimitExceeded"
    assert run.types[-2:] == ["LambdaFunctionFailed", "ExecutionFailed"]
    assert played(machine(work=task()), work=[gives("x" * 262_142)]).status is Status.SUCCEEDED
    state = task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "after"}])
    caught = played(machine(work=state, after={"Type": "Pass"}), work=[gives("x" * 262_143)])
    assert caught.status is Status.SUCCEEDED


def test_bytes_are_counted_not_characters() -> None:
    assert played(machine(work=task()), work=[gives("é" * 131_071)]).status is Status.SUCCEEDED
    assert played(machine(work=task()), work=[gives("é" * 131_072)]).status is Status.FAILED


def test_a_listener_hears_every_event() -> None:
    heard: list[str] = []
    run = begun(machine(a={"Type": "Pass"}))
    run.execution.history.listener = lambda event: heard.append(event["type"])
    run.drain()
    assert heard == run.types[1:]


def test_an_error_without_name_or_cause_leaves_the_fields_out() -> None:
    run = played(machine(end={"Type": "Fail"}))
    assert run.details("ExecutionFailed") == [{}]
    assert played(machine(work=task()), work=[fails("E", "")]).details("ExecutionFailed") == [{"error": "E"}]


def test_a_history_that_is_full_while_siblings_are_aborted_still_stops_their_work() -> None:
    branches = [{"StartAt": name, "States": {name: task(End=True)}} for name in ("bad", "one", "two")]
    states = machine(all={"Type": "Parallel", "Branches": branches})
    run = begun(states, bad=[fails(after_seconds=5)], one=[[]], two=[[]])
    run.pass_seconds(1)
    run.execution.history.most = len(run.execution.events) + 3
    run.drain()
    assert run.execution.cause == "The execution reached the maximum number of history events (25000)."
    assert sorted(run.script.stopped) == ["one", "two"]


def test_arguments_that_are_too_large_are_not_sent() -> None:
    run = played(machine(work=task(Parameters={"a.$": "$", "b.$": "$"})), "x" * 200_000)
    assert run.execution.error == "States.DataLimitExceeded"
    assert run.script.requests == []


def test_an_expression_of_the_wrong_kind_fails_its_evaluation() -> None:
    for state in ({"Type": "Fail", "Error": "{% 5 %}"}, {"Type": "Wait", "Seconds": "{% 'x' %}", "End": True}):
        run = played({"QueryLanguage": "JSONata", "StartAt": "a", "States": {"a": state}})
        assert run.execution.error == "States.QueryEvaluationError", state
