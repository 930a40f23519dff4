"""What a history says of the calls: read from events as AWS records them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bunsui.model.session import HistoryEvent
from bunsui.sessions.logs.calls import CallKind, TaskCall, calls_of, request_id_in
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.trace import read_trace
from tests.unit.sessions.logs.test_invocations import at

FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:clean:3"
ID = "8f2ad7c1-6a54-4bb0-9b1a-0f3f3c1b2d4e"
LAMBDA = {"resourceType": "lambda", "resource": "invoke"}
ECS = {"resourceType": "ecs", "resource": "runTask.sync"}
TASK = {
    "TaskArn": "arn:aws:ecs:eu-west-1:111111111111:task/etl/0f3f3c1b",
    "TaskDefinitionArn": "arn:aws:ecs:eu-west-1:111111111111:task-definition/load:7",
    "Containers": [{"Name": "load", "RuntimeId": "0f3f3c1b-265927825"}],
}


def calls(*events: tuple[str, dict[str, Any]]) -> tuple[TaskCall, ...]:
    """Read the calls of a machine whose only task is the job `load`; an event a second, each after the one before."""
    whole = [("ExecutionStarted", {}), ("TaskStateEntered", {"name": "load", "input": "{}"}), *events]
    found = [
        HistoryEvent(id=number, previous_id=number - 1, type=kind, at=at(number), details=details)
        for number, (kind, details) in enumerate(whole, 1)
    ]
    shape = machine_shape({"StartAt": "_start", "States": {"_start": {"Type": "Pass"}, "load": {"Type": "Task"}}})
    return calls_of(shape, read_trace(found))


def scheduled(about: dict[str, str], **parameters: Any) -> tuple[str, dict[str, Any]]:
    return "TaskScheduled", {**about, "parameters": json.dumps(parameters)}


def answered(about: dict[str, str], output: Any, kind: str = "TaskSucceeded") -> tuple[str, dict[str, Any]]:
    return kind, {**about, "output": json.dumps(output)}


def test_the_answer_of_a_function_holds_the_id_of_its_invocation() -> None:
    answer = {"ExecutedVersion": "3", "Payload": {}, "SdkResponseMetadata": {"RequestId": ID}, "StatusCode": 200}
    started = ("TaskStarted", LAMBDA)
    [call] = calls(scheduled(LAMBDA, FunctionName=FUNCTION), started, answered(LAMBDA, answer))
    assert (call.kind, call.job, call.function, call.request_id) == (CallKind.FUNCTION, "load", "clean", ID)
    assert (call.started_at, call.ended_at, call.is_answered) == (at(4), at(5), True)


@pytest.mark.parametrize(
    "cause",
    [
        json.dumps({"errorType": "ValueError", "errorMessage": "no", "requestId": ID, "stackTrace": []}),
        json.dumps({"errorMessage": f"2026-01-31T00:00:03.000Z {ID} Task timed out after 3.00 seconds"}),
        json.dumps({"errorMessage": f"RequestId: {ID} Error: Task timed out after 3.00 seconds"}),
        json.dumps({"errorMessage": f"RequestId: {ID} Error: Runtime exited with error: signal: killed"}),
    ],
)
def test_the_error_of_a_function_names_the_invocation(cause: str) -> None:
    assert request_id_in(cause) == ID
    failed = ("TaskFailed", {**LAMBDA, "error": "E", "cause": cause})
    [call] = calls(scheduled(LAMBDA, FunctionName=FUNCTION), failed)
    assert (call.request_id, call.is_answered, call.was_refused) == (ID, True, False)


def test_a_call_that_lambda_refused_invoked_nothing() -> None:
    cause = f"Rate Exceeded. (Service: Lambda, Status Code: 429, Request ID: {ID})"
    failed = ("TaskFailed", {**LAMBDA, "error": "Lambda.TooManyRequestsException", "cause": cause})
    [call] = calls(scheduled(LAMBDA, FunctionName=FUNCTION), failed)
    assert (call.request_id, call.was_refused) == ("", True)


def test_of_what_runs_and_of_what_was_given_up_no_event_names_the_invocation() -> None:
    [running] = calls(scheduled(LAMBDA, FunctionName="clean"), ("TaskStarted", LAMBDA))
    assert (running.request_id, running.ended_at, running.is_answered) == ("", None, False)
    [late] = calls(scheduled(LAMBDA, FunctionName="clean"), ("TaskTimedOut", {**LAMBDA, "error": "States.Timeout"}))
    assert (late.request_id, late.ended_at, late.is_answered) == ("", at(4), False)


def test_a_function_called_by_its_bare_arn_answers_without_an_id() -> None:
    [call] = calls(("LambdaFunctionScheduled", {"resource": FUNCTION}), ("LambdaFunctionSucceeded", {"output": "{}"}))
    assert (call.function, call.request_id, call.is_answered) == ("clean", "", True)


def test_each_try_is_a_call_of_its_own() -> None:
    failed = ("TaskFailed", {**LAMBDA, "error": "E", "cause": json.dumps({"requestId": ID})})
    again = (scheduled(LAMBDA, FunctionName=FUNCTION), ("TaskStarted", LAMBDA))
    found = calls(scheduled(LAMBDA, FunctionName=FUNCTION), failed, *again)
    assert [(call.request_id, call.is_answered) for call in found] == [(ID, True), ("", False)]


def test_a_task_of_ecs_is_known_once_it_was_submitted() -> None:
    submitted = answered(ECS, {"Tasks": [TASK], "Failures": []}, "TaskSubmitted")
    [call] = calls(scheduled(ECS), submitted)
    assert (call.kind, call.task_arn, call.is_answered) == (CallKind.CONTAINERS, TASK["TaskArn"], False)
    assert call.definition_arn == TASK["TaskDefinitionArn"]
    assert call.containers == {"load": "0f3f3c1b-265927825"}


def test_a_task_of_ecs_that_failed_is_told_in_the_cause() -> None:
    [call] = calls(scheduled(ECS), ("TaskFailed", {**ECS, "error": "States.TaskFailed", "cause": json.dumps(TASK)}))
    assert (call.task_arn, call.is_answered) == (TASK["TaskArn"], True)


def test_a_child_execution_is_named_when_it_was_started() -> None:
    states = {"resourceType": "states", "resource": "startExecution.sync:2"}
    [call] = calls(scheduled(states), answered(states, {"ExecutionArn": "arn:child"}, "TaskSubmitted"))
    assert (call.kind, call.child_arn) == (CallKind.EXECUTION, "arn:child")


def test_other_services_have_no_log_of_their_own() -> None:
    sqs = {"resourceType": "sqs", "resource": "sendMessage"}
    assert calls(scheduled(sqs), answered(sqs, {"SdkResponseMetadata": {"RequestId": ID}})) == ()
