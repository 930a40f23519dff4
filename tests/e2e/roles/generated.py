"""Pipelines of every operation type: its documented example and one operation for each of its parameters.

A new operation type joins by its example and its lines in `parameter_toggles.py`, which another law demands. What cannot run
on a laptop as it is written there stands below, with what is put in its place or with the reason.
"""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import yaml

from bunsui.operations.registry import builtin_registry
from tests.unit.document.key_toggles import changed
from tests.unit.document.parameter_toggles import PARAMETERS

Document = Mapping[str, Any]

PARAMETERS_OF_ALL: Document = {
    "count": {"type": "integer", "default": 1},
    "date": {"type": "string", "default": "2026-01-31"},
    "key": {"type": "string", "default": "k"},
    "n": {"type": "string", "default": "x"},
    "region": {"type": "string", "default": "jp"},
    "rows": {"type": "integer", "default": 3},
}
"""What the examples read."""
_BASE = " (before)"
"""Marks the operation that a parameter is laid into."""
NOTHING_TO_PERMIT = {"asl", "check", "choice", "fail", "wait"}
"""Types that call nothing by themselves; `written.py` has what is called inside of them."""


def pipelines_of_types() -> dict[str, Document]:
    """Return a pipeline for each operation type that calls something, by name."""
    found: dict[str, Document] = {}
    for name in sorted(builtin_registry()):
        operations = list(_operations_of(name))
        if operations and name not in NOTHING_TO_PERMIT:
            jobs = {f"j{number:02}": {"operations": [one], "isolate": True} for number, one in enumerate(operations)}
            found[name.replace("_", "-")] = {"parameters": PARAMETERS_OF_ALL, "jobs": jobs}
    return found


def _operations_of(name: str) -> Iterator[dict[str, Any]]:
    """Yield the operations of a type that can run here, each once."""
    seen = set()
    for key, operation in _all_of(name):
        if key.removesuffix(_BASE) in NOT_HERE:
            continue
        made: dict[str, Any] = LOCALLY.get(name, _as_it_is)(copy.deepcopy(operation))
        text = json.dumps(made, sort_keys=True)
        if text not in seen:
            seen.add(text)
            yield made


def _all_of(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield name, yaml.safe_load(builtin_registry()[name].example)
    if name in EXAMPLE_ALONE:
        return
    for key, (base, toggle) in PARAMETERS.items():
        if key.partition("/")[0].partition(".")[0] == name:
            made: dict[str, Any] = dict(base)
            for place, value in toggle.items():
                made = changed(made, place, value)
            yield key + _BASE, dict(base)
            yield key, made


def _as_it_is(operation: dict[str, Any]) -> dict[str, Any]:
    return operation


def _approval(operation: dict[str, Any]) -> dict[str, Any]:
    return {**operation, "deadline": "1s", "on_deadline": "approve"}


_WRITES = (
    "import os, boto3; bucket, _, key = os.environ['BUNSUI_RESULT_URI'][5:].partition('/');"
    " boto3.client('s3').put_object(Bucket=bucket, Key=key, Body=b'{}')"
)


def _container(operation: dict[str, Any]) -> dict[str, Any]:
    container, command = operation.get("container", {"name": "load"}), ["true"]
    if "result" in operation:
        operation["task_role"], command = "arn:aws:iam::111122223333:role/writes", [sys.executable, "-c", _WRITES]
    return {**operation, "container": {**container, "command": command}}


def _update(operation: dict[str, Any]) -> dict[str, Any]:
    if "key" in operation:
        operation["key"] = {"a": "b"}
    if operation["action"] != "update":
        return operation
    return {
        **operation,
        "update": "SET #c = :b",
        "names": {"#c": "c"},
        "values": {":b": 1},
        "condition": "attribute_not_exists(zz)",
    }


def _object(operation: dict[str, Any]) -> dict[str, Any]:
    if operation["action"] == "put":  # beside what others read
        return {**operation, "key": operation["key"] if "{%" in operation["key"] else f"put/{operation['key']}"}
    return {**operation, "key": "copied"} if operation["action"] == "copy" else operation


def _ordered(place: str, operation: dict[str, Any]) -> dict[str, Any]:
    """What has a group goes to a queue or topic that has groups."""
    if "group" not in operation and "deduplication_id" not in operation:
        return operation
    both = {"group": "g", "deduplication_id": "d"}
    return {**both, **operation, place: f"{operation[place]}.fifo"}


def _secret(operation: dict[str, Any]) -> dict[str, Any]:
    secrets = operation.get("code", {}).get("secrets") if isinstance(operation.get("code"), dict) else None
    if secrets:  # nobody can choose the six characters after a secret's name
        operation["code"]["secrets"] = dict.fromkeys(secrets, "arn:aws:secretsmanager:us-east-1:111122223333:secret:db")
    return operation


LOCALLY: Mapping[str, Any] = {
    "approval": _approval,
    "dynamodb": _update,
    "ecs_task": _container,
    "lambda": _secret,
    "s3": _object,
    "sns_publish": partial(_ordered, "topic"),
    "sqs_send": partial(_ordered, "queue"),
}
"""What makes an operation run here that was written to be looked at: what it permits stays."""
_SAID = "said by the author: `written.py` has pipelines that need what they say"
NOT_HERE: Mapping[str, str] = {
    "lambda/permissions": _SAID,
    "lambda.FunctionSource/permissions": _SAID,
    "lambda.FunctionPermission/actions": _SAID,
    "lambda.FunctionPermission/resources": _SAID,
}
"""Parameters of which no operation is made, with the reason."""
EXAMPLE_ALONE = {"athena_query", "aws", "glue_job", "http"}
"""Types whose calls are answered by `ANSWERS`, without a request that would tell the resource: what two operations permit on
two of them cannot be told apart."""
ANSWERS: Mapping[str, Any] = {
    "athena:getQueryResults": {"answer": {"ResultSet": {"Rows": [], "ResultSetMetadata": {"ColumnInfo": []}}}},
    "athena:startQueryExecution": {
        "answer": {
            "QueryExecution": {
                "QueryExecutionId": "q-1",
                "ResultConfiguration": {"OutputLocation": "s3://lake/athena/q-1.csv"},
                "Statistics": {},
                "Status": {"State": "SUCCEEDED"},
            }
        }
    },
    "glue:startJobRun": {"answer": {"Id": "jr_1", "JobRunState": "SUCCEEDED"}},
    "http:invoke": {"answer": {"Headers": {}, "ResponseBody": {}, "StatusCode": 200}},
}
"""What calls answer that the embedded AWS does not serve, as `local: {answers: …}` has it."""
