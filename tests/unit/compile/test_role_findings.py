"""What would be refused at the first run on AWS, or never be tried again, is said before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bunsui.compile.pipeline import CompiledPipeline, compile_pipeline
from bunsui.model.pipeline import Job, Operation, Pipeline, Retry, RolePermission
from bunsui.operations.registry import builtin_registry
from tests.executing import SCOPE as NOBODYS
from tests.unit.operations.harness import operation

SCOPE = replace(NOBODYS, account="111122223333")
HERE = f"{SCOPE.region}:{SCOPE.account}"


def compiled(*operations: Operation, **fields: Any) -> CompiledPipeline:
    job = Job(name="a", operations=tuple(replace(one, id=f"o{number}") for number, one in enumerate(operations)))
    pipeline = Pipeline(name="p", path="p.yaml", jobs=(job,), **fields)
    return compile_pipeline(pipeline, scope=SCOPE, registry=builtin_registry())


def told(*operations: Operation, **fields: Any) -> list[tuple[str, str]]:
    return [(one.code, one.hint) for one in compiled(*operations, **fields).diagnostics]


def allowed(*operations: Operation, **fields: Any) -> set[tuple[str, str]]:
    roles = [one for one in compiled(*operations, **fields).resources if one.address.kind == "role"]
    policy: Any = roles[0].attributes["policy"]
    return {(action, str(target)) for one in policy["Statement"] for action in one["Action"] for target in one["Resource"]}


def asl(arguments: dict[str, Any], **fields: Any) -> Operation:
    state = {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "Arguments": arguments, "End": True}
    return operation({"type": "asl", "start_at": "s", "states": {"s": state}, **fields})


def test_states_by_hand_are_allowed_what_their_arguments_name() -> None:
    topic = f"arn:aws:sns:{HERE}:told"
    written = asl({"TopicArn": topic, "Message": "m"})
    assert told(written) == []
    assert ("sns:Publish", topic) in allowed(written)


def test_a_state_of_which_nobody_can_tell_is_a_finding_unless_it_is_said() -> None:
    written = asl({"TopicArn": "{% $t %}", "Message": "m"})
    ((code, hint),) = told(written)
    assert code == "BS407"
    assert "permissions:" in hint
    may = RolePermission(actions=("sns:Publish",), resources=(f"arn:aws:sns:{HERE}:told",))
    assert told(replace(written, permissions=(may,))) == []
    assert told(written, permissions=(may,)) == []
    said = asl({"TopicArn": "{% $t %}"}, permissions=[{"actions": ["sns:*"], "resources": ["*"]}])
    assert told(said) == []


def test_what_an_operation_or_a_pipeline_says_its_role_is_allowed() -> None:
    key = f"arn:aws:kms:{HERE}:key/1"
    may = RolePermission(actions=("kms:GenerateDataKey",), resources=(key,), condition={"StringEquals": {"aws:a": "b"}})
    plain = operation({"type": "wait", "for": "1m"})
    for found in (allowed(replace(plain, permissions=(may,))), allowed(plain, permissions=(may,))):
        assert ("kms:GenerateDataKey", key) in found
    assert ("kms:GenerateDataKey", key) not in allowed(plain)


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        (f"arn:aws:sns:eu-central-1:{SCOPE.account}:told", "BS432"),
        (f"arn:aws:sns:{SCOPE.region}:999999999999:told", ""),
        (f"arn:aws:sns:{HERE}:told", ""),
    ],
)
def test_another_region_is_where_nobody_is_called(arn: str, code: str) -> None:
    found = told(operation({"type": "sns_publish", "topic": arn, "message": "m"}))
    assert [one for one, _ in found] == ([code] if code else [])


def test_before_aws_was_asked_nobody_knows_which_region_is_meant() -> None:
    topic = operation({"type": "sns_publish", "topic": "arn:aws:sns:eu-central-1:111122223333:told", "message": "m"})
    pipeline = Pipeline(name="p", path="p.yaml", jobs=(Job(name="a", operations=(topic,)),))
    assert compile_pipeline(pipeline, scope=NOBODYS, registry=builtin_registry()).diagnostics == ()


def test_nobody_starts_a_machine_of_another_account() -> None:
    machine = f"arn:aws:states:{SCOPE.region}:999999999999:stateMachine:m:live"
    assert {code for code, _ in told(operation({"type": "step_function", "state_machine": machine}))} == {"BS433"}


def put(*errors: str) -> Operation:
    plain = operation({"type": "s3", "action": "put", "bucket": "b", "key": "k", "body": "x"})
    return replace(plain, retry=Retry(errors=errors))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("S3.S3Exception", None),
        ("My.Error", None),
        ("States.TaskFailed", None),
        ("throttling", None),
        ("S3.NoSuchKey", "Did you mean S3.NoSuchKeyException?"),
        ("DynamoDB.ThrottlingException", "Write a class"),
        ("States.Http.StatusCode.429", "Write a class"),
    ],
)
def test_a_name_that_cannot_come_is_told(name: str, hint: str | None) -> None:
    found = told(put(name))
    assert [code for code, _ in found] == ([] if hint is None else ["BS434"])
    assert all(hint is not None and hint in remedy for _, remedy in found)


def test_a_default_may_name_what_only_one_of_the_operations_can_fail_with() -> None:
    errors = ("S3.S3Exception", "Lambda.TooManyRequestsException")
    called = replace(operation({"type": "lambda", "function": "f:1"}), retry=Retry(errors=errors))
    assert told(put(*errors), called) == []
    assert [code for code, _ in told(put(*errors))] == ["BS434"]
    misspelt = replace(called, retry=Retry(errors=("Lambda.TooManyRequestException", "ValueError", "Runtime.ExitError")))
    assert told(misspelt) == [("BS434", "Did you mean Lambda.TooManyRequestsException?")]


ACTIVITY = {
    "type": "asl",
    "start_at": "Work",
    "states": {"Work": {"Type": "Task", "Resource": f"arn:aws:states:{HERE}:activity:work", "End": True}},
}


@pytest.mark.parametrize(
    ("data", "errors", "told_of"),
    [
        (ACTIVITY, ("throttling",), ["throttling"]),
        (ACTIVITY, ("infrastructure", "timeout"), ["infrastructure"]),
        (ACTIVITY, ("any",), []),
        ({"type": "lambda", "function": "f:1"}, ("throttling", "infrastructure", "timeout"), []),
        ({"type": "s3", "action": "put", "bucket": "b", "key": "k", "body": "x"}, ("throttling", "infrastructure"), []),
    ],
)
def test_a_class_without_a_name_for_the_operation_is_told(
    data: dict[str, Any], errors: tuple[str, ...], told_of: list[str]
) -> None:
    one = replace(operation(data), retry=Retry(errors=errors), idempotent=True)
    pipeline = Pipeline(name="p", path="p.yaml", jobs=(Job(name="a", operations=(one,)),))
    found = compile_pipeline(pipeline, scope=SCOPE, registry=builtin_registry()).diagnostics
    assert [problem.summary.split()[4] for problem in found if problem.code == "BS434"] == [f"{name}," for name in told_of]
