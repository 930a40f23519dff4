"""Every answer of AWS is one of bunsui's errors."""

from __future__ import annotations

import pytest
from botocore import exceptions as boto

from bunsui.aws.errors import IAM_NOT_PROPAGATED, aws_code, client_error, connection_error, translated
from bunsui.errors import (
    AccessDenied,
    BunsuiError,
    CloudError,
    Conflict,
    ExitCode,
    InvalidInput,
    Missing,
    Throttled,
    Unavailable,
    Unsupported,
)


def answer(code: str, message: str = "what AWS says", status: int = 400) -> boto.ClientError:
    """An error answer, as boto3 raises it."""
    return boto.ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}, "CreateStateMachine"
    )


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDeniedException", AccessDenied),
        ("ExpiredTokenException", AccessDenied),
        ("UnrecognizedClientException", AccessDenied),
        ("ThrottlingException", Throttled),
        ("TooManyRequestsException", Throttled),
        ("StateMachineDoesNotExist", Missing),
        ("NoSuchEntity", Missing),
        ("ResourceNotFoundException", Missing),
        ("StateMachineAlreadyExists", Conflict),
        ("ConditionalCheckFailedException", Conflict),
        ("TransactionCanceledException", Conflict),
        ("InvalidAction", Unsupported),
        ("UnknownOperationException", Unsupported),
        ("500", Unsupported),
        ("InvalidDefinition", CloudError),
        ("", CloudError),
    ],
)
def test_each_code_of_aws_has_its_error(code: str, kind: type[CloudError]) -> None:
    error = client_error(answer(code), "stepfunctions", "CreateStateMachine", machine="orders")
    assert type(error) is kind
    assert aws_code(error) == code
    assert error.facts["machine"] == "orders"
    assert error.facts["aws_message"] == "what AWS says"


def test_a_refusal_without_a_code_is_told_by_its_status() -> None:
    assert isinstance(client_error(answer("", status=403), "iam", "GetRole"), AccessDenied)
    assert isinstance(client_error(answer("", status=501), "iam", "GetRole"), Unsupported)


def test_a_refusal_names_the_permission_that_is_missing() -> None:
    error = client_error(answer("AccessDeniedException"), "stepfunctions", "CreateStateMachine")
    assert "states:CreateStateMachine" in error.hint
    assert error.exit_code is ExitCode.DENIED


@pytest.mark.parametrize(
    ("service", "code", "message"),
    [
        (
            "stepfunctions",
            "AccessDeniedException",
            "states.amazonaws.com, nor the regional one is authorized to assume the provided role.",
        ),
        (
            "lambda",
            "InvalidParameterValueException",
            "The role defined for the function cannot be assumed by Lambda.",
        ),
        (
            "scheduler",
            "ValidationException",
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
        ),
    ],
)
def test_a_role_that_has_not_spread_has_a_code_of_its_own(service: str, code: str, message: str) -> None:
    error = client_error(answer(code, message), service, "Create")
    assert error.code == IAM_NOT_PROPAGATED


def test_a_lack_of_permission_of_the_caller_is_not_taken_for_propagation() -> None:
    message = "User: arn:aws:iam::1:user/ann is not authorized to perform: states:CreateStateMachine"
    assert client_error(answer("AccessDeniedException", message), "stepfunctions", "CreateStateMachine").code == "access-denied"


@pytest.mark.parametrize(
    ("error", "kind", "code"),
    [
        (boto.NoCredentialsError(), AccessDenied, "credentials-missing"),
        (boto.SSOTokenLoadError(error_msg="no token"), AccessDenied, "sso-expired"),
        (boto.UnauthorizedSSOTokenError(), AccessDenied, "sso-expired"),
        (boto.CredentialRetrievalError(provider="custom", error_msg="no"), AccessDenied, "credentials-failed"),
        (boto.ProfileNotFound(profile="prod"), InvalidInput, "profile-unknown"),
        (boto.NoRegionError(), InvalidInput, "region-missing"),
        (boto.ParamValidationError(report="no"), CloudError, "aws-parameters"),
        (boto.EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), Unavailable, "endpoint-unreachable"),
        (boto.ReadTimeoutError(endpoint_url="http://127.0.0.1:1"), Unavailable, "endpoint-unreachable"),
        (
            boto.WaiterError(name="FunctionActiveV2", reason="Max attempts", last_response={}),
            CloudError,
            "still-waiting",
        ),
    ],
)
def test_each_failure_without_an_answer_has_its_error(error: boto.BotoCoreError, kind: type[BunsuiError], code: str) -> None:
    mapped = connection_error(error, "sts", "GetCallerIdentity", profile="prod")
    assert type(mapped) is kind
    assert mapped.code == code


def test_an_expired_sign_in_says_how_to_sign_in_with_that_profile() -> None:
    assert "aws sso login --profile prod" in connection_error(boto.UnauthorizedSSOTokenError(), "sts", "X", profile="prod").hint
    assert "aws sso login --profile prod" in client_error(answer("ExpiredToken"), "sts", "X", profile="prod").hint


def test_the_foreign_error_stays_the_cause() -> None:
    foreign = answer("NoSuchEntity")
    with pytest.raises(Missing) as caught, translated("iam", "GetRole", role="r"):
        raise foreign
    assert caught.value.__cause__ is foreign


def test_other_errors_pass_through() -> None:
    with pytest.raises(ZeroDivisionError), translated("iam", "GetRole"):
        raise ZeroDivisionError
