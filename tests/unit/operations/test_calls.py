"""What each type that calls a service sends, records and may do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bunsui.model.values import Unknown
from bunsui.operations.sqs_send import SqsSendParams
from tests.unit.operations.harness import allowed, evaluated, kind_of, needs, operation, result_of, the_task

QUEUE = "arn:aws:sqs:us-east-1:111122223333:orders"
TOPIC = "arn:aws:sns:us-east-1:111122223333:alerts"
MACHINE = "arn:aws:states:us-east-1:111122223333:stateMachine:rates"
STATES = {"input": {}, "context": {"Execution": {"Id": "execution"}, "Task": {"Token": "token"}}}


def test_a_child_pipeline_gets_parameters_and_the_slot() -> None:
    state = the_task({"type": "pipeline", "pipeline": "rates", "params": {"date": "{% $params.date %}"}})
    assert state.resource == "arn:aws:states:::states:startExecution.sync:2"
    found = evaluated(state.arguments, params={"date": "d"}, session={"slot": "s"}, states=STATES)
    assert found["StateMachineArn"] == "arn:aws:states:us-east-1:111122223333:stateMachine:shop--dev--rates:live"
    assert found["Input"]["params"] == {"date": "d"}
    assert found["Input"]["session"] == {"slot": "s", "started_by": "execution"}
    assert evaluated(state.arguments, params={"date": "d"}, session={}, states=STATES)["Input"]["session"] == {
        "started_by": "execution"
    }
    assert result_of(state, {"Output": {"load": {"rows": 1}}}, "pipeline") == {"load": {"rows": 1}}


def test_a_raw_child_gets_the_parameters_themselves_and_their_defaults() -> None:
    told = the_task({"type": "pipeline", "pipeline": "raw", "params": {"date": "{% $params.date %}"}})
    assert evaluated(told.arguments, params={"date": "d"}, states=STATES)["Input"] == {"limit": 10, "date": "d"}
    computed = the_task({"type": "pipeline", "pipeline": "raw", "params": "{% {'limit': $params.n} %}"})
    assert evaluated(computed.arguments, params={"n": 3}, states=STATES)["Input"] == {"limit": 3}


def test_a_child_may_be_started_followed_and_stopped() -> None:
    assert allowed({"type": "step_function", "state_machine": f"{MACHINE}:live"}) == {
        ("states:StartExecution", MACHINE),
        ("states:DescribeExecution", "arn:aws:states:us-east-1:111122223333:execution:rates:*"),
        ("states:StopExecution", "arn:aws:states:us-east-1:111122223333:execution:rates:*"),
        *(
            (action, "arn:aws:events:us-east-1:111122223333:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule")
            for action in ("events:PutTargets", "events:PutRule", "events:DescribeRule")
        ),
    }


def test_only_the_named_version_or_alias_may_be_started() -> None:
    def condition(machine: str) -> Any:
        (start,) = [
            permission
            for permission in needs({"type": "step_function", "state_machine": machine})
            if "states:StartExecution" in permission.actions
        ]
        return start.condition

    assert condition(f"{MACHINE}:live") == {"ForAnyValue:StringEquals": {"states:StateMachineQualifier": ["live"]}}
    assert condition(MACHINE) == {}


def test_a_machine_without_version_is_a_finding() -> None:
    made = operation({"type": "step_function", "state_machine": MACHINE})
    assert [found.code for found in kind_of(made).findings(made.params, made)] == ["BS271"]
    pinned = operation({"type": "step_function", "state_machine": f"{MACHINE}:3"})
    assert not kind_of(pinned).findings(pinned.params, pinned)


def test_a_message_that_is_no_text_is_sent_as_json() -> None:
    assert the_task({"type": "sns_publish", "topic": TOPIC, "message": "hi"}).arguments["Message"] == "hi"
    assert the_task({"type": "sns_publish", "topic": TOPIC, "message": {"a": 1}}).arguments["Message"] == '{"a":1}'
    mixed = the_task({"type": "sqs_send", "queue": QUEUE, "body": {"key": "{% $params.key %}"}}).arguments["MessageBody"]
    assert json.loads(evaluated(mixed, params={"key": "k"})) == {"key": "k"}


@pytest.mark.parametrize(("value", "sent"), [("text", "text"), ({"a": [1]}, '{"a":[1]}'), (5, "5")])
def test_an_expression_is_sent_as_text_whatever_it_gives(value: Any, sent: str) -> None:
    body = the_task({"type": "sqs_send", "queue": QUEUE, "body": "{% $params.body %}"}).arguments["MessageBody"]
    assert evaluated(body, params={"body": value}) == sent


def test_a_queue_is_addressed_by_its_url() -> None:
    state = the_task({"type": "sqs_send", "queue": QUEUE, "body": "x", "delay": "90s", "attributes": {"kind": "new"}})
    assert state.arguments == {
        "QueueUrl": "https://sqs.us-east-1.amazonaws.com/111122223333/orders",
        "MessageBody": "x",
        "DelaySeconds": 90,
        "MessageAttributes": {"kind": {"DataType": "String", "StringValue": "new"}},
    }
    assert result_of(state, {"MessageId": "m"}, "sqs_send") == {"message_id": "m"}
    assert allowed({"type": "sqs_send", "queue": QUEUE, "body": "x"}) == {("sqs:SendMessage", QUEUE)}


def test_a_queue_that_is_not_known_yet_stays_unknown() -> None:
    later = Unknown("offline")
    made = operation({"type": "sqs_send", "queue": later, "body": "x"})
    assert made.params.queue is later  # type: ignore[attr-defined]
    assert the_task({"type": "sqs_send", "queue": later, "body": "x"}).arguments["QueueUrl"] is later


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"queue": "orders"}, "queue's ARN"),
        ({"queue": f"{QUEUE}.fifo"}, "message group"),
        ({"queue": f"{QUEUE}.fifo", "group": "g", "delay": "1s"}, "does not take the delay"),
        ({"queue": QUEUE, "delay": "16m"}, "at most 15m"),
    ],
)
def test_a_message_that_sqs_would_refuse_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        operation({"type": "sqs_send", "body": "x", **given})


def test_an_item_is_read_as_plain_json() -> None:
    get = {
        "type": "dynamodb",
        "action": "get",
        "table": "loads",
        "key": {"date": "{% $params.date %}", "n": 2},
        "consistent": True,
    }
    state = the_task(get)
    assert state.resource == "arn:aws:states:::dynamodb:getItem"
    assert evaluated(state.arguments, params={"date": "d"}) == {
        "TableName": "loads",
        "Key": {"date": {"S": "d"}, "n": {"N": "2"}},
        "ConsistentRead": True,
    }
    answer = {"Item": {"rows": {"N": "5"}, "tags": {"L": [{"S": "x"}]}}}
    assert result_of(state, answer, "dynamodb") == {"rows": 5, "tags": ["x"]}
    assert result_of(state, {}, "dynamodb") == {}
    assert allowed(get) == {("dynamodb:GetItem", "arn:aws:dynamodb:us-east-1:111122223333:table/loads")}


def test_an_update_gives_the_item_as_it_is_now() -> None:
    state = the_task(
        {
            "type": "dynamodb",
            "action": "update",
            "table": "loads",
            "key": {"id": "a"},
            "update": "SET #r = :r",
            "condition": "attribute_exists(id)",
            "names": {"#r": "rows"},
            "values": {":r": "{% $params.rows %}"},
        }
    )
    found = evaluated(state.arguments, params={"rows": 3})
    assert found["ExpressionAttributeValues"] == {":r": {"N": "3"}}
    assert (found["ReturnValues"], found["ConditionExpression"]) == ("ALL_NEW", "attribute_exists(id)")
    assert result_of(state, {"Attributes": {"rows": {"N": "3"}}}, "dynamodb") == {"rows": 3}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"action": "get"}, "key: action: get needs it"),
        ({"action": "put", "item": {"a": 1}, "key": {"a": 1}}, "key: action: put does not take it"),
        ({"action": "update", "key": {"a": 1}}, "update: action: update needs it"),
        ({"action": "get", "key": {"a": 1}, "consistent": True, "update": "x"}, "does not take it"),
        ({"action": "put", "item": {"a": 1}, "values": {"v": 1}}, "begin with a colon"),
        ({"action": "query", "key": {}}, "action"),
    ],
)
def test_an_item_call_that_cannot_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        operation({"type": "dynamodb", "table": "loads", **given})


def test_an_object_is_read_and_parsed() -> None:
    state = the_task({"type": "s3", "action": "get", "bucket": "lake", "key": "a/b.json", "format": "json"})
    assert (state.resource, state.arguments) == ("arn:aws:states:::aws-sdk:s3:getObject", {"Bucket": "lake", "Key": "a/b.json"})
    answer = {"Body": '{"a":1}', "ContentLength": 7, "ETag": "e"}
    assert result_of(state, answer, "s3") == {"uri": "s3://lake/a/b.json", "body": {"a": 1}, "bytes": 7, "etag": "e"}


def test_a_list_is_a_list_for_no_object_and_for_one() -> None:
    state = the_task({"type": "s3", "action": "list", "bucket": "lake", "prefix": "a/"})
    assert result_of(state, {"KeyCount": 0, "IsTruncated": False}, "s3") == {"objects": [], "truncated": False}
    one = {"Contents": [{"Key": "a/x", "Size": 3, "ETag": "e"}], "IsTruncated": False}
    assert result_of(state, one, "s3")["objects"] == [{"key": "a/x", "bytes": 3, "etag": "e"}]


def test_the_source_of_a_copy_is_url_encoded() -> None:
    copy = {"type": "s3", "action": "copy", "bucket": "lake", "key": "t", "source": {"bucket": "in", "key": "a b/ü"}}
    assert the_task(copy).arguments["CopySource"] == "in/a%20b/%C3%BC"
    later = the_task({**copy, "source": {"bucket": "in", "key": "{% $params.key %}"}}).arguments["CopySource"]
    assert evaluated(later, params={"key": "a b"}) == "in/a%20b"
    reading = {("s3:GetObject", "arn:aws:s3:::in/a b/ü"), ("s3:ListBucket", "arn:aws:s3:::in")}
    assert allowed(copy) == {("s3:PutObject", "arn:aws:s3:::lake/t"), *reading}


def test_a_known_key_is_allowed_alone_even_when_it_looks_like_a_pattern() -> None:
    put = {"type": "s3", "action": "put", "bucket": "lake", "body": "x"}
    assert allowed({**put, "key": "a*"}) == {("s3:PutObject", "arn:aws:s3:::lake/a${*}")}
    assert allowed({**put, "key": "{% $params.key %}"}) == {("s3:PutObject", "arn:aws:s3:::lake/*")}


def test_a_container_runs_with_its_command_and_network() -> None:
    task = {
        "type": "ecs_task",
        "cluster": "etl",
        "task_definition": "load:7",
        "container": {"name": "main", "command": ["load", "{% $params.date %}"], "environment": {"A": "{% $params.date %}"}},
        "network": {"subnets": ["subnet-1"], "public_ip": True},
        "roles": ["arn:aws:iam::111122223333:role/x"],
    }
    state = the_task(task)
    assert state.resource == "arn:aws:states:::ecs:runTask.sync"
    assert evaluated(state.arguments, params={"date": "d"}) == {
        "Cluster": "etl",
        "TaskDefinition": "load:7",
        "LaunchType": "FARGATE",
        "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["subnet-1"], "AssignPublicIp": "ENABLED"}},
        "Overrides": {
            "ContainerOverrides": [{"Name": "main", "Command": ["load", "d"], "Environment": [{"Name": "A", "Value": "d"}]}]
        },
    }
    answer = {
        "TaskArn": "t",
        "StoppedReason": "done",
        "Containers": [{"Name": "log", "ExitCode": 9}, {"Name": "main", "ExitCode": 0}],
    }
    assert result_of(state, answer, "ecs_task") == {"arn": "t", "exit_code": 0, "reason": "done"}
    assert ("ecs:RunTask", "arn:aws:ecs:us-east-1:111122223333:task-definition/load:7") in allowed(task)
    assert ("ecs:StopTask", "arn:aws:ecs:us-east-1:111122223333:task/etl/*") in allowed(task)
    (handed,) = [permission for permission in needs(task) if permission.actions == ("iam:PassRole",)]
    assert handed.condition == {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"task_definition": "load:7"}, "needs subnets"),
        ({"task_definition": "a b", "launch": "ec2"}, "FAMILY:REVISION"),
        ({"task_definition": "load:7", "launch": "ec2", "result": "file"}, "result"),
    ],
)
def test_a_task_that_cannot_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        operation({"type": "ecs_task", "cluster": "etl", **given})


@pytest.mark.parametrize(
    "given",
    [
        {"type": "lambda", "function": "{% $params.f %}"},
        {"type": "sns_publish", "topic": "{% $params.f %}", "message": "x"},
        {"type": "dynamodb", "action": "get", "table": "{% $params.f %}", "key": {"a": 1}},
        {"type": "ecs_task", "cluster": "{% $params.f %}", "task_definition": "a:1", "launch": "ec2"},
    ],
)
def test_what_policies_are_made_of_cannot_be_an_expression(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="an expression cannot stand here: the value must be known by the time of the apply"):
        operation(given)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("https://sqs.eu-west-1.amazonaws.com/111111111111/done", "arn:aws:sqs:eu-west-1:111111111111:done"),
        ("done", "arn:aws:sqs:REGION:ACCOUNT:NAME"),
    ],
)
def test_whoever_writes_a_queues_url_or_name_is_shown_its_arn(written: str, shown: str) -> None:
    with pytest.raises(ValueError, match=shown):
        SqsSendParams(queue=written, body="x")


@pytest.mark.parametrize("key", ["{% $uuid() %}", "{% 'a/' & $string($millis()) %}", "{% $now() & '.json' %}"])
def test_a_key_that_is_another_each_time_is_told_since_the_result_would_name_another_object(key: str) -> None:
    made = operation({"type": "s3", "action": "put", "bucket": "b", "key": key, "body": "x"})
    (finding,) = kind_of(made).findings(made.params, made)
    assert (finding.code, finding.pointer) == ("BS275", "/key")


def test_a_key_of_the_session_is_nothing_to_tell() -> None:
    made = operation({"type": "s3", "action": "get", "bucket": "b", "key": "{% $session.id & '.json' %}"})
    assert kind_of(made).findings(made.params, made) == ()
