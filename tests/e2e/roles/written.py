"""Pipelines that need what no single operation does: sources of items, states of one's own, functions, what an author says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

Document = Mapping[str, Any]

CASES = Path(__file__).parents[2] / "cases" / "asl"
_CALL = {"type": "lambda", "function": "load:live"}
_QUEUE = "arn:aws:sqs:us-east-1:111122223333:orders"


def _one(operation: Mapping[str, Any], **job: Any) -> dict[str, Any]:
    return {"operations": [operation], **job}


def _each(items: object, **more: Any) -> dict[str, Any]:
    payload = {**_CALL, "payload": {"item": "{% $item %}"}}
    return _one(payload, foreach={"mode": "distributed", "items": items, **more})


def _source(key: str) -> dict[str, str]:
    return {"s3": f"s3://lake/{key}", "format": key.rpartition(".")[2]}


_TASK_OF_OWN = {
    "type": "asl",
    "start_at": "Both",
    "states": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {
                    "StartAt": "Send",
                    "States": {
                        "Send": {
                            "Type": "Task",
                            "Resource": "arn:aws:states:::aws-sdk:sqs:sendMessage",
                            "Arguments": {
                                "QueueUrl": "https://sqs.us-east-1.amazonaws.com/111122223333/orders",
                                "MessageBody": "m",
                            },
                            "End": True,
                        }
                    },
                },
                {
                    "StartAt": "Invoke",
                    "States": {
                        "Invoke": {
                            "Type": "Task",
                            "Resource": "arn:aws:states:::lambda:invoke",
                            "Arguments": {"FunctionName": "arn:aws:lambda:us-east-1:111122223333:function:load:live"},
                            "End": True,
                        }
                    },
                },
            ],
            "End": True,
        }
    },
    "permissions": [{"actions": ["sqs:SendMessage"], "resources": [_QUEUE]}],
}
_READS_AND_WRITES = {
    "path": "code",
    "handler": "calls.read",
    "permissions": [
        {"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::lake/k"]},
        {"actions": ["sqs:SendMessage"], "resources": [_QUEUE]},
    ],
    "environment": {"BUCKET": "lake-111122223333", "QUEUE": "https://sqs.us-east-1.amazonaws.com/111122223333/orders"},
}
_SQL = 'SELECT * FROM "loads" WHERE "a" = \'b\''
_TABLE = "arn:aws:dynamodb:us-east-1:111122223333:table/loads"

WRITTEN: Mapping[str, Document] = {
    "logs-and-traces": {"logging": {"level": "ALL"}, "tracing": True, "jobs": {"a": _one({"type": "wait", "for": "1s"})}},
    "items-listed": {"jobs": {"a": _each([1, 2, 3], batch=2), "b": _each({"s3": "s3://lake/orders/", "format": "objects"})}},
    "items-of-csv": {"jobs": {"a": _each(_source("a.csv"))}},
    "items-of-json": {"jobs": {"a": _each(_source("a.json")), "b": _each(_source("a.jsonl"))}},
    "absent": {
        "jobs": {
            "got": _one({"type": "s3", "action": "get", "bucket": "lake", "key": "none/of/it"}, isolate=True),
            "told": _one(
                {"type": "check", "that": "{% $errors.got.error = 'S3.NoSuchKeyException' %}"},
                depends_on=["got"],
                run_if="all_done",
                handles=True,
                isolate=True,
            ),
        }
    },
    "states-of-ones-own": {"jobs": {"a": _one(_TASK_OF_OWN)}},
    "functions-of-ones-own": {"jobs": {"a": _one({"type": "lambda", "code": _READS_AND_WRITES})}},
    "calls": {
        "jobs": {
            "put": _one(
                {
                    "type": "aws",
                    "action": "dynamodb:putItem",
                    "arguments": {"TableName": "loads", "Item": {"a": {"S": "b"}}},
                    "resources": [_TABLE],
                }
            ),
            "select": _one(
                {
                    "type": "aws",
                    "action": "dynamodb:executeStatement",
                    "arguments": {"Statement": _SQL},
                    "resources": [_TABLE],
                    "allow": ["dynamodb:PartiQLSelect"],
                }
            ),
            "event": _one(
                {
                    "type": "aws",
                    "action": "events:putEvents",
                    "arguments": {
                        "Entries": [{"Detail": "{}", "DetailType": "t", "Source": "s", "EventBusName": "default"}]
                    },
                    "resources": ["arn:aws:events:us-east-1:111122223333:event-bus/default"],
                }
            ),
            "secret": _one(
                {
                    "type": "aws",
                    "action": "secretsmanager:getSecretValue",
                    "arguments": {"SecretId": "login"},
                    "resources": ["arn:aws:secretsmanager:us-east-1:111122223333:secret:login-??????"],
                }
            ),
            "head": _one(
                {
                    "type": "aws",
                    "action": "s3:headObject",
                    "arguments": {"Bucket": "lake-111122223333", "Key": "k"},
                    "resources": ["arn:aws:s3:::lake/k"],
                }
            ),
        }
    },
    "said-for-all": {
        "permissions": [{"actions": ["sqs:GetQueueAttributes"], "resources": [_QUEUE]}],
        "jobs": {
            "a": _one(
                {
                    "type": "aws",
                    "action": "sqs:getQueueAttributes",
                    "arguments": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/111122223333/orders"},
                    "resources": [_QUEUE],
                    "allow": [],
                }
            )
        },
    },
    "caught": {
        "jobs": {
            "risky": _one({"type": "fail", "error": "No.Rows", "message": "m"}, isolate=True),
            "mend": _one(_CALL, depends_on=["risky"], run_if="any_failed", handles=True),
        }
    },
    "lifecycle": {
        "on_failure": {"type": "sqs_send", "queue": _QUEUE, "body": "failed"},
        "finally": {"type": "lambda", "function": "load:live"},
        "jobs": {"a": _one({"type": "fail", "error": "No.Rows", "message": "m"}, isolate=True)},
    },
}  # fmt: skip
"""By name."""


INPUTS: Mapping[str, Mapping[str, Any]] = {
    "case-distributed": {"day": "2026-01-31"},
    "case-etl": {"limit": 1},
}
"""Parameters of those that do not run without."""
ENDS: Mapping[str, str] = {"lifecycle": "Bunsui.JobsFailed"}
"""How those end that do not succeed."""


def recorded() -> dict[str, Document]:
    """Return the pipelines whose machines are recorded, but for those that permit nothing."""
    found: dict[str, Document] = {}
    for file in sorted(CASES.glob("*/pipeline.yaml")):
        document = yaml.safe_load(_shortened(file.read_text()))
        if file.parent.name not in NOT_RECORDED:
            found[f"case-{document.pop('name')}"] = {key: value for key, value in document.items() if key != "version"}
    return found


def _shortened(text: str) -> str:
    """Return a recorded pipeline that ends soon."""
    for long, short in _SHORT.items():
        text = text.replace(long, short)
    return text


NOT_RECORDED = {
    "bucket": "a container's command that no laptop has; `ecs-task` has the result by file",
    "crossing": "calls nothing",
    "outcomes": "its reaction runs only where a function of others fails; `caught` has one that does",
    "reactions": "no run takes all of its ways",
}
_SHORT = {
    'until: "2030-01-01T00:00:00Z"': "for: 1s",
    "for: 30s": "for: 1s",
    "for: 5s": "for: 1s",
    "every: 30s": "every: 1s",
    'until: "{% $result %}"': 'until: "{% $result.done %}"',
}
