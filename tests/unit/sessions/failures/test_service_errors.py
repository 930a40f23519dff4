"""The kind of an error that a service, the runtime or Step Functions raised, name by name and status by status."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bunsui.model.failures import ErrorClass
from bunsui.sessions.failures.advice import advice_of
from bunsui.sessions.failures.classes import judge
from bunsui.sessions.failures.names import named
from bunsui.sessions.failures.origins import Raised, raiser_of
from bunsui.sessions.failures.sdk_errors import RefusedCall, class_of_refused, refused_call
from bunsui.sessions.snapshot import Raiser
from tests.unit.sessions.failures.test_error_texts import TEXTS, advice, judged

EXPECTED = Path(__file__).parents[3] / "cases" / "failures" / "verdicts.txt"


def refused(status: int, code: str = "", words: str = "no") -> str:
    return f"{words} (Service: Some; Status Code: {status}" + (f"; Error Code: {code}" if code else "") + "; Request ID: 1)"


@pytest.mark.parametrize(
    ("error", "cause", "service", "expected"),
    [
        ("S3.S3Exception", refused(429), "aws-sdk:s3", ErrorClass.THROTTLING),
        ("S3.S3Exception", refused(503, words="Please reduce your request rate."), "aws-sdk:s3", ErrorClass.THROTTLING),
        ("X.ThrottlingException", refused(400), "aws-sdk:x", ErrorClass.THROTTLING),
        ("S3.S3Exception", refused(401), "aws-sdk:s3", ErrorClass.PERMISSION),
        ("S3.S3Exception", refused(403), "aws-sdk:s3", ErrorClass.PERMISSION),
        ("S3.S3Exception", refused(400, words="access denied"), "aws-sdk:s3", ErrorClass.PERMISSION),
        ("X.AccessDeniedException", refused(400), "aws-sdk:x", ErrorClass.PERMISSION),
        ("X.XException", refused(500), "aws-sdk:x", ErrorClass.INFRASTRUCTURE),
        ("X.XException", refused(502), "aws-sdk:x", ErrorClass.INFRASTRUCTURE),
        ("Lambda.InvalidSubnetIDException", refused(502), "lambda", ErrorClass.CONFIGURATION),
        ("Lambda.SubnetIPAddressLimitReachedException", refused(502), "lambda", ErrorClass.QUOTA),
        ("X.XException", refused(400, words="Item size has exceeded the maximum"), "dynamodb", ErrorClass.PAYLOAD),
        ("X.RequestTooLargeException", refused(413), "lambda", ErrorClass.PAYLOAD),
        ("ECS.InvalidParameterException", refused(400), "ecs", ErrorClass.CONFIGURATION),
        ("ECS.InvalidParameterException", refused(400), "", ErrorClass.CONFIGURATION),
        ("SNS.InvalidParameterException", refused(400), "sns", ErrorClass.DATA),
        ("Batch.ValidationException", refused(400), "batch", ErrorClass.DATA),
        ("Glue.InvalidInputException", refused(400), "aws-sdk:glue", ErrorClass.CONFIGURATION),
        ("Glue.EntityNotFoundException", refused(400, "EntityNotFoundException"), "glue", ErrorClass.CONFIGURATION),
        ("X.ValidationException", refused(400, "TableNotFoundException"), "x", ErrorClass.CONFIGURATION),
        ("X.ValidationException", refused(400, "ValidationException"), "x", ErrorClass.DATA),
        ("X.XException", refused(400, words="it does not exist"), "x", ErrorClass.CONFIGURATION),
        ("X.XException", refused(404, words="it does not exist"), "x", ErrorClass.CONFIGURATION),
        ("X.XException", refused(409, words="it does not exist"), "x", ErrorClass.CONFIGURATION),
        ("X.ServiceUnavailableException", "later", "x", ErrorClass.INFRASTRUCTURE),
        ("X.ResourceInUseException", refused(400), "x", ErrorClass.INFRASTRUCTURE),
        ("X.ResourceInUseException", refused(400, "ResourceInUseException"), "x", ErrorClass.INFRASTRUCTURE),
        ("X.ResourceInUseException", refused(300), "x", ErrorClass.INFRASTRUCTURE),
        ("X.XException", refused(400), "x", ErrorClass.DATA),
        ("X.XException", refused(499), "x", ErrorClass.DATA),
        ("X.XException", refused(302), "x", ErrorClass.CONFIGURATION),
        ("X.XException", refused(400, "LimitExceededException"), "x", ErrorClass.QUOTA),
        ("States.TaskFailed", "it Timed Out", "x", ErrorClass.TIMEOUT),
        ("States.TaskFailed", "it broke", "x", ErrorClass.CODE),
        ("States.TaskFailed", refused(400), "x", ErrorClass.DATA),
        ("X.SdkClientException", "Unable to execute: Name or service not known", "x", ErrorClass.CONFIGURATION),
        ("X.SdkClientException", "Unable to execute: read timed out", "x", ErrorClass.INFRASTRUCTURE),
    ],
)
def test_what_a_service_refuses_is_judged_by_name_status_and_words(
    error: str, cause: str, service: str, expected: ErrorClass
) -> None:
    verdict = judge(Raised(error=error, cause=cause, event="TaskFailed", service=service, action="call", state_type="Task"))
    assert (verdict.raiser, verdict.error_class) == (Raiser.SERVICE, expected)


@pytest.mark.parametrize(
    ("error", "cause", "expected"),
    [
        ("States.Timeout", "", ErrorClass.TIMEOUT),
        ("States.HeartbeatTimeout", "", ErrorClass.TIMEOUT),
        ("States.Permissions", "", ErrorClass.PERMISSION),
        ("States.Http.StatusCode.401", "", ErrorClass.PERMISSION),
        ("States.Http.StatusCode.403", "", ErrorClass.PERMISSION),
        ("States.Http.StatusCode.404", "", ErrorClass.CONFIGURATION),
        ("States.Http.StatusCode.429", "", ErrorClass.THROTTLING),
        ("States.Http.StatusCode.500", "", ErrorClass.INFRASTRUCTURE),
        ("States.Http.StatusCode.599", "", ErrorClass.INFRASTRUCTURE),
        ("States.Http.StatusCode.400", "", ErrorClass.DATA),
        ("States.Http.Socket", "", ErrorClass.TIMEOUT),
        ("States.ServiceRestart", "", ErrorClass.INFRASTRUCTURE),
        ("States.DataLimitExceeded", "", ErrorClass.PAYLOAD),
        ("States.ItemReaderFailed", "access denied", ErrorClass.PERMISSION),
        ("States.ItemReaderFailed", "it does not exist", ErrorClass.CONFIGURATION),
        ("States.ItemReaderFailed", "S3.NoSuchBucket", ErrorClass.CONFIGURATION),
        ("States.ItemReaderFailed", "bad csv", ErrorClass.DATA),
        ("States.ResultWriterFailed", "access denied", ErrorClass.PERMISSION),
        ("States.Runtime", "access denied", ErrorClass.DATA),
        ("States.Runtime", "it does not exist", ErrorClass.DATA),
        ("States.Runtime", "the maximum number of history events", ErrorClass.QUOTA),
        ("States.Runtime", "the maximum number of running map runs", ErrorClass.QUOTA),
    ],
)
def test_what_step_functions_raises_is_judged_by_its_name(error: str, cause: str, expected: ErrorClass) -> None:
    verdict = judge(Raised(error=error, cause=cause))
    assert (verdict.raiser, verdict.error_class) == (Raiser.STEP_FUNCTIONS, expected)


def function(message: str, kind: str | None = None, *, error: str = "Lambda.Unknown", stack: bool = False) -> Raised:
    told: dict[str, Any] = {"errorMessage": message} | ({"errorType": kind} if kind else {})
    told |= {"stackTrace": ["x"]} if stack else {}
    return Raised(error=error, cause=json.dumps(told), event="TaskFailed", service="lambda", action="invoke")


CALL = "An error occurred ({}) when calling the GetObject operation: {}"


@pytest.mark.parametrize(
    ("raised", "raiser", "expected"),
    [
        (function("x", "Sandbox.Timedout"), Raiser.RUNTIME, ErrorClass.TIMEOUT),
        (function("Task timed out after 3.00 seconds"), Raiser.RUNTIME, ErrorClass.TIMEOUT),
        (function("x", "Function.ResponseSizeTooLarge"), Raiser.RUNTIME, ErrorClass.PAYLOAD),
        (function("x", "Runtime.InvalidEntrypoint"), Raiser.RUNTIME, ErrorClass.CONFIGURATION),
        (function("x", "Extension.Crash"), Raiser.RUNTIME, ErrorClass.CONFIGURATION),
        (function("x", "Runtime.OutOfMemory"), Raiser.RUNTIME, ErrorClass.MEMORY),
        (function("Runtime exited with error: signal: killed"), Raiser.RUNTIME, ErrorClass.MEMORY),
        (function("Process exited before completing request"), Raiser.RUNTIME, ErrorClass.CODE),
        (function("something else"), Raiser.CODE, ErrorClass.CODE),
        (
            function("x", "Runtime.ImportModuleError", error="Runtime.ImportModuleError", stack=True),
            Raiser.RUNTIME,
            ErrorClass.CODE,
        ),
        (function("x", "Runtime.Mine", error="Runtime.Mine", stack=True), Raiser.CODE, ErrorClass.CODE),
        (function("x", "Other", error="Runtime.ImportModuleError", stack=True), Raiser.CODE, ErrorClass.CODE),
        (function("x", "MemoryError", error="MemoryError", stack=True), Raiser.CODE, ErrorClass.MEMORY),
        (function(CALL.format("404", "gone"), "ClientError", stack=True), Raiser.CODE, ErrorClass.DATA),
        (function(CALL.format("NoSuchKey", "gone"), "ClientError", stack=True), Raiser.CODE, ErrorClass.DATA),
        (function(CALL.format("403", "no"), "ClientError", stack=True), Raiser.CODE, ErrorClass.PERMISSION),
        (function(CALL.format("401", "no"), "ClientError", stack=True), Raiser.CODE, ErrorClass.PERMISSION),
        (function(CALL.format("Odd", "access denied"), "ClientError", stack=True), Raiser.CODE, ErrorClass.PERMISSION),
        (function(CALL.format("ThrottlingException", "no"), "ClientError", stack=True), Raiser.CODE, ErrorClass.THROTTLING),
        (function(CALL.format("Odd", "no"), "ClientError", stack=True), Raiser.CODE, ErrorClass.CODE),
        (Raised(error="Lambda.Unknown", cause="x", service="lambda"), Raiser.RUNTIME, ErrorClass.CODE),
        (Raised(error="any", cause="", event="ExecutionAborted"), Raiser.CALLER, ErrorClass.CANCELLED),
        (Raised(error="any", cause="", event="TaskTimedOut"), Raiser.STEP_FUNCTIONS, ErrorClass.DATA),
        (Raised(error="any", cause="", event="EvaluationFailed"), Raiser.STEP_FUNCTIONS, ErrorClass.DATA),
        (Raised(error="any", cause="", event="MapRunFailed"), Raiser.STEP_FUNCTIONS, ErrorClass.DATA),
        (Raised(error="States.Timeout", cause="", state_type="Fail"), Raiser.CODE, ErrorClass.CODE),
        (Raised(error="Bunsui.CheckFailed", cause="", state_type="Fail"), Raiser.CODE, ErrorClass.DATA),
        (Raised(error="Mine.CheckFailed", cause="", state_type="Fail"), Raiser.CODE, ErrorClass.DATA),
        (Raised(error="States.X", cause="", event="ActivityFailed"), Raiser.CODE, ErrorClass.CODE),
        (Raised(error="Mine", cause="", service="sqs", action="sendMessage.waitForTaskToken"), Raiser.CODE, ErrorClass.CODE),
        (Raised(error="Mine", cause="", service="sqs", action="sendMessage"), Raiser.SERVICE, ErrorClass.INFRASTRUCTURE),
        (Raised(error="Mine", cause=""), Raiser.CODE, ErrorClass.CODE),
        (Raised(error="S3.NoSuchBucketException", cause=""), Raiser.SERVICE, ErrorClass.CONFIGURATION),
    ],
)
def test_who_raised_it_and_what_it_is(raised: Raised, raiser: Raiser, expected: ErrorClass) -> None:
    verdict = judge(raised)
    assert (verdict.raiser, verdict.error_class) == (raiser, expected)
    assert raiser_of(raised) is raiser


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("LimitExceeded", ErrorClass.QUOTA),
        ("RequestLimitExceeded", ErrorClass.THROTTLING),
        ("ResourceNotFound", ErrorClass.CONFIGURATION),
        ("NoSuchKey", ErrorClass.DATA),
        ("NoSuchKeyspace", ErrorClass.CONFIGURATION),
        ("InternalServerError", ErrorClass.INFRASTRUCTURE),
        ("ValidationException", None),
        ("Whatever", None),
    ],
)
def test_a_name_says_its_kind_or_nothing(name: str, expected: ErrorClass | None) -> None:
    assert named(name) is expected


def test_every_text_has_its_verdict_whole(update_cases: bool) -> None:
    lines = [f"{text['name']}\n  {judged(text).error}: {judged(text).message}\n  {advice(text)}\n" for text in TEXTS]
    found = "\n".join(lines)
    if update_cases:
        EXPECTED.write_text(found, encoding="utf-8")
    assert found == EXPECTED.read_text(encoding="utf-8")


def test_the_pipelines_own_timeout_is_advised_as_such() -> None:
    verdict = judge(Raised(error="States.Timeout", cause="", event="ExecutionTimedOut"))
    told = advice_of(
        verdict, {"States.Timeout": "raise it, then {again}"}, error="States.Timeout", again="resume", is_pipeline_timeout=True
    )
    assert told.startswith("The pipeline's own `timeout` passed")
    assert told.endswith("then resume.")
    assert (
        advice_of(verdict, {"States.Timeout": "raise it, then {again}"}, error="States.Timeout", again="go")
        == "raise it, then go"
    )


JAVA = "software.amazon.awssdk.services.s3.model.S3Exception"


@pytest.mark.parametrize(
    ("message", "code", "status"),
    [
        ("no (Service: S3, Status Code: 403, Error Code: AccessDenied)", "AccessDenied", "403"),
        ("no (Service: S3, Status Code: 403, Request ID: 1)", "S3Exception", "403"),
        ("no", "S3Exception", ""),
    ],
)
def test_a_refusal_in_java_is_named_by_the_service_or_else_by_its_class(message: str, code: str, status: str) -> None:
    assert refused_call(JAVA, message, {}) == RefusedCall(code=code, status=status, message=message)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ("Amazon.S3.AmazonS3Exception", "AmazonS3Exception"),
        ("Amazon.DynamoDBv2.Model.ResourceNotFoundException", "ResourceNotFoundException"),
        ("com.amazonaws.services.s3.model.AmazonS3Exception", "AmazonS3Exception"),
        ("Amazon.S3", None),
        ("My.Amazon.S3.AmazonS3Exception", None),
    ],
)
def test_a_refusal_is_known_by_the_package_of_its_class(error: str, code: str | None) -> None:
    expected = None if code is None else RefusedCall(code=code, status="", message="no")
    assert refused_call(error, "no", {}) == expected


def test_a_refusal_in_python_has_no_status_and_a_permission_goes_before_any_name() -> None:
    words = "User x is not authorized to perform y"
    found = refused_call("ClientError", f"An error occurred (ThrottlingException) when calling the X operation: {words}", {})
    assert found == RefusedCall(code="ThrottlingException", status="", message=words)
    assert class_of_refused(RefusedCall(code="ThrottlingException", status="", message="no")) is ErrorClass.THROTTLING
    assert class_of_refused(found) is ErrorClass.PERMISSION
