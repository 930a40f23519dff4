"""Operation types as YAML, compiled and really executed in the embedded AWS."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bunsui.compile.pipeline import compile_pipeline
from bunsui.document.load import load_pipelines
from bunsui.document.project import EnvironmentDocument, ProjectDocument
from bunsui.model.resource import Scope
from bunsui.operations.registry import builtin_registry
from bunsui.project.files import RootFolder
from tests.embedded import EmbeddedAccount
from tests.executing import Ended, Run, execute

pytestmark = pytest.mark.embedded

PROJECT = ProjectDocument(name="tests", id="0123456789abcdef", environment=EnvironmentDocument(name="local"))

STEERING = """\
version: 1
name: steering
parameters: {n: {type: integer, default: 5}}
jobs:
  flow:
    operations:
      - {id: pause, type: wait, for: 1s}
      - id: pick
        type: choice
        cases:
          - when: "{% $params.n > 10 %}"
            operations: [{id: many, type: check, that: "{% $params.n > 11 %}"}]
          - when: "{% $params.n > 3 %}"
            operations:
              - {id: some, type: check, that: "{% 1 > $params.n %}", else: warn, message: "{% 'only ' & $string($params.n) %}"}
      - id: raw
        type: asl
        input: {n: "{% $params.n %}", note: "{% $result.message %}"}
        start_at: Look
        states:
          Look:
            Type: Choice
            Choices: [{Condition: "{% $states.input.n > 4 %}", Next: Big}]
            Default: Small
          Big: {Type: Pass, Output: {size: big, note: "{% $states.input.note %}"}, End: true}
          Small: {Type: Pass, Output: {size: small}, End: true}
    outputs: {size: "{% $ops.raw.size %}", passed: "{% $ops.pick.passed %}", message: "{% $ops.raw.note %}"}
  gate:
    depends_on: [flow]
    operations:
      - {id: closed, type: check, that: "{% $jobs.flow.size = 'small' %}", else: skip}
      - {id: never, type: wait, for: 1h}
  unmatched:
    operations:
      - type: choice
        cases: [{when: "{% $params.n > 100 %}", operations: [{type: wait, for: 1h}]}]
    outputs: {ran: "{% $exists($result.passed) %}"}
"""

FAILING = """\
version: 1
name: failing
jobs:
  bad:
    isolate: true
    operations: [{type: check, that: "{% 1 = 2 %}", message: "one is not two"}]
  loud:
    operations: [{type: check, that: "{% 1 = 2 %}", message: "{% 'one is not ' & 'two' %}"}]
"""

CALLS = """\
version: 1
name: calls
parameters: {n: {type: integer, default: 5}}
jobs:
  items:
    operations:
      - id: put
        type: dynamodb
        action: put
        table: loads
        item: {id: a, rows: "{% $params.n %}", tags: [x, {y: true}], nested: "{% {'k': [1, 'z'], 'deep': [[1], []]} %}"}
      - id: update
        type: dynamodb
        action: update
        table: loads
        key: {id: a}
        update: "SET #r = :r"
        names: {"#r": rows}
        values: {":r": "{% $ops.put = {} ? $params.n + 1 : 0 %}"}
      - {id: get, type: dynamodb, action: get, table: loads, key: {id: a}, consistent: true}
      - {id: none, type: dynamodb, action: get, table: loads, key: {id: zz}}
      - {id: tables, type: aws, action: "dynamodb:listTables", resources: ["*"]}
    outputs:
      rows: "{% $ops.update.rows %}"
      item: "{% $ops.get %}"
      missing: "{% $ops.none %}"
      tables: "{% $ops.tables.TableNames %}"
  messages:
    depends_on: [items]
    operations:
      - id: publish
        type: sns_publish
        topic: "arn:aws:sns:us-east-1:ACCOUNT:alerts"
        message: {rows: "{% $jobs.items.rows %}"}
      - {id: send, type: sqs_send, queue: "arn:aws:sqs:us-east-1:ACCOUNT:orders", body: "{% $jobs.items.item %}"}
    outputs: {sent: "{% $exists($ops.send.message_id) and $exists($ops.publish.message_id) %}"}
