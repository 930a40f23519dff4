"""The test doubles of the types: out of the answer that they make, the Task reads the very result that a test told."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.operations.contract import ServiceCall
from tests.unit.operations.harness import kind_of, operation, result_of, the_task

LAMBDA = {"type": "lambda", "function": "f:1"}
CHILD = {"type": "pipeline", "pipeline": "rates"}
OTHER = {"type": "step_function", "state_machine": "arn:aws:states:us-east-1:111122223333:stateMachine:rates:live"}
TOPIC = {"type": "sns_publish", "topic": "arn:aws:sns:us-east-1:111122223333:alerts", "message": "m"}
QUEUE = {"type": "sqs_send", "queue": "arn:aws:sqs:us-east-1:111122223333:orders", "body": "m"}
GET = {"type": "dynamodb", "action": "get", "table": "things", "key": {"id": "1"}}
DELETE = {"type": "dynamodb", "action": "delete", "table": "things", "key": {"id": "1"}}
ECS = {"type": "ecs_task", "cluster": "etl", "task_definition": "load:7", "network": {"subnets": ["subnet-0"]}}
NAMED = {**ECS, "container": {"name": "load"}}
READ = {"type": "s3", "action": "get", "bucket": "lake", "key": "a.json", "format": "json"}
LIST = {"type": "s3", "action": "list", "bucket": "lake"}
COPY = {"type": "s3", "action": "copy", "bucket": "lake", "key": "b", "source": {"bucket": "lake", "key": "a"}}
PUT = {"type": "s3", "action": "put", "bucket": "lake", "key": "a", "body": "x"}
HTTP = {"type": "http", "url": "https://a.example/b", "connection": "arn:aws:events:us-east-1:111122223333:connection/a/b"}
GLUE = {"type": "glue_job", "job": "bronze"}
ITEM = {"name": "a", "price": 1.5, "count": 2, "old": True, "tags": ["x", {"y": "z"}], "none": None}


@pytest.mark.parametrize(
    ("step", "result"),
    [
        (LAMBDA, {"files": [1, 2]}),
        (LAMBDA, "text"),
        (CHILD, {"load": {"rows": 1}}),
        (OTHER, [1, 2]),
        (TOPIC, {"message_id": "m-1"}),
        (QUEUE, {"message_id": "m-2"}),
        (GET, ITEM),
        (GET, {}),
        (DELETE, ITEM),
        (ECS, {"arn": "arn:task", "exit_code": 3, "reason": "done"}),
        (NAMED, {"arn": "arn:task", "exit_code": 0, "reason": "done"}),
        (HTTP, {"status": 200, "body": {"a": 1}, "headers": {"x": ["y"]}}),
        (GLUE, {"id": "jr_1", "state": "SUCCEEDED", "seconds": 5}),
        (READ, {"uri": "s3://lake/a.json", "body": {"a": [1]}, "bytes": 9, "etag": "e"}),
        (LIST, {"objects": [{"key": "a", "bytes": 1, "etag": "e"}], "truncated": True}),
        (COPY, {"uri": "s3://lake/b", "etag": "e"}),
        (PUT, {"uri": "s3://lake/a", "etag": "e"}),
    ],
)
def test_the_task_reads_the_told_result_out_of_the_made_up_answer(step: dict[str, Any], result: Any) -> None:
    made = operation(step)
    kind, state = kind_of(made), the_task(step)
    call = ServiceCall(resource=state.resource.rpartition(":::")[2], arguments=state.arguments)
    answer = kind.answer(made.params, result) if kind.answer_call is None else kind.answer_call(made.params, result, call)
    assert result_of(state, answer, made.id) == result


EXISTS = {"type": "s3", "action": "exists", "bucket": "lake", "key": "a"}
ERASE = {"type": "s3", "action": "delete", "bucket": "lake", "key": "a"}
QUERY = {"type": "athena_query", "query": "SELECT 1"}


@pytest.mark.parametrize(
    "step", [READ, PUT, COPY, LIST, EXISTS, ERASE, GLUE, HTTP, QUERY, {**QUERY, "fetch": "first"}, {**QUERY, "fetch": "rows"}]
)
def test_a_sample_has_fields_of_the_result_only(step: dict[str, Any]) -> None:
    made = operation(step)
    kind = kind_of(made)
    sample = kind.sample(made.params)
    assert isinstance(sample, dict)
    assert kind.result_fields is not None
    assert set(sample) <= kind.result_fields
    assert ("rows" in sample) == ("fetch" in step)


def test_calls_of_any_service_answer_what_they_are_told() -> None:
    made = operation({"type": "aws", "action": "glue:getJob", "arguments": {"JobName": "j"}, "resources": ["*"]})
    assert kind_of(made).answer(made.params, {"Job": {}}) == {"Job": {}}
