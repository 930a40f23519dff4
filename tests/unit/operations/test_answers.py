"""The test doubles of the types: out of the answer that they make, the Task reads the very result that a test told."""

from __future__ import annotations

from typing import Any

import pytest

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
        (READ, {"uri": "s3://lake/a.json", "body": {"a": [1]}, "bytes": 9, "etag": "e"}),
        (LIST, {"objects": [{"key": "a", "bytes": 1, "etag": "e"}], "truncated": True}),
        (COPY, {"uri": "s3://lake/b", "etag": "e"}),
        (PUT, {"uri": "s3://lake/a", "etag": "e"}),
    ],
)
def test_the_task_reads_the_told_result_out_of_the_made_up_answer(step: dict[str, Any], result: Any) -> None:
    made = operation(step)
    answer = kind_of(made).answer(made.params, result)
    assert result_of(the_task(step), answer, made.id) == result


def test_calls_of_any_service_answer_what_they_are_told() -> None:
    made = operation({"type": "aws", "action": "glue:getJob", "arguments": {"JobName": "j"}, "resources": ["*"]})
    assert kind_of(made).answer(made.params, {"Job": {}}) == {"Job": {}}
