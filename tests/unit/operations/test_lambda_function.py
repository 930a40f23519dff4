from __future__ import annotations

from typing import Any

import pytest

from bunsui.asl.model import Catcher, Retrier
from bunsui.model.address import Address
from bunsui.model.values import Reference
from tests.unit.operations.harness import SCOPE, allowed, evaluated, kind_of, operation, result_of, the_task


def test_a_function_gets_its_payload_and_its_answer_is_the_result() -> None:
    state = the_task({"type": "lambda", "function": "clean:live", "payload": {"key": "{% $params.key %}"}})
    assert state.resource == "arn:aws:states:::lambda:invoke"
    assert evaluated(state.arguments, params={"key": "k"}) == {"FunctionName": "clean:live", "Payload": {"key": "k"}}
    assert result_of(state, {"Payload": {"rows": 1}}, "lambda") == {"rows": 1}
    assert state.timeout_seconds == 900


def test_the_role_may_invoke_exactly_what_is_named() -> None:
    function = "arn:aws:lambda:us-east-1:111122223333:function:clean"
    assert allowed({"type": "lambda", "function": "clean:live"}) == {("lambda:InvokeFunction", f"{function}:live")}
    assert allowed({"type": "lambda", "function": "clean"}) == {("lambda:InvokeFunction", function)}
    other = "arn:aws:lambda:eu-west-1:999988887777:function:x:3"
    assert allowed({"type": "lambda", "function": other}) == {("lambda:InvokeFunction", other)}


def test_own_code_is_invoked_by_version_and_allowed_in_all_versions() -> None:
    own = {"type": "lambda", "id": "fetch", "code": {"path": "functions/fetch", "handler": "app.run"}}
    assert the_task(own).arguments == {
        "FunctionName": Reference(Address("lambda_function", "sales", "job.fetch"), "version_arn")
    }
    assert allowed(own) == {
        ("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:111122223333:function:shop--dev--sales--job--fetch:*")
    }


def test_own_code_becomes_a_function() -> None:
    made = operation(
        {
            "type": "lambda",
            "code": {
                "path": "functions/fetch/",
                "handler": "app.run",
                "requirements": "functions/fetch/lock.txt",
                "memory": 512,
                "timeout": "2m",
                "permissions": [{"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::a/*"]}],
            },
        }
    )
    function = kind_of(made).function(kind_of(made).with_digest(made.params, "sha256:00"))
    assert function is not None
    assert (function.code.path, function.code.requirements) == ("functions/fetch", "functions/fetch/lock.txt")
    assert function.code.digest == "sha256:00"
    assert (function.memory_mb, function.timeout_seconds, function.runtime) == (512, 120, "python3.12")
    assert function.permissions[0].actions == ("s3:GetObject",)


def test_logs_of_a_function_are_in_its_group() -> None:
    made = operation({"type": "lambda", "function": "clean:live"})
    location = kind_of(made).logs(made.params, Address("lambda_function", "sales", "job.lambda"), SCOPE)
    assert location is not None
    assert location.group == "/aws/lambda/clean"


@pytest.mark.parametrize("function", ["clean", "clean:$LATEST", "arn:aws:lambda:us-east-1:111122223333:function:clean"])
def test_a_function_without_version_is_a_finding(function: str) -> None:
    made = operation({"type": "lambda", "function": function})
    (found,) = kind_of(made).findings(made.params, made)
    assert found.summary == "function clean is not pinned to a version or alias"
    assert not found.is_error


def test_a_function_that_outlives_its_operation_is_an_error() -> None:
    made = operation({"type": "lambda", "timeout": "1m", "code": {"path": "f", "handler": "a.b", "timeout": "5m"}})
    (found,) = kind_of(made).findings(made.params, made)
    assert found.is_error


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "write either function"),
        ({"function": "a:b", "code": {"path": "f", "handler": "a.b"}}, "write either function"),
        ({"function": "no such name"}, "write NAME:ALIAS"),
        ({"code": {"path": "f", "handler": "a.b", "timeout": "16m"}}, "after 15m"),
        ({"code": {"path": "f", "handler": "a.b", "memory": 64}}, "greater than or equal to 128"),
        ({"code": {"path": "f", "handler": "a.b", "runtime": "python2.7"}}, "runtime"),
        ({"code": {"path": "f", "handler": "a.b", "permissions": [{"actions": ["*"], "resources": ["*"]}]}}, "actions"),
    ],
)
def test_a_lambda_that_cannot_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        operation({"type": "lambda", **given})


def test_retries_and_catches_of_the_job_reach_the_task() -> None:
    retry = (Retrier(errors=("States.ALL",), interval_seconds=1, max_attempts=2),)
    catch = (Catcher(errors=("States.ALL",), next="job.failed"),)
    state = the_task({"type": "lambda", "function": "a:b"}, retry=retry, catch=catch)
    assert (state.retry, state.catch, state.next) == (retry, catch, "after")


def test_findings_lead_to_the_key_that_they_are_about() -> None:
    made = operation({"type": "lambda", "timeout": "1m", "code": {"path": "f", "handler": "a.b", "timeout": "5m"}})
    assert [found.pointer for found in kind_of(made).findings(made.params, made)] == ["/code/timeout"]
