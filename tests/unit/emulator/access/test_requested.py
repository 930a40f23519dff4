"""What requests need: actions as IAM calls them, on resources as policies name them."""

from __future__ import annotations

import json

import pytest

from bunsui.emulator.access.principals import Principal
from bunsui.emulator.access.requested import Need, Unreadable, needs_of
from bunsui.emulator.access.signatures import Head, Signature

pytest.importorskip("ministack")
ACCOUNT = "111111111111"
CALLER = Principal(account=ACCOUNT, arn="arn:aws:sts::1:assumed-role/r/s", user_id="x", role_arn="arn:aws:iam::1:role/r")


def needs(
    service: str, *, target: str = "", body: object = None, method: str = "POST", path: str = "/", query: str = ""
) -> object:
    """Return actions and resources; the reason where nobody can tell."""
    headers = {
        "host": "127.0.0.1:1",
        **({"x-amz-target": target, "content-type": "application/x-amz-json-1.0"} if target else {}),
    }
    signature = Signature(
        access_key="k", scope=("20260101", "eu-west-1", service), signed_headers=("host",), value="v", stamp="s", token=None
    )
    head = Head(method="POST", path=path, query=query, headers=headers)
    found = needs_of(service, CALLER, signature, head, json.dumps(body or {}).encode())
    return found.reason if isinstance(found, Unreadable) else [(one.action, one.resource) for one in found]


TABLES = f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table"


@pytest.mark.parametrize(
    ("operation", "body", "needed"),
    [
        ("GetItem", {"TableName": "one"}, [("dynamodb:GetItem", "one")]),
        ("Query", {"TableName": "one", "IndexName": "i"}, [("dynamodb:Query", "one/index/i")]),
        ("BatchGetItem", {"RequestItems": {"one": {}, "two": {}}}, [("dynamodb:BatchGetItem", t) for t in ("one", "two")]),
        (
            "TransactWriteItems",
            {"TransactItems": [{"Put": {"TableName": "one"}}, {"ConditionCheck": {"TableName": "two"}}]},
            [("dynamodb:PutItem", "one"), ("dynamodb:ConditionCheckItem", "two")],
        ),
        ("TransactGetItems", {"TransactItems": [{"Get": {"TableName": "one"}}]}, [("dynamodb:GetItem", "one")]),
        ("ExecuteStatement", {"Statement": 'SELECT * FROM "one" WHERE a = 1'}, [("dynamodb:PartiQLSelect", "one")]),
        ("ExecuteStatement", {"Statement": "insert into one value {'a': 1}"}, [("dynamodb:PartiQLInsert", "one")]),
        (
            "ExecuteTransaction",
            {"TransactStatements": [{"Statement": 'DELETE FROM "one" WHERE a=1'}, {"Statement": 'UPDATE "two" SET a=1'}]},
            [("dynamodb:PartiQLDelete", "one"), ("dynamodb:PartiQLUpdate", "two")],
        ),
    ],
)
def test_calls_of_dynamodb_need_rights_on_each_table(operation: str, body: object, needed: list[tuple[str, str]]) -> None:
    found = needs("dynamodb", target=f"DynamoDB_20120810.{operation}", body=body)
    assert found == [(action, f"{TABLES}/{table}") for action, table in needed]


def test_a_statement_that_cannot_be_read_is_not_judged() -> None:
    body = {"Statement": "EXISTS(SELECT 1)"}
    assert "does not name its resource" in str(needs("dynamodb", target="DynamoDB_20120810.ExecuteStatement", body=body))
    assert "does not know" in str(needs("glue-of-the-future", target="X.Y"))


def test_a_start_through_an_alias_needs_the_machine() -> None:
    machine = f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:m"
    for arn in (machine, f"{machine}:live"):
        body = {"stateMachineArn": arn}
        assert needs("states", target="AWSStepFunctions.StartExecution", body=body) == [("states:StartExecution", machine)]


def test_a_function_is_named_with_its_qualifier() -> None:
    function = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"
    path = "/2015-03-31/functions/f/invocations"
    assert needs("lambda", path=path) == [("lambda:InvokeFunction", function)]
    assert needs("lambda", path=path, query="Qualifier=7") == [("lambda:InvokeFunction", f"{function}:7")]


def test_a_copy_reads_its_source_and_a_list_tells_its_prefix() -> None:
    headers = {"host": "127.0.0.1:1", "x-amz-copy-source": "/from/a"}
    signature = Signature(
        access_key="k", scope=("20260101", "eu-west-1", "s3"), signed_headers=("host",), value="v", stamp="s", token=None
    )
    copied = needs_of("s3", CALLER, signature, Head(method="PUT", path="/to/b", query="", headers=headers), b"")
    assert not isinstance(copied, Unreadable)
    assert {(one.action, one.resource) for one in copied} == {
        ("s3:PutObject", "arn:aws:s3:::to/b"),
        ("s3:GetObject", "arn:aws:s3:::from/a"),
    }
    head = Head(method="GET", path="/lake", query="list-type=2&prefix=in%2F", headers={"host": "127.0.0.1:1"})
    [listed] = needs_of("s3", CALLER, signature, head, b"")  # type: ignore[misc]  # it is no Unreadable
    assert isinstance(listed, Need)
    assert (listed.action, listed.resource, listed.facts["s3:prefix"]) == ("s3:ListBucket", "arn:aws:s3:::lake", ["in/"])


def test_events_and_tasks_name_their_bus_and_their_definition() -> None:
    entries = {"Entries": [{"EventBusName": "own"}, {}]}
    buses = [f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/{name}" for name in ("own", "default")]
    assert needs("events", target="AWSEvents.PutEvents", body=entries) == [("events:PutEvents", bus) for bus in buses]
    definition = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition"
    target = "AmazonEC2ContainerServiceV20141113.RunTask"
    assert needs("ecs", target=target, body={"taskDefinition": "family:3"}) == [("ecs:RunTask", f"{definition}/family:3")]
    assert needs("ecs", target=target, body={"taskDefinition": "family"}) == [("ecs:RunTask", f"{definition}/family:0")]


def test_a_task_with_tags_needs_to_tag() -> None:
    body = {"taskDefinition": "load:7", "cluster": "etl", "tags": [{"key": "a", "value": "b"}]}
    target = "AmazonEC2ContainerServiceV20141113.RunTask"
    assert needs("ecs", target=target, body=body) == [
        ("ecs:RunTask", f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task-definition/load:7"),
        ("ecs:TagResource", f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task/etl/new"),
    ]
