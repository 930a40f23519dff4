"""`s3` that looks for an object, and that deletes one."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.operations.contract import ServiceCall
from tests.unit.operations.harness import allowed, evaluated, kind_of, needs, operation, result_of, the_task

EXISTS = {"type": "s3", "action": "exists", "bucket": "lake", "key": "in/ready"}
LATER = {**EXISTS, "key": "{% 'in/' & $params.date %}"}
STORED = {"Key": "in/ready", "Size": 3, "ETag": "e", "LastModified": "2026-01-01T00:00:00Z"}


def test_absence_is_an_answer_and_no_error() -> None:
    state = the_task(EXISTS)
    assert state.resource == "arn:aws:states:::aws-sdk:s3:listObjectsV2"
    assert state.arguments == {"Bucket": "lake", "Prefix": "in/ready", "MaxKeys": 1}
    nothing = {"exists": False, "uri": "s3://lake/in/ready"}
    assert result_of(state, {"KeyCount": 0}, "s3") == nothing
    assert result_of(state, {"Contents": [{**STORED, "Key": "in/ready.tmp"}]}, "s3") == nothing


def test_an_object_that_is_there_tells_its_size_and_age() -> None:
    assert result_of(the_task(EXISTS), {"Contents": [STORED]}, "s3") == {
        "exists": True,
        "uri": "s3://lake/in/ready",
        "bytes": 3,
        "etag": "e",
        "modified": "2026-01-01T00:00:00Z",
    }


def test_only_what_begins_with_the_key_may_be_listed() -> None:
    (known,) = needs({**EXISTS, "key": "a$b"})
    assert (known.actions, known.resources) == (("s3:ListBucket",), ("arn:aws:s3:::lake",))
    assert known.condition == {"StringEquals": {"s3:prefix": "a${$}b"}}
    assert needs(LATER)[0].condition == {"StringLike": {"s3:prefix": "in/*"}}
    assert needs({**EXISTS, "key": "{% $params.date %}"})[0].condition == {}


@pytest.mark.parametrize(
    ("key", "allowed_keys"),
    [
        ("'in/' & $params.date", "in/*"),
        ("('in*/' & $params.date) & '.json'", "in${*}/*.json"),
        ("$params.date & '/in'", "*/in"),
        ("$params.old ? 'old/a' : 'new/a'", "*"),
        ("'a' & $params.x = 'ab' ? $params.y : 'b'", "*"),
        ("$substringAfter('s3://lake/in/' & $params.date, 's3://lake/')", "in/*"),
        ("$substringAfter('s3://lake/in/' & $params.date, '/')", "*"),
    ],
)
def test_a_key_is_allowed_by_the_parts_that_are_written_down(key: str, allowed_keys: str) -> None:
    step = {**EXISTS, "action": "get", "key": f"{{% {key} %}}"}
    assert allowed(step) == {("s3:GetObject", f"arn:aws:s3:::lake/{allowed_keys}"), ("s3:ListBucket", "arn:aws:s3:::lake")}


@pytest.mark.parametrize("told", [{"exists": True, "bytes": 7}, {"exists": False}])
def test_the_test_double_answers_for_the_key_that_was_asked_for(told: dict[str, Any]) -> None:
    made, state = operation(LATER), the_task(LATER)
    params = {"date": "2026-01-31"}
    call = ServiceCall(resource="aws-sdk:s3:listObjectsV2", arguments=evaluated(state.arguments, params=params))
    answer_call = kind_of(made).answer_call
    assert answer_call is not None
    answer = answer_call(made.params, told, call)
    states = {"input": {}, "result": answer}
    found = evaluated(state.output, states=states, params=params)["ops"]["s3"]
    assert found.items() >= told.items()
    assert found["uri"] == "s3://lake/in/2026-01-31"


def test_one_object_is_deleted_and_no_other_may_be() -> None:
    delete = {**EXISTS, "action": "delete"}
    state = the_task(delete)
    assert (state.resource, state.arguments) == (
        "arn:aws:states:::aws-sdk:s3:deleteObject",
        {"Bucket": "lake", "Key": "in/ready"},
    )
    assert result_of(state, {}, "s3") == {"uri": "s3://lake/in/ready"}
    assert allowed(delete) == {("s3:DeleteObject", "arn:aws:s3:::lake/in/ready")}


@pytest.mark.parametrize("action", ["exists", "delete"])
def test_a_key_is_needed_and_nothing_else_is_taken(action: str) -> None:
    with pytest.raises(ValueError, match=f"key: action: {action} needs it"):
        operation({"type": "s3", "action": action, "bucket": "lake"})
    with pytest.raises(ValueError, match=f"prefix: action: {action} does not take it"):
        operation({"type": "s3", "action": action, "bucket": "lake", "key": "a", "prefix": "a"})
