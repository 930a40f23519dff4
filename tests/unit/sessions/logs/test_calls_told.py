"""What each event tells of a call, and to which call it belongs, also where events name none before them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bunsui.model.session import HistoryEvent
from bunsui.sessions.logs.calls import CallKind, TaskCall, calls_of, map_runs_of, request_id_in
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.trace import Trace, read_trace
from tests.unit.sessions.logs.test_calls import ECS, FUNCTION, ID, LAMBDA, TASK, answered, calls, scheduled
from tests.unit.sessions.logs.test_invocations import at

STATES = {"resourceType": "states", "resource": "startExecution.sync:2"}
SHAPE = machine_shape(
    {
        "StartAt": "_start",
        "States": {
            "_start": {"Type": "Pass"},
            "load": {"Type": "Task"},
            "clean": {"Type": "Task", "Resource": FUNCTION},
            "each": {"Type": "Map"},
        },
    }
)


def unchained(*events: tuple[str, dict[str, Any]]) -> Trace:
    """Return a history whose events do not name the one before them, an event a second."""
    whole = [("ExecutionStarted", {}), *events]
    return read_trace(
        [
            HistoryEvent(id=number, previous_id=0, type=kind, at=at(number), details=details)
            for number, (kind, details) in enumerate(whole, 1)
        ]
    )


@pytest.mark.parametrize(
    ("about", "kind"),
    [
        (LAMBDA, CallKind.FUNCTION),
        ({"resourceType": "aws-sdk:lambda", "resource": "invoke"}, CallKind.FUNCTION),
        ({"resourceType": "lambda", "resource": "invoke.waitForTaskToken"}, CallKind.FUNCTION),
        ({"resourceType": "aws-sdk:lambda", "resource": "getFunction"}, None),
        (ECS, CallKind.CONTAINERS),
        ({"resourceType": "ecs", "resource": "stopTask"}, None),
        (STATES, CallKind.EXECUTION),
        ({"resourceType": "states", "resource": "sendTaskSuccess"}, None),
        ({"resourceType": "glue", "resource": "startJobRun.sync"}, None),
    ],
)
def test_what_has_a_log_of_its_own_is_a_call(about: dict[str, str], kind: CallKind | None) -> None:
    assert [call.kind for call in calls(scheduled(about, FunctionName=FUNCTION))] == ([kind] if kind is not None else [])
    assert [call.target for call in calls(scheduled(about))] == ([""] if kind is not None else [])


@pytest.mark.parametrize(
    ("event", "started", "ended", "is_answered", "was_refused"),
    [
        (("TaskStarted", LAMBDA), 4, None, False, False),
        (("TaskSubmitted", LAMBDA), 3, None, False, False),
        (("TaskStartFailed", LAMBDA), 3, 4, True, True),
        (("TaskSubmitFailed", LAMBDA), 3, 4, True, True),
        (("TaskTimedOut", LAMBDA), 3, 4, False, False),
        (("TaskSucceeded", LAMBDA), 3, 4, True, False),
        (("TaskFailed", LAMBDA), 3, 4, True, False),
    ],
)
def test_an_event_tells_how_far_a_call_is(
    event: tuple[str, dict[str, Any]], started: int, ended: int | None, is_answered: bool, was_refused: bool
) -> None:
    (call,) = calls(scheduled(LAMBDA, FunctionName=FUNCTION), event)
    assert (call.started_at, call.ended_at) == (at(started), at(ended) if ended is not None else None)
    assert (call.is_answered, call.was_refused) == (is_answered, was_refused)


@pytest.mark.parametrize(
    ("event", "is_answered", "was_refused", "ended"),
    [
        ("LambdaFunctionStarted", False, False, None),
        ("LambdaFunctionScheduleFailed", True, True, 4),
        ("LambdaFunctionStartFailed", True, True, 4),
        ("LambdaFunctionTimedOut", False, False, 4),
        ("LambdaFunctionSucceeded", True, False, 4),
        ("LambdaFunctionFailed", True, False, 4),
    ],
)
def test_a_bare_function_is_told_alike(event: str, is_answered: bool, was_refused: bool, ended: int | None) -> None:
    (call,) = calls(("LambdaFunctionScheduled", {"resource": FUNCTION}), (event, {}))
    assert (call.is_answered, call.was_refused, call.function) == (is_answered, was_refused, "clean")
    assert call.ended_at == (at(ended) if ended is not None else None)


def test_what_nobody_answered_ends_with_its_execution() -> None:
    (call,) = calls(scheduled(LAMBDA, FunctionName=FUNCTION), ("ExecutionAborted", {}))
    assert (call.ended_at, call.is_answered) == (at(4), False)


def test_a_state_names_its_function_where_the_event_does_not() -> None:
    entered = ("TaskStateEntered", {"name": "clean", "input": "{}"})
    (call,) = calls_of(SHAPE, unchained(entered, ("LambdaFunctionScheduled", {})))
    assert (call.job, call.state, call.target, call.function) == ("clean", "clean", FUNCTION, "clean")
    (named,) = calls_of(SHAPE, unchained(entered, scheduled(LAMBDA)))
    assert named.target == FUNCTION


def test_without_links_an_event_belongs_to_the_last_call_of_the_state_that_is_open() -> None:
    answer = {"SdkResponseMetadata": {"RequestId": ID}}
    trace = unchained(
        ("TaskStateEntered", {"name": "load", "input": "{}"}),
        scheduled(LAMBDA, FunctionName="one"),
        ("TaskFailed", {**LAMBDA, "cause": "x"}),
        scheduled(LAMBDA, FunctionName="two"),
        answered(LAMBDA, answer),
    )
    found = calls_of(SHAPE, trace)
    assert [(call.function, call.ended_at, call.request_id) for call in found] == [("one", at(4), ""), ("two", at(6), ID)]


def test_with_links_an_event_of_something_else_is_no_calls() -> None:
    sqs = {"resourceType": "sqs", "resource": "sendMessage"}
    (call,) = calls(
        scheduled(LAMBDA, FunctionName="one"), ("TaskFailed", {**LAMBDA, "cause": "x"}), scheduled(sqs), ("TaskTimedOut", sqs)
    )
    assert (call.ended_at, call.is_answered) == (at(4), True)


def test_a_call_outside_of_every_state_is_none() -> None:
    assert calls_of(SHAPE, unchained(scheduled(LAMBDA, FunctionName="one"), ("TaskStarted", LAMBDA))) == ()


def test_a_state_that_the_definition_lacks_has_no_job() -> None:
    entered = ("TaskStateEntered", {"name": "gone", "input": "{}"})
    (call,) = calls_of(SHAPE, unchained(entered, scheduled(LAMBDA, FunctionName="one")))
    assert (call.job, call.state, call.function) == ("", "gone", "one")


def test_runs_of_maps_are_told_with_their_jobs() -> None:
    def run(name: str, arn: str) -> list[tuple[str, dict[str, Any]]]:
        return [("MapStateEntered", {"name": name, "input": "{}"}), ("MapRunStarted", {"mapRunArn": arn})]

    trace = unchained(*run("each", "run:1"), ("MapStateExited", {"name": "each"}), *run("gone", "run:2"))
    assert map_runs_of(SHAPE, trace) == (("each", "run:1"), ("", "run:2"))
    assert map_runs_of(SHAPE, unchained(("MapStateEntered", {"name": "each", "input": "{}"}))) == ()


def one_call(about: dict[str, str], *events: tuple[str, dict[str, Any]]) -> TaskCall:
    (call,) = calls(scheduled(about, FunctionName=FUNCTION), *events)
    return call


def test_what_was_known_stays_known_when_an_answer_tells_nothing_of_it() -> None:
    submitted = answered(LAMBDA, {"SdkResponseMetadata": {"RequestId": ID}}, "TaskSubmitted")
    assert one_call(LAMBDA, submitted, answered(LAMBDA, {"SdkResponseMetadata": "x"})).request_id == ID
    started = answered(STATES, {"ExecutionArn": "arn:child"}, "TaskSubmitted")
    assert one_call(STATES, started, answered(STATES, {})).child_arn == "arn:child"
    assert one_call(STATES, started, ("TaskFailed", {**STATES, "cause": "{}"})).child_arn == "arn:child"
    told = json.dumps({"ExecutionArn": "arn:other"})
    assert one_call(STATES, started, ("TaskFailed", {**STATES, "cause": told})).child_arn == "arn:other"
    task = answered(ECS, {"Tasks": [TASK]}, "TaskSubmitted")
    kept = one_call(ECS, task, answered(ECS, {"Tasks": []}))
    assert (kept.task_arn, kept.definition_arn, kept.containers) == (
        TASK["TaskArn"],
        TASK["TaskDefinitionArn"],
        {"load": "0f3f3c1b-265927825"},
    )
    assert one_call(ECS, answered(ECS, TASK)).task_arn == TASK["TaskArn"], "of .sync the answer is the task itself"
    bare = {**TASK, "Containers": [{"Name": "a"}, {"RuntimeId": "b"}, "x"]}
    assert one_call(ECS, answered(ECS, bare)).containers == {"a": ""}


@pytest.mark.parametrize(
    ("cause", "was_refused", "request_id"),
    [
        (f"no (Service: AWSLambda; Status Code: 429; Request ID: {ID})", True, ""),
        (f"no (Service: Lambda, Status Code: 429, Request ID: {ID})", True, ""),
        (f"no RequestId: {ID} (Service: Lambda, Status Code: 429)", True, ""),
        (f"no (Service: Amazon S3; Request ID: {ID})", False, ""),
        (json.dumps({"errorMessage": f"(Service: Lambda RequestId: {ID}"}), False, ID),
        (f"RequestId: {ID} Process exited", False, ID),
        (f"{ID} Process exited before completing", False, ID),
        (f"RequestId: {ID}x", False, ""),
        ("", False, ""),
    ],
)
def test_a_failure_of_a_function_names_its_invocation_unless_lambda_refused_the_call(
    cause: str, was_refused: bool, request_id: str
) -> None:
    call = one_call(LAMBDA, ("TaskFailed", {**LAMBDA, "cause": cause}))
    assert (call.was_refused, call.request_id) == (was_refused, request_id)


def test_the_id_beside_a_message_is_preferred() -> None:
    other = ID.replace("8f2a", "0000")
    assert request_id_in(json.dumps({"requestId": ID, "errorMessage": f"RequestId: {other} Error"})) == ID
