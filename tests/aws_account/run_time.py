"""Questions about what runs: names of errors, shapes of results, whom a service lets in."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from botocore.exceptions import ClientError

from tests.aws_account.bench import PASS, Bench, code_of, patient
from tests.aws_account.questions import Answer, Question

STARTS = 200
"""Executions that are described right after their start; a transition each."""
_JSONATA = {"QueryLanguage": "JSONata"}


def _task(resource: str, arguments: Any, **more: Any) -> dict[str, Any]:
    task = {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": True, **more}
    return {**_JSONATA, "StartAt": "T", "States": {"T": task}}


def _allow(*actions: str, resource: str = "*") -> dict[str, Any]:
    return {"Effect": "Allow", "Action": list(actions), "Resource": resource}


def _attributes(bench: Bench) -> Answer:
    tables = bench.account.client("dynamodb")
    tables.create_table(
        TableName=bench.name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    tables.get_waiter("table_exists").wait(TableName=bench.name)
    item = {"id": {"S": "1"}, "flag": {"BOOL": True}, "nothing": {"NULL": True}, "number": {"N": "12345678901234567890"}}
    tables.put_item(TableName=bench.name, Item=item)
    role = bench.role("role", "states", _allow("dynamodb:GetItem"))
    arguments = {"TableName": bench.name, "Key": {"id": {"S": "1"}}, "ConsistentRead": True}
    given: dict[str, Any] = {}
    for name, resource in (
        ("optimized", "arn:aws:states:::dynamodb:getItem"),
        ("sdk", "arn:aws:states:::aws-sdk:dynamodb:getItem"),
    ):
        ended = bench.run(bench.machine(name, _task(resource, arguments), role))
        given[name] = ended.output["Item"] if ended.output else {"error": ended.error, "cause": ended.cause}
    return given


def _tolerated(bench: Bench) -> Answer:
    states = {
        "C": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.fails %}", "Next": "F"}],
            "Default": "S",
        },
        "F": {"Type": "Fail", "Error": "Bad", "Cause": "as told"},
        "S": {"Type": "Succeed"},
    }
    items = "{% [{'fails': true, 'pad': ''}, {'fails': true, 'pad': $pad('', 40000, 'x')}, {'fails': false, 'pad': ''}] %}"
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "C",
        "States": states,
    }
    state = {"Type": "Map", "Items": items, "ItemProcessor": processor, "ToleratedFailurePercentage": 100, "End": True}
    definition = {**_JSONATA, "StartAt": "M", "States": {"M": state}}
    role = bench.role("role", "states", _allow("states:StartExecution", "states:DescribeExecution"))
    ended = bench.run(bench.machine("map", definition, role))
    told = [one for one in ended.output or () if isinstance(one, dict)]
    return {
        "status": ended.status,
        "error": ended.error,
        "keys": [sorted(one) for one in told],
        "input": [type(one.get("Input")).__name__ for one in told],
        "input_length": [len(one.get("Input") or "") for one in told],
    }


def _children(bench: Bench) -> Answer:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "S",
        "States": {"S": {"Type": "Succeed"}},
    }
    state = {"Type": "Map", "Items": "{% [1] %}", "ItemProcessor": processor, "End": True}
    definition = {**_JSONATA, "StartAt": "M", "States": {"M": state}}
    role = bench.role("role", "states", _allow("states:DescribeExecution"))
    ended = bench.run(bench.machine("map", definition, role))
    return {"status": ended.status, "error": ended.error, "cause": ended.cause}


def _placement(bench: Bench) -> Answer:
    containers = bench.account.client("ecs")
    containers.create_cluster(clusterName=bench.name)
    image = {"name": "main", "image": "public.ecr.aws/docker/library/busybox:stable", "memory": 64}
    made = containers.register_task_definition(family=bench.name, containerDefinitions=[image])["taskDefinition"]
    arguments = {"Cluster": bench.name, "TaskDefinition": made["taskDefinitionArn"], "LaunchType": "EC2"}
    role = bench.role(
        "role",
        "states",
        _allow(
            "ecs:RunTask", "ecs:StopTask", "ecs:DescribeTasks", "events:PutTargets", "events:PutRule", "events:DescribeRule"
        ),
    )
    ended = bench.run(bench.machine("task", _task("arn:aws:states:::ecs:runTask.sync", arguments), role))
    return {"status": ended.status, "error": ended.error, "cause": ended.cause}


def _missing_object(bench: Bench) -> Answer:
    objects = bench.account.client("s3")
    bucket = bench.name.lower()
    where = {} if bench.account.region == "us-east-1" else {"LocationConstraint": bench.account.region}
    objects.create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": where} if where else {}))
    given: dict[str, Any] = {}
    read = _allow("s3:GetObject", resource=f"arn:aws:s3:::{bucket}/*")
    listing = _allow("s3:ListBucket", resource=f"arn:aws:s3:::{bucket}")
    for name, statements in (("without-list", (read,)), ("with-list", (read, listing))):
        role = bench.role(name, "states", *statements)
        machine = bench.machine(name, _task("arn:aws:states:::aws-sdk:s3:getObject", {"Bucket": bucket, "Key": "none"}), role)
        time.sleep(10.0 if bench.account.is_aws else 0.0)  # until IAM has told S3 of the policy
        ended = bench.run(machine)
        given[name] = {"error": ended.error, "cause": ended.cause}
    return given


def _throttled_athena(bench: Bench) -> Answer:
    bucket = f"{bench.name.lower()}-results"
    where = {} if bench.account.region == "us-east-1" else {"LocationConstraint": bench.account.region}
    bench.account.client("s3").create_bucket(Bucket=bucket, **({"CreateBucketConfiguration": where} if where else {}))
    query = {"QueryString": "SELECT 1", "ResultConfiguration": {"OutputLocation": f"s3://{bucket}/"}}
    task = _task("arn:aws:states:::aws-sdk:athena:startQueryExecution", query)["States"]["T"]
    caught = [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput.Error %}", "Next": "C"}]
    processor = {
        "ProcessorConfig": {"Mode": "INLINE"},
        "StartAt": "T",
        "States": {"T": {**task, "Output": "started", "Catch": caught}, "C": {"Type": "Succeed"}},
    }
    state = {"Type": "Map", "Items": "{% [1..60] %}", "MaxConcurrency": 40, "ItemProcessor": processor, "End": True}
    role = bench.role("role", "states", _allow("athena:*", "s3:*", "glue:Get*"))
    ended = bench.run(bench.machine("burst", {**_JSONATA, "StartAt": "M", "States": {"M": state}}, role))
    return {"status": ended.status, "error": ended.error, "names": dict(sorted(Counter(ended.output or ()).items()))}


def _lag(bench: Bench) -> Answer:
    machine = bench.plain()
    missing, slowest = 0, 0.0
    for _ in range(STARTS if bench.account.is_aws else 10):
        arn = bench.states.start_execution(stateMachineArn=machine)["executionArn"]
        begun = time.monotonic()
        try:
            bench.states.describe_execution(executionArn=arn)
        except ClientError as refused:
            if code_of(refused) != "ExecutionDoesNotExist":
                raise
            missing += 1
            patient(partial(bench.states.describe_execution, executionArn=arn), "ExecutionDoesNotExist")
            slowest = max(slowest, time.monotonic() - begun)
    return {"missing": missing, "slowest_seconds": round(slowest, 1)}


def _heartbeat(bench: Bench) -> Answer:
    function = bench.function("slow", "import time\n\n\ndef handler(event, context):\n    time.sleep(12)\n", Timeout=20)
    role = bench.role("role", "states", _allow("lambda:InvokeFunction"))
    task = _task("arn:aws:states:::lambda:invoke", {"FunctionName": function}, HeartbeatSeconds=5)
    ended = bench.run(bench.machine("beats", task, role))
    return {"status": ended.status, "error": ended.error}


def _scheduled(bench: Bench) -> Answer:
    machine = bench.plain()
    version = bench.states.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"]
    routing = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = bench.states.create_state_machine_alias(name="live", routingConfiguration=routing)["stateMachineAliasArn"]
    role = bench.role("role", "scheduler", _allow("states:StartExecution"))
    schedules = bench.account.client("scheduler")
    schedules.create_schedule_group(Name=bench.name[:64])
    at = datetime.now(UTC) + timedelta(seconds=75 if bench.account.is_aws else 3)
    patient(
        lambda: schedules.create_schedule(
            Name="once",
            GroupName=bench.name[:64],
            ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
            FlexibleTimeWindow={"Mode": "OFF"},
            Target={"Arn": alias, "RoleArn": role, "Input": json.dumps({"slot": "<aws.scheduler.scheduled-time>"})},
        ),
        "ValidationException",
        "ResourceNotFoundException",
    )
    deadline = time.monotonic() + (240.0 if bench.account.is_aws else 15.0)
    while time.monotonic() < deadline:
        if found := bench.states.list_executions(stateMachineArn=machine)["executions"]:
            described = bench.states.describe_execution(executionArn=found[0]["executionArn"])
            payload = json.loads(described["input"])
            return {"started": True, "slot": payload["slot"], "by_alias": "stateMachineAliasArn" in described}
        time.sleep(1.0)
    return {"started": False}


def _trust(bench: Bench) -> Answer:
    name = f"{bench.name}-trusts"[:80]
    pinned = {"ArnLike": {"aws:SourceArn": bench.arn("states", f"stateMachine:{name}")}}
    role = bench.role("role", "states", condition=pinned)
    inner = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sts:getCallerIdentity", "Arguments": {}, "End": True}
    each = {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "T", "States": {"T": inner}}
    definition = {
        **_JSONATA,
        "StartAt": "P",
        "States": {
            "P": {
                "Type": "Parallel",
                "Branches": [{"StartAt": name, "States": {name: inner}} for name in ("A", "B")],
                "Next": "M",
            },
            "M": {"Type": "Map", "Items": [1, 2], "ItemProcessor": each, "End": True},
        },
    }
    machine = bench.machine("trusts", definition, role)
    version = bench.states.publish_state_machine_version(stateMachineArn=machine)["stateMachineVersionArn"]
    routing = [{"stateMachineVersionArn": version, "weight": 100}]
    alias = bench.states.create_state_machine_alias(name="live", routingConfiguration=routing)["stateMachineAliasArn"]
    given = {}
    for kind, arn in (("machine", machine), ("version", version), ("alias", alias)):
        ended = patient(partial(bench.run, arn), "StateMachineDoesNotExist", "ResourceNotFound")
        given[kind] = {"status": ended.status, "error": ended.error, "cause": ended.cause}
    return given


def _unknown_names(bench: Bench) -> Answer:
    """A Retry with a name that no service has: whether it can be made at all, as bunsui's findings say."""
    task = _task("arn:aws:states:::aws-sdk:sts:getCallerIdentity", {})
    task["States"]["T"]["Retry"] = [{"ErrorEquals": ["Nobody.NoSuchException"], "MaxAttempts": 1}]
    bench.machine("retries", task, bench.role("role", "states"))
    return {"accepted": True, "beside": bench.run(bench.machine("beside", PASS, bench.role("plain", "states"))).status}


