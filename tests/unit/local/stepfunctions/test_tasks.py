"""Work that executions ask for: services, functions, activities, tokens, children, containers."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bunsui.aws.service_calls import ServiceFailure
from bunsui.model.values import Json
from tests.unit.local.stepfunctions.bench import HERE, Bench, ToldServices, calling, passing, running, saved, waiting

FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:f"
LAMBDA = "arn:aws:states:::lambda:invoke"


@pytest.fixture
def bench() -> Iterator[Bench]:
    with running() as found:
        yield found


def refusing(code: str, message: str, *, name: str = "DynamoDB", is_modelled: bool = True) -> Any:
    """Give a handler that refuses."""

    def refuse(_arguments: Mapping[str, Json]) -> dict[str, Json]:
        raise ServiceFailure(code=code, message=message, status=400, request_id="r-1", name=name, is_modelled=is_modelled)

    return refuse


def ran(bench: Bench, definition: Mapping[str, Any], payload: Json = None) -> dict[str, Any]:
    """Run a definition to its end; give the execution."""
    return bench.ended(bench.start(bench.machine(f"m{time.monotonic_ns()}", definition), payload))


def test_lambda_invoke_gives_the_payload_with_what_is_told_of_the_call(bench: Bench) -> None:
    bench.services.handlers["lambda", "invoke"] = lambda request: {
        "Payload": json.dumps({"got": json.loads(str(request["Payload"]))}),
        "StatusCode": 200,
        "ExecutedVersion": "$LATEST",
    }

    found = ran(bench, calling(LAMBDA, {"FunctionName": FUNCTION, "Payload": {"day": "{% $states.input.day %}"}}), {"day": 3})
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

    found = ran(bench, definition)

    assert len(tries) == 3
    assert json.loads(json.loads(found["output"])["Cause"])["stackTrace"] == ["line 5"]


def test_a_service_is_called_with_its_own_names_and_its_errors_are_named_after_it(bench: Bench) -> None:
    bench.services.handlers["dynamodb", "putItem"] = refusing("ConditionalCheckFailedException", "no")
    bench.services.handlers["s3", "getObject"] = refusing("NoSuchKey", "no key", name="S3")
    bench.services.handlers["sns", "publish"] = refusing("Odd", "?", name="SNS", is_modelled=False)

    optimized = ran(bench, calling("arn:aws:states:::dynamodb:putItem", {"TableName": "t"}))
    sdk = ran(bench, calling("arn:aws:states:::aws-sdk:s3:getObject", {"Bucket": "b", "Key": "k"}))
    unknown = ran(bench, calling("arn:aws:states:::sns:publish", {"TopicArn": "t", "Message": "m"}))

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

    found = ran(bench, calling("arn:aws:states:::events:putEvents", {"Entries": []}))

    assert found["error"] == "EventBridge.FailedEntry"
    assert json.loads(found["cause"])["FailedEntryCount"] == 1


@pytest.mark.parametrize("resource", ["glue:startJobRun.sync", "athena:startQueryExecution", "batch:submitJob.sync"])
def test_an_integration_that_is_not_there_fails_at_once_and_is_named(bench: Bench, resource: str) -> None:
    found = ran(bench, calling(f"arn:aws:states:::{resource}", {"JobName": "j", "QueryString": "q"}))

    assert found["error"] == "States.Runtime"
    assert resource in found["cause"]


def test_a_call_that_takes_too_long_times_out(bench: Bench) -> None:
    release = threading.Event()
    bench.services.handlers["sqs", "sendMessage"] = lambda _request: {"x": release.wait(10)}

    found = ran(bench, calling("arn:aws:states:::sqs:sendMessage", {"QueueUrl": "q", "MessageBody": "m"}, TimeoutSeconds=1))
    release.set()

    assert (found["status"], found["error"]) == ("FAILED", "States.Timeout")


def with_token() -> dict[str, Any]:
    """Give a machine that sends a token and waits for it."""
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
    found = ran(bench, calling("arn:aws:states:us-east-1:111111111111:activity:none"))

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

    found = ran(bench, calling(f"arn:aws:states:::states:startExecution{pattern}", {"StateMachineArn": child}))
    about = json.loads(found["output"])

    assert (about["Status"], about["Output"], about["StateMachineArn"]) == ("SUCCEEDED", output, child)


def test_a_failed_child_fails_the_task_with_all_that_is_known_of_it(bench: Bench) -> None:
    child = bench.machine("child", {"StartAt": "no", "States": {"no": {"Type": "Fail", "Error": "E", "Cause": "C"}}})
    starting(bench, child)

    found = ran(bench, calling("arn:aws:states:::states:startExecution.sync:2", {"StateMachineArn": child}))
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


def container(*command: str) -> ToldServices:
    """Give an ECS with one task definition of this command."""
    services = ToldServices()
    task: Json = {"TaskArn": "arn:task", "ClusterArn": "arn:c", "TaskDefinitionArn": "arn:d", "Containers": [{"Name": "main"}]}
    services.handlers["ecs", "runTask"] = lambda _request: {"Tasks": [task], "Failures": []}
    described: Json = {"ContainerDefinitions": [{"Name": "main", "Command": list(command)}]}
    services.handlers["ecs", "describeTaskDefinition"] = lambda _request: {"TaskDefinition": described}
    services.handlers["ecs", "stopTask"] = lambda _request: {}
    return services


def run_task(**override: Json) -> dict[str, Any]:
    """Give a machine that runs a task to its end."""
    overrides = {"ContainerOverrides": [{"Name": "main", **override}]}
    return calling("arn:aws:states:::ecs:runTask.sync", {"Cluster": "c", "TaskDefinition": "d", "Overrides": overrides})


def test_the_command_of_a_container_runs_as_a_process_where_that_is_allowed() -> None:
    code = "import os, sys; sys.exit(0 if os.environ['DAY'] == '3' and 'PYTHONPATH' not in os.environ else 1)"
    with running(container("none"), ecs_mode="process") as bench:
        override: dict[str, Json] = {"Command": [sys.executable, "-c", code], "Environment": [{"Name": "DAY", "Value": "3"}]}
        found = ran(bench, run_task(**override))

    about = json.loads(found["output"])
    assert (about["LastStatus"], about["TaskArn"]) == ("STOPPED", "arn:task")
    assert about["Containers"] == [{"Name": "main", "ExitCode": 0, "LastStatus": "STOPPED"}]


def test_a_container_that_ends_with_a_code_fails_the_task() -> None:
    with running(container(sys.executable, "-c", "raise SystemExit(3)"), ecs_mode="process") as bench:
        found = ran(bench, run_task())

    assert found["error"] == "States.TaskFailed"
    assert json.loads(found["cause"])["Containers"][0]["ExitCode"] == 3


def test_a_container_ends_with_its_execution(tmp_path: Path) -> None:
    lives = tmp_path / "lives"
    code = f"import time\nfor _ in range(600):\n    open({str(lives)!r}, 'a').write('.')\n    time.sleep(0.1)"
    with running(container(sys.executable, "-c", code), ecs_mode="process") as bench:
        execution = bench.start(bench.machine("m", run_task()))
        deadline = time.monotonic() + 5
        while not lives.exists():
            assert time.monotonic() < deadline
            time.sleep(0.01)
        bench.ask("StopExecution", executionArn=execution)
        time.sleep(0.5)
        size = lives.stat().st_size
        time.sleep(0.5)

    assert lives.stat().st_size == size


def test_a_container_that_has_not_started_when_its_execution_is_stopped_never_runs() -> None:
    services, release = container(sys.executable, "-c", "import time; time.sleep(60)"), threading.Event()
    described = services.handlers["ecs", "describeTaskDefinition"]

    def slowly(request: Mapping[str, Json]) -> dict[str, Json]:
        release.wait(5)
        return described(request)

    services.handlers["ecs", "describeTaskDefinition"] = slowly
    with running(services, ecs_mode="process") as bench:
        execution = bench.start(bench.machine("m", run_task()))
        bench.ask("StopExecution", executionArn=execution)
        release.set()
        time.sleep(0.3)
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("task") and _waits(thread)]


def _waits(thread: threading.Thread) -> bool:
    """Tell whether the thread waits for a process."""
    frame = sys._current_frames().get(thread.ident or 0)
    while frame is not None:
        if frame.f_code.co_name == "_run_all":
            return True
        frame = frame.f_back
    return False


def test_a_container_says_what_would_let_it_run() -> None:
    with running(container("none")) as bench:
        found = ran(bench, run_task())

    assert found["error"] == "States.Runtime"
    assert "ecs:runTask.sync" in found["cause"]
    assert "local: {ecs: process}" in found["cause"]


def spread(**more: Any) -> dict[str, Any]:
    """Give a machine with a distributed Map over three items."""
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "item",
        "States": {"item": {"Type": "Pass", "End": True}},
    }
    each = {"Type": "Map", "Label": "each", "ItemProcessor": processor, "End": True, **more}
    return {"StartAt": "each", "States": {"each": each}}


def test_a_distributed_map_has_a_run_with_children_that_can_be_read(bench: Bench) -> None:
    execution = bench.start(bench.machine("m", spread()), [10, 20, 30])
    assert json.loads(bench.ended(execution)["output"]) == [10, 20, 30]

    (listed,) = bench.ask("ListMapRuns", executionArn=execution)["mapRuns"]
    run = bench.ask("DescribeMapRun", mapRunArn=listed["mapRunArn"])
    children = bench.ask("ListExecutions", mapRunArn=listed["mapRunArn"])["executions"]

    assert run["status"] == "SUCCEEDED"
    assert (run["itemCounts"]["total"], run["executionCounts"]["succeeded"]) == (3, 3)
    assert len(children) == 3
    assert [
        e["executionArn"] for e in bench.ask("ListExecutions", stateMachineArn=execution_machine(execution))["executions"]
    ] == [execution]
    outputs = {bench.ask("DescribeExecution", executionArn=child["executionArn"])["output"] for child in children}
    assert outputs == {"10", "20", "30"}
    assert bench.types(children[0]["executionArn"])[-1] == "ExecutionSucceeded"


def execution_machine(execution: str) -> str:
    return execution.replace(":execution:", ":stateMachine:").rpartition(":")[0]


def test_a_distributed_map_reads_its_items_from_an_object(bench: Bench) -> None:
    bench.services.handlers["s3", "getObject"] = lambda _request: {"Body": "[1, 2]"}
    parameters = {"Bucket": "b", "Key": "k"}
    reader = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"}, "Parameters": parameters}

    found = ran(bench, spread(ItemReader=reader), {})

    assert json.loads(found["output"]) == [1, 2]


@pytest.mark.parametrize("restarted", [False, True])
def test_limits_of_a_map_run_change_while_it_runs(restarted: bool) -> None:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "item",
        "States": {"item": {"Type": "Wait", "Seconds": 1, "End": True}},
    }
    definition = spread(MaxConcurrency=1, ItemProcessor=processor)
    with running() as bench:
        execution = bench.start(bench.machine("m", definition), [10, 20, 30])
        (listed,) = bench.ask("ListMapRuns", executionArn=execution)["mapRuns"]
        run = listed["mapRunArn"]
        assert bench.ask("DescribeMapRun", mapRunArn=run)["executionCounts"]["running"] == 1

        bench.ask("UpdateMapRun", mapRunArn=run, maxConcurrency=3)

        changed = bench.ask("DescribeMapRun", mapRunArn=run)
        assert (changed["executionCounts"]["running"], changed["maxConcurrency"]) == (3, 3)
        assert bench.refusal("UpdateMapRun", mapRunArn=run).code == "ValidationException"
        state = saved(bench)
        if not restarted:
            assert json.loads(bench.ended(execution)["output"]) == [10, 20, 30]
            assert bench.refusal("UpdateMapRun", mapRunArn=run, maxConcurrency=1).code == "ValidationException"
            return
    with running(saved=state) as bench:
        assert json.loads(bench.ended(execution)["output"]) == [10, 20, 30]
        assert bench.ask("DescribeMapRun", mapRunArn=run)["executionCounts"]["succeeded"] == 3
        state = saved(bench)
    assert json.dumps(state).count("MaxConcurrency") == 2, "the machine's definition and the execution's, none for a child"
    with running(saved=state) as bench:
        assert len(bench.ask("ListExecutions", mapRunArn=run)["executions"]) == 3


def test_a_failed_map_is_redriven_with_only_its_failed_children(bench: Bench) -> None:
    tries: list[Json] = []

    def invoke(request: Mapping[str, Json]) -> dict[str, Json]:
        tries.append(request["Payload"])
        if request["Payload"] == "2" and tries.count("2") == 1:
            return {"Payload": '{"errorType": "Odd"}', "FunctionError": "Unhandled", "StatusCode": 200}
        return {"Payload": str(request["Payload"]), "StatusCode": 200}

    bench.services.handlers["lambda", "invoke"] = invoke
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "item",
        "States": {"item": {"Type": "Task", "Resource": FUNCTION, "End": True}},
    }
    execution = bench.start(bench.machine("m", spread(MaxConcurrency=1, ItemProcessor=processor)), [1, 2, 3])
    assert bench.ended(execution)["status"] == "FAILED"
    (listed,) = bench.ask("ListMapRuns", executionArn=execution)["mapRuns"]
    children = bench.ask("ListExecutions", mapRunArn=listed["mapRunArn"])["executions"]
    failed = next(child["executionArn"] for child in children if child["status"] == "FAILED")
    assert bench.ask("DescribeExecution", executionArn=failed)["redriveStatus"] == "REDRIVABLE_BY_MAP_RUN"
    assert bench.refusal("RedriveExecution", executionArn=failed).code == "ExecutionNotRedrivable"

    bench.ask("RedriveExecution", executionArn=execution)

    assert json.loads(bench.ended(execution)["output"]) == [1, 2, 3]
    assert sorted(str(one) for one in tries) == ["1", "2", "2", "3"]
    run = bench.ask("DescribeMapRun", mapRunArn=listed["mapRunArn"])
    assert (run["status"], run["redriveCount"], run["executionCounts"]["succeeded"]) == ("SUCCEEDED", 1, 3)
    redriven = bench.ask("DescribeExecution", executionArn=failed)
    assert (redriven["status"], redriven["redriveCount"]) == ("SUCCEEDED", 1)
