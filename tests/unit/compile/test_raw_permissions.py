"""What the role of a raw definition is allowed, task by task, and of which tasks nobody can tell."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.compile.context import CompilerSettings
from bunsui.compile.raw import raw_permissions
from bunsui.diagnostics import Severity
from bunsui.model.pipeline import Pipeline, RawDefinition
from bunsui.model.resource import Scope
from bunsui.operations.contract import Permission
from bunsui.operations.integrations.state_needs import every_state

SCOPE = Scope(project="sales", environment="dev", account="111111111111", region="eu-west-1", partition="aws-cn")
FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:load:live"
MACHINE = "arn:aws:states:eu-west-1:111111111111:stateMachine:child"
TOPIC = "arn:aws:sns:eu-west-1:111111111111:told"
BUS = "arn:aws:events:eu-west-1:111111111111:event-bus/own"


def of(*states: dict[str, Any]) -> tuple[list[tuple[tuple[str, ...], tuple[object, ...]]], list[str]]:
    """Return actions and resources of each permission, and the pointers of tasks of which nobody can tell."""
    named = {f"s{number}": {"Type": "Task", **state} for number, state in enumerate(states)}
    definition = RawDefinition(path="m.asl.json", document={"StartAt": "s0", "States": named})
    pipeline = Pipeline(name="p", path="p.yaml", jobs=(), definition=definition)
    setting = CompilerSettings(pipeline="p", scope=SCOPE, registry={}, machine_names={"p": "raw"})
    found, findings = raw_permissions(pipeline, setting, ())
    assert all((one.code, one.severity) == ("BS407", Severity.WARNING) for one in findings)
    assert all(one.position is not None and (one.position.file, one.position.line) == ("m.asl.json", 1) for one in findings)
    return [(one.actions, one.resources) for one in found], [one.pointer for one in findings]


def task(integration: str, *, key: str = "Arguments", **given: Any) -> dict[str, Any]:
    return {"Resource": f"arn:aws:states:::{integration}", key: given}


@pytest.mark.parametrize(
    ("state", "action", "resource"),
    [
        ({"Resource": FUNCTION}, "lambda:InvokeFunction", FUNCTION),
        (task("lambda:invoke", FunctionName=FUNCTION), "lambda:InvokeFunction", FUNCTION),
        (task("lambda:invoke", key="Parameters", FunctionName=FUNCTION), "lambda:InvokeFunction", FUNCTION),
        (task("lambda:invoke.waitForTaskToken", FunctionName=FUNCTION), "lambda:InvokeFunction", FUNCTION),
        (task("aws-sdk:lambda:invoke", FunctionName=FUNCTION), "lambda:InvokeFunction", FUNCTION),
        (
            task("lambda:invoke", FunctionName="load"),
            "lambda:InvokeFunction",
            "arn:aws-cn:lambda:eu-west-1:111111111111:function:load",
        ),
        (task("sns:publish", TopicArn=TOPIC), "sns:Publish", TOPIC),
        (
            task("sqs:sendMessage", QueueUrl="https://sqs.eu-west-1.amazonaws.com/222222222222/orders"),
            "sqs:SendMessage",
            "arn:aws-cn:sqs:eu-west-1:222222222222:orders",
        ),
        (
            task("sqs:sendMessage.waitForTaskToken", QueueUrl="https://sqs.eu-west-1.amazonaws.com/222222222222/orders/"),
            "sqs:SendMessage",
            "arn:aws-cn:sqs:eu-west-1:222222222222:orders",
        ),
        (
            task("events:putEvents", Entries=[{}]),
            "events:PutEvents",
            "arn:aws-cn:events:eu-west-1:111111111111:event-bus/default",
        ),
        (task("events:putEvents", Entries=[{"EventBusName": BUS}]), "events:PutEvents", BUS),
        *(
            (
                task(f"dynamodb:{verb}Item", TableName="loads"),
                f"dynamodb:{verb.title()}Item",
                "arn:aws-cn:dynamodb:eu-west-1:111111111111:table/loads",
            )
            for verb in ("get", "put", "update", "delete")
        ),
    ],
)
def test_a_task_is_allowed_what_it_calls_and_nothing_else(state: dict[str, Any], action: str, resource: str) -> None:
    assert of(state) == ([((action,), (resource,))], [])


def test_a_child_is_started_watched_and_stopped() -> None:
    for integration in ("states:startExecution", "states:startExecution.sync:2", "states:startExecution.sync"):
        found, unknown = of(task(integration, StateMachineArn=MACHINE))
        assert ("states:StartExecution",) in [actions for actions, _ in found]
        assert unknown == []


def test_buses_are_each_named_once() -> None:
    entries = [{"EventBusName": "b"}, {"EventBusName": BUS}, {"EventBusName": "b"}]
    ((actions, resources),), _ = of(task("events:putEvents", Entries=entries))
    assert resources == ("arn:aws-cn:events:eu-west-1:111111111111:event-bus/b", BUS)
    assert actions == ("events:PutEvents",)


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"Resource": 3},
        {"Resource": "arn:aws:states:::"},
        {"Resource": "arn:aws:lambda:eu-west-1:111111111111:layer:x"},
        task("glue:startJobRun"),
        task("http:invoke", ApiEndpoint="https://example.com"),
        task("lambda:invoke"),
        task("lambda:invoke", FunctionName="{% $f %}"),
        task("lambda:invoke", FunctionName="$.f"),
        task("lambda:invoke", FunctionName=3),
        {"Resource": "arn:aws:states:::lambda:invoke"},
        {"Resource": "arn:aws:states:::lambda:invoke", "Arguments": "{% $x %}"},
        task("states:startExecution", StateMachineArn="child"),
        task("sns:publish", TopicArn="told"),
        task("sns:publish", PhoneNumber="1"),
        task("sqs:sendMessage", QueueUrl="orders"),
        task("sqs:sendMessage", QueueUrl="a/orders"),
        task("dynamodb:getItem"),
        task("dynamodb:query"),
        task("batch:submitJob.sync", JobQueue="q", JobDefinition="{% $d %}"),
        task("aws-sdk:s3:getObject", Key="k"),
        {**task("sns:publish", TopicArn=TOPIC), "Credentials": {"RoleArn": "{% $role %}"}},
        task("events:putEvents", Entries=[]),
        task("events:putEvents", Entries="{% $e %}"),
        task("events:putEvents", Entries=[{}, "x"]),
        task("events:putEvents", Entries=[{}, {"EventBusName": 3}]),
        task("events:putEvents", Entries=[{}, {"EventBusName": "{% $b %}"}]),
    ],
)
def test_where_nobody_can_tell_it_is_said_so(state: dict[str, Any]) -> None:
    assert of(state) == ([], ["/States/s0"])
    found, unknown = of(state, {"Resource": FUNCTION}, state)
    assert (len(found), unknown) == (1, ["/States/s0", "/States/s2"])


JOB = "arn:aws-cn:glue:eu-west-1:111111111111:job/x"
CLUSTER = "arn:aws:rds:eu-west-1:111111111111:cluster:c"
SECRET = "arn:aws:secretsmanager:eu-west-1:111111111111:secret:x-AbCdEf"
ROLE = "arn:aws:iam::222222222222:role/other"


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (
            task("glue:startJobRun.sync", JobName="x"),
            {("glue:StartJobRun", JOB), ("glue:GetJobRun", JOB), ("glue:GetJobRuns", JOB), ("glue:BatchStopJobRun", JOB)},
        ),
        (
            task("aws-sdk:s3:getObject", Bucket="b", Key="k"),
            {("s3:GetObject", "arn:aws-cn:s3:::b/k"), ("s3:ListBucket", "arn:aws-cn:s3:::b")},
        ),
        (task("aws-sdk:s3:listObjectsV2", Bucket="b"), {("s3:ListBucket", "arn:aws-cn:s3:::b")}),
        (task("aws-sdk:ec2:describeInstances"), {("ec2:DescribeInstances", "*")}),
        (
            task(
                "aws-sdk:rdsdata:executeStatement",
                ResourceArn=CLUSTER,
                SecretArn=SECRET,
            ),
            {
                ("rds-data:ExecuteStatement", CLUSTER),
                ("secretsmanager:GetSecretValue", SECRET),
            },
        ),
        ({**task("sns:publish", TopicArn=TOPIC), "Credentials": {"RoleArn": ROLE}}, {("sts:AssumeRole", ROLE)}),
        (
            task("batch:submitJob", JobQueue="q", JobDefinition="d"),
            {
                ("batch:SubmitJob", "arn:aws-cn:batch:eu-west-1:111111111111:job-queue/q"),
                ("batch:SubmitJob", "arn:aws-cn:batch:eu-west-1:111111111111:job-definition/d:*"),
            },
        ),
        ({"Resource": "arn:aws:states:eu-west-1:111111111111:activity:x"}, set()),
    ],
)
def test_other_calls_are_allowed_on_what_their_arguments_name(state: dict[str, Any], allowed: set[tuple[str, str]]) -> None:
    found, unknown = of(state)
    assert {(action, resource) for actions, resources in found for action in actions for resource in resources} == allowed
    assert unknown == []


def test_a_container_s_roles_are_asked_for() -> None:
    found, unknown = of(task("ecs:runTask.sync", TaskDefinition="load", Cluster="etl"))
    assert (("ecs:RunTask",), ("arn:aws-cn:ecs:eu-west-1:111111111111:task-definition/load:*",)) in found
    assert (("ecs:StopTask", "ecs:DescribeTasks"), ("arn:aws-cn:ecs:eu-west-1:111111111111:task/etl/*",)) in found
    assert unknown == ["/States/s0"]


def distributed(**fields: Any) -> dict[str, Any]:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED"}, "StartAt": "x", "States": {"x": {"Type": "Pass", "End": True}}}
    return {"Type": "Map", "ItemProcessor": processor, **fields}


def test_a_distributed_map_may_start_its_children_read_and_write() -> None:
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "in", "Key": "in.csv"}}
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": "out", "Prefix": "r/"}}
    found, unknown = of(distributed(Label="rows", ItemReader=reader, ResultWriter=writer))
    executions = "arn:aws-cn:states:eu-west-1:111111111111:execution:raw"
    assert found == [
        (("states:StartExecution",), ("arn:aws-cn:states:eu-west-1:111111111111:stateMachine:raw",)),
        (("states:DescribeExecution", "states:StopExecution"), (f"{executions}:*", f"{executions}/rows:*")),
        (("states:RedriveExecution",), (f"{executions}/rows:*",)),
        (("s3:GetObject",), ("arn:aws-cn:s3:::in/in.csv",)),
        (
            ("s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"),
            ("arn:aws-cn:s3:::out/r/*",),
        ),
    ]
    assert unknown == []


@pytest.mark.parametrize(
    ("fields", "allowed", "unknown"),
    [
        ({"ItemReader": task("s3:listObjectsV2", Bucket="b", Prefix="in/")}, (("s3:ListBucket",), ("arn:aws-cn:s3:::b",)), []),
        (
            {"ItemReader": {**task("s3:getObject", Bucket="b", Key="k"), "ReaderConfig": {"InputType": "MANIFEST"}}},
            (("s3:GetObject",), ("arn:aws-cn:s3:::b/*",)),
            [],
        ),
        ({"ItemReader": task("s3:getObject", Bucket="{% $b %}", Key="k")}, None, ["/States/s0/ItemReader"]),
        ({"ResultWriter": task("s3:putObject", Bucket="{% $b %}")}, None, ["/States/s0/ResultWriter"]),
        ({"ResultWriter": {"WriterConfig": {"Transformation": "COMPACT"}}}, None, []),
    ],
)
def test_what_a_distributed_map_reads_or_writes_is_allowed_or_told(
    fields: dict[str, Any], allowed: tuple[tuple[str, ...], tuple[str, ...]] | None, unknown: list[str]
) -> None:
    found, told = of(distributed(**fields))
    assert found[3:] == ([allowed] if allowed is not None else [])
    assert told == unknown


def test_what_is_said_needs_no_finding() -> None:
    definition = RawDefinition(
        path="m.asl.json", document={"States": {"s": task("sns:publish", TopicArn="{% $t %}") | {"Type": "Task"}}}
    )
    pipeline = Pipeline(name="p", path="p.yaml", jobs=(), definition=definition)
    setting = CompilerSettings(pipeline="p", scope=SCOPE, registry={}, machine_names={})
    said = Permission(actions=("sns:*",), resources=(TOPIC,))
    assert raw_permissions(pipeline, setting, (said,)) == ((said,), ())
    assert raw_permissions(pipeline, setting, (Permission(actions=("sqs:*",), resources=(TOPIC,)),))[1]


def test_tasks_are_found_wherever_they_are_nested_and_pointed_at() -> None:
    inner = {"States": {"x": {"Type": "Task"}, "y": {"Type": "Pass"}}}
    states: dict[str, Any] = {
        "a/b~c": {"Type": "Task"},
        "p": {"Type": "Parallel", "Branches": ["no scope", inner, inner]},
        "m": {"Type": "Map", "ItemProcessor": inner},
        "n": {"Type": "Map", "Iterator": inner},
        "no state": 3,
        "q": {"Type": "Parallel", "Branches": "no list", "ItemProcessor": "no scope"},
        "z": {"Type": "Task"},
    }
    pointers = [pointer for pointer, state in every_state({"States": states}, "") if state.get("Type") == "Task"]
    assert pointers == [
        "/States/a~1b~0c",
        "/States/p/Branches/1/States/x",
        "/States/p/Branches/2/States/x",
        "/States/m/ItemProcessor/States/x",
        "/States/n/Iterator/States/x",
        "/States/z",
    ]
    assert list(every_state({"States": "no states"}, "")) == []