"""

OBJECTS = """\
version: 1
name: objects
jobs:
  early:
    type: s3
    action: exists
    bucket: lake
    key: in/a
    outputs: {there: "{% $result.exists %}"}
  put:
    depends_on: early
    operations:
      - {type: s3, action: put, bucket: lake, key: in/a, body: "x"}
      - {type: s3, action: put, bucket: lake, key: in/a.tmp, body: "xyz"}
  ready:
    depends_on: put
    type: s3
    action: exists
    bucket: lake
    key: "{% 'in/' & 'a' %}"
    poll: {every: 1s, timeout: 1m}
    outputs: {bytes: "{% $result.bytes %}"}
  gone:
    depends_on: [early, ready]
    operations:
      - {type: s3, action: delete, bucket: lake, key: in/a}
      - {id: left, type: s3, action: exists, bucket: lake, key: in/a}
    outputs: {early: "{% $jobs.early.there %}", bytes: "{% $jobs.ready.bytes %}", left: "{% $ops.left.exists %}"}
"""


def definition_of(text: str, root: Path, account: str = "000000000000") -> Any:
    folder = root / "pipelines"
    folder.mkdir()
    (folder / "one.yaml").write_text(text.replace("ACCOUNT", account), encoding="utf-8")
    scope = Scope(project="tests", environment="local", account=account, region="us-east-1")
    loaded = load_pipelines(RootFolder(root), PROJECT, registry=builtin_registry(), scope=scope)
    assert not [found for found in loaded.diagnostics if found.is_error], loaded.diagnostics
    (pipeline,) = loaded.pipelines
    return compile_pipeline(pipeline, scope=scope, registry=builtin_registry()).definition


def run(account: EmbeddedAccount, text: str, root: Path) -> Ended:
    return execute(account, [Run(name="one", definition=definition_of(text, root, account.account))])["one"]


def test_types_that_steer_do_as_they_say(embedded_account: EmbeddedAccount, tmp_path: Path) -> None:
    ended = run(embedded_account, STEERING, tmp_path)
    assert ended.status == "SUCCEEDED", ended.cause
    assert ended.output["unmatched"] == {"ran": False}
    assert "gate" not in ended.output
    flow = {"size": "big", "passed": False, "message": "only 5"}
    assert ended.exits()["flow.raw"]["jobs"]["flow"] == flow


def test_a_failed_check_ends_the_session_with_its_message(embedded_account: EmbeddedAccount, tmp_path: Path) -> None:
    ended = run(embedded_account, FAILING, tmp_path)
    assert (ended.status, ended.error, ended.cause) == ("FAILED", "CheckFailed", "one is not two")


def test_calls_give_and_take_plain_json(embedded_account: EmbeddedAccount, tmp_path: Path) -> None:
    tables, queues = embedded_account.client("dynamodb"), embedded_account.client("sqs")
    tables.create_table(
        TableName="loads",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    embedded_account.client("sns").create_topic(Name="alerts")
    queue = queues.create_queue(QueueName="orders")["QueueUrl"]
    ended = run(embedded_account, CALLS, tmp_path)
    assert ended.status == "SUCCEEDED", ended.cause
    assert ended.output == {"messages": {"sent": True}}
    item = {"id": "a", "rows": 6, "tags": ["x", {"y": True}], "nested": {"k": [1, "z"], "deep": [[1], []]}}
    assert ended.exits()["items.tables"]["jobs"]["items"] == {"rows": 6, "item": item, "missing": {}, "tables": ["loads"]}
    (message,) = queues.receive_message(QueueUrl=queue)["Messages"]
    assert json.loads(message["Body"]) == item


def test_a_sensor_sees_an_object_come_and_go(embedded_account: EmbeddedAccount, tmp_path: Path) -> None:
    embedded_account.client("s3").create_bucket(Bucket="lake")
    ended = run(embedded_account, OBJECTS, tmp_path)
    assert ended.status == "SUCCEEDED", ended.cause
    assert ended.output == {"gone": {"early": False, "bytes": 1, "left": False}}
