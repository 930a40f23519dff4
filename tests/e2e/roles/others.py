"""What belongs to others in an account, and pipelines name: made from the ARNs that derived policies hold."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from tests.embedded import EmbeddedAccount

OBJECTS: Mapping[str, str] = {
    "a.csv": "id,name\n1,x\n2,y\n",
    "a.json": '[{"id": 1}, {"id": 2}]',
    "a.jsonl": '{"id": 1}\n{"id": 2}\n',
    "c": "what is copied",
    "d": "what is copied",
    "e": "what is copied",
    "k": '{"a": "b"}',
    "orders/1": "x",
    "orders/2026-01-31.csv": "id,name\n1,x\n2,y\n",
}
"""Objects of each bucket, by key."""
ANSWER: Mapping[str, Any] = {
    "a": 1, "all": [{"id": 1}], "b": 2, "bucket": "lake", "c": 3, "done": True, "files": [{"name": "k", "key": "k"}],
    "flag": True, "id": 1, "limit": 5, "n": 5, "name": "x", "rows": 1, "state": "done", "table": "t", "usd": 1, "x": 1, "z": 1,
}  # fmt: skip
"""What every function of others answers: all that pipelines read of one."""
SOURCE = f"def handler(event, context):\n    return {dict(ANSWER)!r}\n"
TRUSTED = ["ecs-tasks.amazonaws.com", "lambda.amazonaws.com", "states.amazonaws.com", "glue.amazonaws.com"]
TASKS = ("load", "other", "side")
"""Containers of every task definition."""


def make_what_is_named(account: EmbeddedAccount, arns: Iterable[str], *, except_for: Iterable[str]) -> None:
    """Make what the ARNs name, but for what has a name of ours."""
    ours = set(except_for)
    for arn in sorted(set(arns)):
        parts = arn.split(":", 5)
        maker = _MAKERS.get(parts[2]) if len(parts) == 6 else None
        if maker is not None and parts[4] in ("", account.account) and not any(name in parts[5] for name in ours):
            maker(account, parts[5])
    fill(account)


def _bucket(account: EmbeddedAccount, resource: str) -> None:
    name, s3 = resource.partition("/")[0], account.client("s3")
    if "*" in name or name in [one["Name"] for one in s3.list_buckets()["Buckets"]]:
        return
    s3.create_bucket(Bucket=name)


def fill(account: EmbeddedAccount) -> None:
    """Put the objects back into every bucket of others."""
    s3 = account.client("s3")
    for name in _buckets(account):
        for key, body in OBJECTS.items():
            s3.put_object(Bucket=name, Key=key, Body=body.encode())


def empty(account: EmbeddedAccount) -> None:
    """Take every object out of the buckets of others."""
    s3 = account.client("s3")
    for name in _buckets(account):
        for one in s3.list_objects_v2(Bucket=name).get("Contents", ()):
            s3.delete_object(Bucket=name, Key=one["Key"])


def _buckets(account: EmbeddedAccount) -> list[str]:
    names = [str(one["Name"]) for one in account.client("s3").list_buckets()["Buckets"]]
    return [name for name in names if not name.startswith("bunsui-")]


def _queue(account: EmbeddedAccount, resource: str) -> None:
    ordered = {"FifoQueue": "true"} if resource.endswith(".fifo") else {}
    account.client("sqs").create_queue(QueueName=resource, Attributes=ordered)


def _topic(account: EmbeddedAccount, resource: str) -> None:
    ordered = {"FifoTopic": "true"} if resource.endswith(".fifo") else {}
    account.client("sns").create_topic(Name=resource, Attributes=ordered)


def _table(account: EmbeddedAccount, resource: str) -> None:
    name, dynamodb = resource.removeprefix("table/"), account.client("dynamodb")
    if name.startswith("bunsui-") or name in dynamodb.list_tables()["TableNames"]:
        return
    key = KEYS.get(name, "a")
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


KEYS: Mapping[str, str] = {}
"""The key of tables whose key is not `a`."""


def _zipped(name: str, text: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, text)
    return buffer.getvalue()


def _function(account: EmbeddedAccount, resource: str) -> None:
    kind, name, *_ = resource.split(":")
    client = account.client("lambda")
    if kind == "layer":
        client.publish_layer_version(LayerName=name, Content={"ZipFile": _zipped("python/tool.py", "")})
        return
    role = f"arn:aws:iam::{account.account}:role/functions-of-others"
    _role(account, "role/functions-of-others")
    if any(one["FunctionName"] == name for one in client.list_functions()["Functions"]):
        return
    client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="app.handler",
        Role=role,
        Code={"ZipFile": _zipped("app.py", SOURCE)},
        Publish=True,
        Timeout=30,
    )
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")


def _machine(account: EmbeddedAccount, resource: str) -> None:
    kind, name, *_ = resource.split(":")
    if kind != "stateMachine":
        return
    states = account.client("stepfunctions")
    role = "role/machines-of-others"
    _role(account, role)
    definition = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    arn = f"arn:aws:states:us-east-1:{account.account}:stateMachine:{name}"
    if arn in [one["stateMachineArn"] for one in states.list_state_machines()["stateMachines"]]:
        return
    made = states.create_state_machine(
        name=name, definition=definition, roleArn=f"arn:aws:iam::{account.account}:{role}", publish=True
    )
    routing = [{"stateMachineVersionArn": made["stateMachineVersionArn"], "weight": 100}]
    states.create_state_machine_alias(name="live", routingConfiguration=routing)


def _role(account: EmbeddedAccount, resource: str) -> None:
    iam, name = account.client("iam"), resource.removeprefix("role/").rpartition("/")[2]
    statement = {"Effect": "Allow", "Principal": {"Service": TRUSTED}, "Action": "sts:AssumeRole"}
    try:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    except iam.exceptions.EntityAlreadyExistsException:
        return
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document)


def _tasks(account: EmbeddedAccount, resource: str) -> None:
    if not resource.startswith("task-definition/"):
        return
    ecs, (family, number) = account.client("ecs"), resource.removeprefix("task-definition/").split(":")
    for cluster in ("etl", "other"):
        ecs.create_cluster(clusterName=cluster)
    containers = [{"name": name, "image": "none", "command": ["true"], "memory": 64} for name in TASKS]
    while True:
        role = f"arn:aws:iam::{account.account}:role/load-execution"
        made = ecs.register_task_definition(family=family, containerDefinitions=containers, executionRoleArn=role)[
            "taskDefinition"
        ]
        if number == "*" or made["revision"] >= int(number):
            return


def _secret(account: EmbeddedAccount, resource: str) -> None:
    name = resource.removeprefix("secret:").removesuffix("-??????")
    client = account.client("secretsmanager")
    if name not in [one["Name"] for one in client.list_secrets()["SecretList"]]:
        client.create_secret(Name=name, SecretString="s")


_MAKERS: Mapping[str, Callable[[EmbeddedAccount, str], None]] = {
    "dynamodb": _table,
    "ecs": _tasks,
    "iam": _role,
    "lambda": _function,
    "s3": _bucket,
    "secretsmanager": _secret,
    "sns": _topic,
    "sqs": _queue,
    "states": _machine,
}
