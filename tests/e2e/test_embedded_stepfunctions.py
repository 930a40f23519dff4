"""The embedded Step Functions among the other services of the embedded AWS: what it calls, and what starts it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bunsui.emulator.launcher.launcher import ensure_running, stop
from tests.e2e.test_embedded import ROLE, constant, finished, make_function, make_machine
from tests.embedded import EmbeddedAccount, fresh_account

pytestmark = pytest.mark.embedded


def calling(resource: str, arguments: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return a machine with one Task."""
    task = {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": True, **more}
    return {"QueryLanguage": "JSONata", "StartAt": "call", "States": {"call": task}}


def ran(account: EmbeddedAccount, resource: str, arguments: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Run one Task; give the execution."""
    machine = make_machine(account, f"m{time.monotonic_ns()}", calling(resource, arguments, **more))
    return finished(account, machine["stateMachineArn"])


def output(execution: Mapping[str, Any]) -> Any:
    """Return the output of an execution that must have succeeded."""
    assert execution["status"] == "SUCCEEDED", execution.get("cause")
    return json.loads(execution["output"])


def eventually(found: Callable[[], Any], *, seconds: float = 20) -> Any:
    """Wait until something is found; give it."""
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return value


def test_objects_are_written_read_copied_and_listed(embedded_account: EmbeddedAccount) -> None:
    embedded_account.client("s3").create_bucket(Bucket="bucket-of-tests")
    where = {"Bucket": "bucket-of-tests"}
    sdk = "arn:aws:states:::aws-sdk:s3:"

    written = output(ran(embedded_account, f"{sdk}putObject", {**where, "Key": "a/b", "Body": "häl\nlo"}))
    read = output(ran(embedded_account, f"{sdk}getObject", {**where, "Key": "a/b"}))
    copied = output(ran(embedded_account, f"{sdk}copyObject", {**where, "Key": "c", "CopySource": "bucket-of-tests/a/b"}))
    listed = output(ran(embedded_account, f"{sdk}listObjectsV2", where))
    missing = ran(embedded_account, f"{sdk}getObject", {**where, "Key": "none"})

    assert (read["Body"], read["ContentLength"]) == ("häl\nlo", 7)
    assert written["ETag"] == read["ETag"] == copied["CopyObjectResult"]["ETag"]
    assert [entry["Key"] for entry in listed["Contents"]] == ["a/b", "c"]
    assert missing["error"] == "S3.NoSuchKeyException"


def test_items_are_put_and_read(embedded_account: EmbeddedAccount) -> None:
    embedded_account.client("dynamodb").create_table(
        TableName="items",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    item = {"id": {"S": "1"}, "done": {"BOOL": True}, "none": {"NULL": True}}
    put = {"TableName": "items", "Item": item, "ConditionExpression": "attribute_not_exists(id)"}

    output(ran(embedded_account, "arn:aws:states:::dynamodb:putItem", put))
    read = output(ran(embedded_account, "arn:aws:states:::dynamodb:getItem", {"TableName": "items", "Key": {"id": {"S": "1"}}}))
    again = ran(embedded_account, "arn:aws:states:::dynamodb:putItem", put)
    by_sdk = output(ran(embedded_account, "arn:aws:states:::aws-sdk:dynamodb:scan", {"TableName": "items"}))

    assert read["Item"] == item
    assert read["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert again["error"] == "DynamoDB.ConditionalCheckFailedException"
    assert by_sdk["Items"] == [{"id": {"S": "1"}, "done": {"Bool": True}, "none": {"Nul": True}}]


def test_messages_are_sent_and_published(embedded_account: EmbeddedAccount) -> None:
    queues, topics = embedded_account.client("sqs"), embedded_account.client("sns")
    queue = queues.create_queue(QueueName="q")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = topics.create_topic(Name="t")["TopicArn"]
    topics.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})

    sent = output(ran(embedded_account, "arn:aws:states:::sqs:sendMessage", {"QueueUrl": queue, "MessageBody": {"a": 1}}))
    output(ran(embedded_account, "arn:aws:states:::sns:publish", {"TopicArn": topic, "Message": {"b": 2}}))

    bodies: list[Any] = []

    def received() -> bool:
        answer = queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
        bodies.extend(json.loads(message["Body"]) for message in answer.get("Messages", []))
        return len(bodies) == 2

    eventually(received)
    assert sorted(bodies, key=str) == [{"a": 1}, {"b": 2}]
    assert "MD5OfMessageBody" in sent


def test_a_function_is_called_and_its_exception_named(embedded_account: EmbeddedAccount) -> None:
    source = (
        "class StaleData(Exception):\n    pass\n\n"
        "def handler(event, context):\n    if event.get('stale'):\n        raise StaleData('too old')\n"
        "    return {'got': event}\n"
    )
    function = make_function(embedded_account, "f", source)

    good = output(ran(embedded_account, "arn:aws:states:::lambda:invoke", {"FunctionName": function, "Payload": {"n": 1}}))
    bare = output(ran(embedded_account, function, {"n": 2}))
    bad = ran(embedded_account, "arn:aws:states:::lambda:invoke", {"FunctionName": "f", "Payload": {"stale": True}})
    none = ran(embedded_account, "arn:aws:states:::lambda:invoke", {"FunctionName": "none", "Payload": {}})

    assert (good["Payload"], good["ExecutedVersion"], good["StatusCode"]) == ({"got": {"n": 1}}, "$LATEST", 200)
    assert bare == {"got": {"n": 2}}
    assert bad["error"] == "StaleData"
    assert json.loads(bad["cause"])["errorMessage"] == "too old"
    assert "in handler" in json.loads(bad["cause"])["stackTrace"][0]
    assert none["error"] == "Lambda.ResourceNotFoundException"


def test_a_child_machine_is_waited_for(embedded_account: EmbeddedAccount) -> None:
    child = make_machine(embedded_account, "child", constant({"rows": 3}))["stateMachineArn"]

    arguments = {"StateMachineArn": child, "Input": {"a": 1}}
    found = output(ran(embedded_account, "arn:aws:states:::states:startExecution.sync:2", arguments))

    assert (found["Output"], found["Input"], found["Status"]) == ({"rows": 3}, {"a": 1}, "SUCCEEDED")


def role_that_starts(account: EmbeddedAccount, machine: str) -> str:
    """Make a role by which EventBridge may start the machine; return its ARN."""
    trust = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}
    may = {"Effect": "Allow", "Action": "states:StartExecution", "Resource": machine}
    roles = account.client("iam")
    made = roles.create_role(RoleName="starts", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))
    roles.put_role_policy(RoleName="starts", PolicyName="start", PolicyDocument=json.dumps({"Statement": [may]}))
    return str(made["Role"]["Arn"])


def test_a_rule_starts_what_its_targets_role_may_start_and_hears_of_its_end(embedded_account: EmbeddedAccount) -> None:
    states, events, queues = (embedded_account.client(name) for name in ("stepfunctions", "events", "sqs"))
    machine = make_machine(embedded_account, "ruled", constant(1))["stateMachineArn"]
    other = make_machine(embedded_account, "unruled", constant(1))["stateMachineArn"]
    role = role_that_starts(embedded_account, machine)
    queue = queues.create_queue(QueueName="ends")["QueueUrl"]
    arn = queues.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="start", EventPattern=json.dumps({"source": ["tests"]}))
    events.put_targets(
        Rule="start", Targets=[{"Id": str(n), "Arn": one, "RoleArn": role} for n, one in enumerate((other, machine))]
    )
    pattern = {"source": ["aws.states"], "detail": {"status": ["SUCCEEDED"]}}
    events.put_rule(Name="end", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="end", Targets=[{"Id": "1", "Arn": arn}])

    events.put_events(Entries=[{"Source": "tests", "DetailType": "go", "Detail": '{"n": 1}'}])

    (execution,) = eventually(lambda: states.list_executions(stateMachineArn=machine)["executions"])
    (message,) = eventually(lambda: queues.receive_message(QueueUrl=queue, WaitTimeSeconds=1).get("Messages"))
    detail = json.loads(message["Body"])["detail"]
    assert detail["executionArn"] == execution["executionArn"]
    assert json.loads(detail["input"])["detail"] == {"n": 1}
    assert states.list_executions(stateMachineArn=other)["executions"] == []


def test_histories_are_in_the_log_group_and_executions_in_the_metrics(embedded_account: EmbeddedAccount) -> None:
    logs, metrics = embedded_account.client("logs"), embedded_account.client("cloudwatch")
    logs.create_log_group(logGroupName="/states/m")
    (group,) = logs.describe_log_groups()["logGroups"]
    arn = group["arn"] if group["arn"].endswith(":*") else f"{group['arn']}:*"
    logging = {"level": "ALL", "includeExecutionData": True}
    logging["destinations"] = [{"cloudWatchLogsLogGroup": {"logGroupArn": arn}}]
    machine = make_machine(embedded_account, "logged", constant(1), loggingConfiguration=logging)["stateMachineArn"]
    finished(embedded_account, machine)

    def lines() -> list[Any]:
        found = logs.filter_log_events(logGroupName="/states/m")["events"]
        return [json.loads(event["message"]) for event in found] if len(found) == 4 else []

    assert [line["type"] for line in eventually(lines)][-1] == "ExecutionSucceeded"
    eventually(lambda: metrics.list_metrics(Namespace="AWS/States", MetricName="ExecutionsSucceeded")["Metrics"])


def test_a_distributed_map_reads_and_writes_objects(embedded_account: EmbeddedAccount) -> None:
    objects = embedded_account.client("s3")
    objects.create_bucket(Bucket="bucket-of-maps")
    objects.put_object(Bucket="bucket-of-maps", Key="in.json", Body=b"[1, 2, 3]")
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "item",
        "States": {"item": {"Type": "Pass", "End": True}},
    }
    reader = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"}}
    reader["Arguments"] = {"Bucket": "bucket-of-maps", "Key": "in.json"}
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Arguments": {"Bucket": "bucket-of-maps", "Prefix": "out"}}
    each = {"Type": "Map", "ItemProcessor": processor, "ItemReader": reader, "ResultWriter": writer, "End": True}
    definition = {"QueryLanguage": "JSONata", "StartAt": "each", "States": {"each": each}}
    machine = make_machine(embedded_account, "spread", definition)["stateMachineArn"]

    found = output(finished(embedded_account, machine))

    keys = [entry["Key"] for entry in objects.list_objects_v2(Bucket="bucket-of-maps", Prefix="out/")["Contents"]]
    assert found["ResultWriterDetails"]["Bucket"] == "bucket-of-maps"
    assert any(key.endswith("SUCCEEDED_0.json") for key in keys)
    assert any(key.endswith("manifest.json") for key in keys)


def test_a_stack_makes_changes_and_deletes_a_machine(embedded_account: EmbeddedAccount) -> None:
    stacks, states = embedded_account.client("cloudformation"), embedded_account.client("stepfunctions")

    def template(result: int) -> str:
        properties = {
            "StateMachineName": "stacked",
            "RoleArn": ROLE,
            "DefinitionString": json.dumps(constant(result)),
            "Tags": [{"Key": "k", "Value": str(result)}],
        }
        return json.dumps({"Resources": {"m": {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}}})

    def status() -> str:
        return str(stacks.describe_stacks(StackName="s")["Stacks"][0]["StackStatus"])

    stacks.create_stack(StackName="s", TemplateBody=template(1))
    eventually(lambda: status() == "CREATE_COMPLETE")
    (machine,) = states.list_state_machines()["stateMachines"]
    first = output(finished(embedded_account, machine["stateMachineArn"]))
    stacks.update_stack(StackName="s", TemplateBody=template(2))
    eventually(lambda: status() == "UPDATE_COMPLETE")
    second = output(finished(embedded_account, machine["stateMachineArn"]))
    tags = states.list_tags_for_resource(resourceArn=machine["stateMachineArn"])["tags"]
    stacks.delete_stack(StackName="s")

    assert (machine["name"], first, second) == ("stacked", 1, 2)
    assert {"key": "k", "value": "2"} in tags
    of_stack = {one["key"].removeprefix("aws:cloudformation:"): one["value"] for one in tags if one["key"].startswith("aws:")}
    assert (of_stack["stack-name"], of_stack["logical-id"]) == ("s", "m")
    assert ":stack/s/" in of_stack["stack-id"]
    eventually(lambda: states.list_state_machines()["stateMachines"] == [])


@pytest.fixture
def processes(tmp_path: Path) -> Iterator[EmbeddedAccount]:
    """An embedded AWS that may run the commands of containers."""
    yield fresh_account(ensure_running(tmp_path / "local", ecs="process"))
    stop(tmp_path / "local")


def test_one_that_runs_already_is_told_what_it_may_do_with_containers(tmp_path: Path) -> None:
    folder = tmp_path / "local"
    first = ensure_running(folder)
    account = fresh_account(first)
    account.client("ecs").create_cluster(clusterName="etl")
    container = {"name": "load", "image": "any", "command": ["true"], "memory": 64}
    account.client("ecs").register_task_definition(family="load", containerDefinitions=[container])
    arguments = {"Cluster": "etl", "TaskDefinition": "load:1"}
    try:
        refused = ran(account, "arn:aws:states:::ecs:runTask.sync", arguments)
        same = ensure_running(folder, ecs="process").pid == first.pid
        done = ran(account, "arn:aws:states:::ecs:runTask.sync", arguments)
        ensure_running(folder)
        again = ran(account, "arn:aws:states:::ecs:runTask.sync", arguments)
    finally:
        stop(folder)

    assert same
    assert (refused["status"], done["status"], again["status"]) == ("FAILED", "SUCCEEDED", "FAILED")
    assert "local: {ecs: process}" in refused["cause"]


def test_a_container_runs_as_a_process_where_the_environment_allows_it(processes: EmbeddedAccount) -> None:
    ecs = processes.client("ecs")
    ecs.create_cluster(clusterName="etl")
    options = {"awslogs-group": "/etl", "awslogs-stream-prefix": "run", "awslogs-create-group": "true"}
    container = {"name": "load", "image": "any", "command": ["false"], "memory": 64}
    container["logConfiguration"] = {"logDriver": "awslogs", "options": options}
    ecs.register_task_definition(family="load", containerDefinitions=[container])
    code = "import os, sys; print('day', os.environ['DAY']); sys.exit(0 if os.environ['DAY'] == '3' else 5)"
    override = {"Name": "load", "Command": [sys.executable, "-c", code]}

    def run(day: str) -> dict[str, Any]:
        overrides = {"ContainerOverrides": [{**override, "Environment": [{"Name": "DAY", "Value": day}]}]}
        arguments = {"Cluster": "etl", "TaskDefinition": "load:1", "Overrides": overrides}
        return ran(processes, "arn:aws:states:::ecs:runTask.sync", arguments)

    good, bad = output(run("3")), run("4")

    assert good["Containers"][0]["ExitCode"] == 0
    assert bad["error"] == "States.TaskFailed"
    assert json.loads(bad["cause"])["Containers"][0]["ExitCode"] == 5
    written = processes.client("logs").filter_log_events(logGroupName="/etl")["events"]
    assert sorted(event["message"] for event in written) == ["day 3", "day 4"]
    assert written[0]["logStreamName"].startswith("run/load/")


def test_an_endless_regular_expression_fails_its_state_can_be_caught_and_the_rest_goes_on(
    embedded_account: EmbeddedAccount,
) -> None:
    endless = {
        "Type": "Pass",
        "Output": r"{% $match('" + "a" * 80 + r"b', /(a|aa)+$/) %}",
        "End": True,
    }
    once = {"Type": "Parallel", "Branches": [{"StartAt": "match", "States": {"match": endless}}], "End": True}
    once["Catch"] = [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "caught"}]
    states = {"wait": {"Type": "Wait", "Seconds": 0, "Next": "try"}, "try": once, "caught": {"Type": "Succeed"}}
    definition = {"QueryLanguage": "JSONata", "StartAt": "wait", "States": states}
    machine = make_machine(embedded_account, "endless", definition)

    assert finished(embedded_account, machine["stateMachineArn"])["status"] == "SUCCEEDED"
    assert output(finished(embedded_account, make_machine(embedded_account, "after", constant(1))["stateMachineArn"])) == 1
