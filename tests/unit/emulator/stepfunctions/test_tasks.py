"""Work that executions ask for: services, functions, activities, tokens, children."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bunsui.aws.service_calls import ServiceFailure
from bunsui.model.json import Json
from tests.unit.emulator.stepfunctions.bench import HERE, Bench, calling, passing, running, waiting

FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:f"
LAMBDA = "arn:aws:states:::lambda:invoke"


@pytest.fixture
def bench() -> Iterator[Bench]:
    with running() as found:
        yield found


def refusing(code: str, message: str, *, name: str = "DynamoDB", is_modelled: bool = True) -> Any:
    """Return a handler that refuses."""

    def refuse(_arguments: Mapping[str, Json]) -> dict[str, Json]:
        raise ServiceFailure(code=code, message=message, status=400, request_id="r-1", name=name, is_modelled=is_modelled)

    return refuse


def test_lambda_invoke_gives_the_payload_with_what_is_told_of_the_call(bench: Bench) -> None:
    bench.services.handlers["lambda", "invoke"] = lambda request: {
        "Payload": json.dumps({"got": json.loads(str(request["Payload"]))}),
        "StatusCode": 200,
        "ExecutedVersion": "$LATEST",
    }

    found = bench.ran(calling(LAMBDA, {"FunctionName": FUNCTION, "Payload": {"day": "{% $states.input.day %}"}}), {"day": 3})
    output = json.loads(found["output"])

    assert output["Payload"] == {"got": {"day": 3}}
    assert (output["StatusCode"], output["ExecutedVersion"]) == (200, "$LATEST")
    assert output["SdkResponseMetadata"] == {"RequestId": "r-1"}
    assert output["SdkHttpMetadata"]["AllHttpHeaders"] == {"content-type": ["text"]}


def test_a_function_named_by_its_arn_gives_its_answer_alone(bench: Bench) -> None:
    bench.services.handlers["lambda", "invoke"] = lambda _request: {"Payload": '[1, "two"]', "StatusCode": 200}

    execution = bench.start(bench.machine("m", calling(FUNCTION)))

    assert json.loads(bench.ended(execution)["output"]) == [1, "two"]
    assert "LambdaFunctionSucceeded" in bench.types(execution)


def test_an_exception_of_a_function_is_retried_and_caught_by_its_own_name(bench: Bench) -> None:
    tries: list[int] = []

    def fail(_request: Mapping[str, Json]) -> dict[str, Json]:
        tries.append(1)
        error = {"errorType": "StaleData", "errorMessage": "too old", "stackTrace": ["line 5"]}
        return {"Payload": json.dumps(error), "FunctionError": "Unhandled", "StatusCode": 200}

    bench.services.handlers["lambda", "invoke"] = fail
    retry = [{"ErrorEquals": ["StaleData"], "MaxAttempts": 2, "IntervalSeconds": 1, "BackoffRate": 1}]
    definition = calling(LAMBDA, {"FunctionName": "f"}, Retry=retry, Catch=[{"ErrorEquals": ["StaleData"], "Next": "caught"}])
    definition["States"]["caught"] = {"Type": "Pass", "End": True}

    found = bench.ran(definition)

    assert len(tries) == 3
    assert json.loads(json.loads(found["output"])["Cause"])["stackTrace"] == ["line 5"]


def test_a_service_is_called_with_its_own_names_and_its_errors_are_named_after_it(bench: Bench) -> None:
    bench.services.handlers["dynamodb", "putItem"] = refusing("ConditionalCheckFailedException", "no")
    bench.services.handlers["s3", "getObject"] = refusing("NoSuchKey", "no key", name="S3")
    bench.services.handlers["sns", "publish"] = refusing("Odd", "?", name="SNS", is_modelled=False)

    optimized = bench.ran(calling("arn:aws:states:::dynamodb:putItem", {"TableName": "t"}))
    sdk = bench.ran(calling("arn:aws:states:::aws-sdk:s3:getObject", {"Bucket": "b", "Key": "k"}))
    unknown = bench.ran(calling("arn:aws:states:::sns:publish", {"TopicArn": "t", "Message": "m"}))

    assert optimized["error"] == "DynamoDB.ConditionalCheckFailedException"
    assert optimized["cause"] == (
        "no (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: ConditionalCheckFailedException;"
        " Request ID: r-1; Proxy: null)"
    )
    assert sdk["error"] == "S3.NoSuchKeyException"
    assert sdk["cause"] == "no key (Service: S3, Status Code: 400, Request ID: r-1) (SDK Attempt Count: 1)"
    assert unknown["error"] == "SNS.AmazonSNSException"


def test_events_that_were_not_taken_fail_the_task(bench: Bench) -> None:
    bench.services.handlers["events", "putEvents"] = lambda _request: {"Entries": [{"ErrorCode": "x"}], "FailedEntryCount": 1}

    found = bench.ran(calling("arn:aws:states:::events:putEvents", {"Entries": []}))

    assert found["error"] == "EventBridge.FailedEntry"
    assert json.loads(found["cause"])["FailedEntryCount"] == 1


@pytest.mark.parametrize("resource", ["glue:startJobRun.sync", "athena:startQueryExecution", "batch:submitJob.sync"])
def test_an_integration_that_is_not_there_fails_at_once_and_is_named(bench: Bench, resource: str) -> None:
    found = bench.ran(calling(f"arn:aws:states:::{resource}", {"JobName": "j", "QueryString": "q"}))

    assert found["error"] == "States.Runtime"
    assert resource in found["cause"]


def test_a_call_that_takes_too_long_times_out(bench: Bench) -> None:
    release = threading.Event()
    bench.services.handlers["sqs", "sendMessage"] = lambda _request: {"x": release.wait(10)}

    found = bench.ran(calling("arn:aws:states:::sqs:sendMessage", {"QueueUrl": "q", "MessageBody": "m"}, TimeoutSeconds=1))
    release.set()

    assert (found["status"], found["error"]) == ("FAILED", "States.Timeout")


def with_token() -> dict[str, Any]:
    """Return a machine that sends a token and waits for it."""
    body = {"token": "{% $states.context.Task.Token %}"}
    return calling("arn:aws:states:::sqs:sendMessage.waitForTaskToken", {"QueueUrl": "q", "MessageBody": body})


def token_of(bench: Bench) -> str:
    """Wait for the message; give the token in it."""
    deadline = time.monotonic() + 5
    while not (sent := [request for _, action, request in bench.services.calls if action == "sendMessage"]):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    body: Any = sent[-1]["MessageBody"]
    return str(body["token"])


def test_a_token_ends_its_task_once(bench: Bench) -> None:
    bench.services.handlers["sqs", "sendMessage"] = lambda _request: {"MessageId": "1"}
    execution = bench.start(bench.machine("m", with_token()))
    token = token_of(bench)

    bench.ask("SendTaskHeartbeat", taskToken=token)
    bench.ask("SendTaskSuccess", taskToken=token, output='{"rows": 3}')

    assert json.loads(bench.ended(execution)["output"]) == {"rows": 3}
    assert bench.types(execution)[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    assert bench.refusal("SendTaskSuccess", taskToken=token, output="1").code == "TaskTimedOut"
    assert bench.refusal("SendTaskFailure", taskToken="nonsense").code == "InvalidToken"
    assert bench.refusal("SendTaskSuccess", taskToken=token, output="{").code == "InvalidOutput"


def test_a_token_fails_its_task(bench: Bench) -> None:
    bench.services.handlers["sqs", "sendMessage"] = lambda _request: {"MessageId": "1"}
    execution = bench.start(bench.machine("m", with_token()))

    bench.ask("SendTaskFailure", taskToken=token_of(bench), error="Late", cause="very")

    found = bench.ended(execution)
    assert (found["error"], found["cause"]) == ("Late", "very")


def test_a_worker_takes_the_work_of_an_activity_whenever_it_comes(bench: Bench) -> None:
    activity = bench.ask("CreateActivity", name="a")["activityArn"]
    machine = bench.machine("m", calling(activity, {"n": "{% $states.input %}"}))
    early = bench.service.answer(HERE, "GetActivityTask", {"activityArn": activity, "workerName": "w"})
    first = bench.start(machine, 1)
    work = early.result(timeout=5)
    second = bench.start(machine, 2)
    later = bench.ask("GetActivityTask", activityArn=activity)

    bench.ask("SendTaskSuccess", taskToken=work["taskToken"], output=work["input"])
    bench.ask("SendTaskSuccess", taskToken=later["taskToken"], output=later["input"])

    assert json.loads(bench.ended(first)["output"]) == {"n": 1}
    assert json.loads(bench.ended(second)["output"]) == {"n": 2}
    events = bench.ask("GetExecutionHistory", executionArn=first)["events"]
    started = next(event for event in events if event["type"] == "ActivityStarted")
    assert started["activityStartedEventDetails"] == {"workerName": "w"}


def test_work_of_an_execution_that_was_stopped_is_not_given_out(bench: Bench) -> None:
    activity = bench.ask("CreateActivity", name="a")["activityArn"]
    machine = bench.machine("m", calling(activity, {"n": "{% $states.input %}"}))
    bench.ask("StopExecution", executionArn=bench.start(machine, 1))
    bench.start(machine, 2)

    assert json.loads(bench.ask("GetActivityTask", activityArn=activity)["input"]) == {"n": 2}


def test_an_activity_that_does_not_exist_fails_the_task(bench: Bench) -> None:
    found = bench.ran(calling("arn:aws:states:us-east-1:111111111111:activity:none"))

    assert (found["status"], found["error"]) == ("FAILED", "States.Runtime")
    assert "activity:none does not exist" in found["cause"]


def starting(bench: Bench, child: str) -> None:
    """Let the service `stepfunctions` be this one."""

    def start(request: Mapping[str, Json]) -> dict[str, Json]:
        answer = bench.ask("StartExecution", stateMachineArn=child, input=json.dumps(request.get("Input", {})))
        return {"ExecutionArn": answer["executionArn"], "StartDate": "now"}

    bench.services.handlers["stepfunctions", "startExecution"] = start


@pytest.mark.parametrize(("pattern", "output"), [(".sync", '{"rows":3}'), (".sync:2", {"rows": 3})])
def test_a_child_execution_is_waited_for(bench: Bench, pattern: str, output: Json) -> None:
    child = bench.machine("child", passing({"rows": 3}))
    starting(bench, child)

    found = bench.ran(calling(f"arn:aws:states:::states:startExecution{pattern}", {"StateMachineArn": child}))
    about = json.loads(found["output"])

    assert (about["Status"], about["Output"], about["StateMachineArn"]) == ("SUCCEEDED", output, child)


def test_a_failed_child_fails_the_task_with_all_that_is_known_of_it(bench: Bench) -> None:
    child = bench.machine("child", {"StartAt": "no", "States": {"no": {"Type": "Fail", "Error": "E", "Cause": "C"}}})
    starting(bench, child)

    found = bench.ran(calling("arn:aws:states:::states:startExecution.sync:2", {"StateMachineArn": child}))
    about = json.loads(found["cause"])

    assert found["error"] == "States.TaskFailed"
    assert (about["Status"], about["Error"], about["Cause"]) == ("FAILED", "E", "C")


def test_stopping_a_parent_stops_the_child_that_it_waits_for(bench: Bench) -> None:
    child = bench.machine("child", waiting())
    starting(bench, child)
    parent = bench.start(bench.machine("m", calling("arn:aws:states:::states:startExecution.sync", {"StateMachineArn": child})))
    deadline = time.monotonic() + 5
    while "TaskSubmitted" not in bench.types(parent):
        assert time.monotonic() < deadline
        time.sleep(0.01)

    bench.ask("StopExecution", executionArn=parent)

    (execution,) = bench.ask("ListExecutions", stateMachineArn=child)["executions"]
    assert bench.ended(execution["executionArn"])["status"] == "ABORTED"