RUN_TIME = (
    Question(
        name="attributes",
        asks="How does a getItem answer booleans, nulls and numbers of 20 digits?",
        relies="BOOL and NULL from the optimized integration, Bool and Nul by the SDK; both spellings are read.",
        ask=_attributes,
        holds=lambda given: (
            {"BOOL", "Bool"} & given["optimized"]["flag"].keys() and given["optimized"]["number"]["N"][-1] == "0"
        ),
    ),
    Question(
        name="tolerated-child",
        asks="What does a distributed Map give for a child that failed and was tolerated, also with an input above 32 KiB?",
        relies="ExecutionArn, Input as text, Error, Cause, Status (developer guide, ResultWriter); the text may be left out.",
        ask=_tolerated,
        holds=lambda given: given["status"] == "SUCCEEDED" and any({"Error", "Cause"} <= set(keys) for keys in given["keys"]),
    ),
    Question(
        name="children-not-permitted",
        asks="How does a distributed Map fail whose role may not start its children?",
        relies="The state fails with IAM's words (serverless-step-functions issue 543), named as the same refusal to a Task.",
        ask=_children,
        holds=lambda given: (
            given["error"] == "StepFunctions.AWSStepFunctionsException" and "states:StartExecution" in given["cause"]
        ),
    ),
    Question(
        name="placement",
        asks="Which error has a RunTask that finds no capacity?",
        relies="AmazonECS.Unknown (developer guide, connect-ecs).",
        ask=_placement,
        holds=lambda given: given["error"] == "AmazonECS.Unknown",
    ),
    Question(
        name="missing-object",
        asks="Which error has GetObject on a key that is not there, with and without ListBucket?",
        relies="S3.S3Exception (403) without, S3.NoSuchKeyException with it; so ListBucket is derived.",
        ask=_missing_object,
        holds=lambda given: (
            [given[name]["error"] for name in ("with-list", "without-list")] == ["S3.NoSuchKeyException", "S3.S3Exception"]
        ),
    ),
    Question(
        name="throttled-athena",
        asks="Which name has a throttled StartQueryExecution?",
        relies="Athena.TooManyRequestsException (botocore's model, prefix by the SDK's rule).",
        ask=_throttled_athena,
        holds=lambda given: "Athena.TooManyRequestsException" in given["names"],
        dollars=0.01,
    ),
    Question(
        name="describe-after-start",
        asks="How often is an execution unknown right after its start, and for how long?",
        relies="It happens (API reference: eventually consistent) for seconds; a session is not ended by it.",
        ask=_lag,
        holds=lambda given: given["slowest_seconds"] < 60,
        dollars=0.01,
    ),
    Question(
        name="heartbeat",
        asks="Does HeartbeatSeconds end a lambda:invoke that cannot beat?",
        relies="It does, so heartbeat is refused there.",
        ask=_heartbeat,
        holds=lambda given: given["error"] in {"States.HeartbeatTimeout", "States.Timeout"},
    ),
    Question(
        name="scheduled",
        asks="Does a schedule start an alias, and how is its time written?",
        relies="YYYY-MM-DDThh:mm:ssZ (EventBridge Scheduler's user guide).",
        ask=_scheduled,
        holds=lambda given: given["started"] and given["slot"].endswith("Z"),
    ),
    Question(
        name="trust",
        asks="Which aws:SourceArn do branches of Parallel and Map show, started by machine, version and alias?",
        relies="The machine's own ARN; NAME:* and NAME/* are allowed beside it in case it is not.",
        ask=_trust,
        holds=lambda given: all(one["status"] == "SUCCEEDED" for one in given.values()),
    ),
    Question(
        name="unknown-retry",
        asks="Is a Retry accepted that names an error which nobody raises?",
        relies="It is; bunsui says so in a finding.",
        ask=_unknown_names,
        holds=lambda given: given["accepted"],
    ),
)
"""In the order in which they are asked."""
