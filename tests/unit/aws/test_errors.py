"""Every answer of AWS is one of bunsui's errors."""

from __future__ import annotations

import pytest
from botocore import exceptions as boto

from bunsui.aws.errors import (
    IAM_NOT_PROPAGATED,
    aws_code,
    client_error,
    connection_error,
    is_forbidden,
    none_unless_permitted,
    translate_errors,
)
from bunsui.errors import (
    AccessDenied,
    BunsuiError,
    CloudError,
    Conflict,
    ExitCode,
    InvalidInput,
    Missing,
    Passing,
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
            "Lambda was unable to configure access to your variables because the KMS key is invalid for CreateGrant.",
        ),
        (
            "lambda",
            "InvalidParameterValueException",
            "KMS Message: ARN does not refer to a valid principal: arn:aws:iam::1:role/x",
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
    ("message", "hint"),
    [
        (
            "dynamodb:TagResource on resource: arn:aws:dynamodb:r:1:table/t because no identity-based policy allows it",
            "may call dynamodb:TagResource on arn:aws:dynamodb:r:1:table/t.",
        ),
        ("iam:PassRole on resource: arn:aws:iam::1:role/r", "may call iam:PassRole on arn:aws:iam::1:role/r."),
        ("sts:AssumeRole", "may call sts:AssumeRole."),
        (
            "iam:CreateRole on resource: arn:aws:iam::1:role/r with an explicit deny in a service control policy",
            "a service control policy denies iam:CreateRole on arn:aws:iam::1:role/r explicitly",
        ),
        ("", "may call dynamodb:CreateTable."),
    ],
)
def test_the_hint_names_the_action_that_aws_checked(message: str, hint: str) -> None:
    refusal = answer("AccessDeniedException", f"User: arn:aws:sts::1:x is not authorized to perform: {message}")
    assert hint in client_error(refusal, "dynamodb", "CreateTable").hint


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("InvalidClientTokenId", "The security token included in the request is invalid.", "credentials-invalid"),
        ("UnrecognizedClientException", "The security token included in the request is invalid.", "credentials-invalid"),
        ("SignatureDoesNotMatch", "Signature expired: 20260101T000000Z is now earlier than 20260101T001500Z", "clock-off"),
        ("InvalidSignatureException", "Signature not yet current: 2026 is still later than 2025", "clock-off"),
        ("InvalidSignatureException", "The request signature we calculated does not match", "credentials-invalid"),
    ],
)
def test_credentials_that_are_no_good_are_no_lack_of_permission(code: str, message: str, expected: str) -> None:
    error = client_error(answer(code, message), "sts", "GetCallerIdentity")
    assert error.code == expected
    assert not is_forbidden(error)
    with pytest.raises(AccessDenied):
        none_unless_permitted(lambda: _raise(error))


def _raise(error: CloudError) -> None:
    raise error


@pytest.mark.parametrize(
    ("service", "operation", "code", "message", "passes"),
    [
        ("logs", "CreateLogGroup", "OperationAbortedException", "A conflicting operation is in progress", Passing.SOON),
        ("logs", "CreateLogGroup", "ResourceAlreadyExistsException", "The specified log group already exists", Passing.NEVER),
        ("stepfunctions", "CreateStateMachine", "StateMachineDeleting", "State Machine is being deleted: 'a'", Passing.LATER),
        ("stepfunctions", "DeleteStateMachine", "StateMachineDeleting", "State Machine is being deleted: 'a'", Passing.NEVER),
        ("stepfunctions", "UpdateStateMachine", "ConflictException", "Updating can cause an inconsistent state", Passing.SOON),
        ("scheduler", "CreateScheduleGroup", "ConflictException", "Schedule group g is being deleted", Passing.LATER),
        ("scheduler", "CreateScheduleGroup", "ConflictException", "Schedule group g already exists.", Passing.NEVER),
        ("lambda", "PublishVersion", "ResourceConflictException", "An update is in progress for resource: f", Passing.SOON),
        (
            "lambda",
            "UpdateFunctionCode",
            "ResourceConflictException",
            "The function is currently in the following state: Pending",
            Passing.SOON,
        ),
        ("lambda", "CreateFunction", "ResourceConflictException", "Function already exist: f", Passing.NEVER),
        ("iam", "CreateRole", "ConcurrentModification", "multiple requests to change this object", Passing.SOON),
        ("iam", "CreateRole", "EntityAlreadyExists", "Role with name r already exists.", Passing.NEVER),
        ("iam", "DeleteRole", "DeleteConflict", "Cannot delete entity, must delete policies first.", Passing.SOON),
        ("iam", "DeleteRole", "DeleteConflict", "Cannot delete entity, must remove roles from instance profile", Passing.NEVER),
        (
            "dynamodb",
            "UpdateContinuousBackups",
            "ContinuousBackupsUnavailableException",
            "Backups are being enabled for the table",
            Passing.SOON,
        ),
    ],
)
def test_a_conflict_says_whether_it_passes(service: str, operation: str, code: str, message: str, passes: Passing) -> None:
    error = client_error(answer(code, message), service, operation)
    assert isinstance(error, Conflict)
    assert error.passes is passes
    assert bool(error.waits_for) == (passes is not Passing.NEVER)


_CANCELLED = "Transaction cancelled, please refer cancellation reasons for specific reasons "


@pytest.mark.parametrize(
    ("reasons", "kind"),
    [
        ("[None, ThrottlingError]", Throttled),
        ("[ProvisionedThroughputExceeded, None]", Throttled),
        ("[ConditionalCheckFailed, None]", Conflict),
        ("[ConditionalCheckFailed, ThrottlingError]", Conflict),
        ("[None, TransactionConflict]", Conflict),
    ],
)
def test_a_transaction_that_met_throttling_lost_no_lock(reasons: str, kind: type[CloudError]) -> None:
    told = client_error(answer("TransactionCanceledException", _CANCELLED + reasons), "dynamodb", "TransactWriteItems")
    assert type(told) is kind
    parsed = answer("TransactionCanceledException", "cancelled")
    parsed.response["CancellationReasons"] = [{"Code": reason} for reason in reasons.strip("[]").split(", ")]
    assert type(client_error(parsed, "dynamodb", "TransactWriteItems")) is kind


def test_a_reservation_that_leaves_too_little_is_a_quota() -> None:
    words = "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its"
    refused = answer("InvalidParameterValueException", f"{words} minimum value of [100].")
    error = client_error(refused, "lambda", "PutFunctionConcurrency")
    assert error.code == "quota-exceeded"
    assert "reserved_concurrency" in error.hint


def test_a_quota_that_is_used_up_says_what_to_do() -> None:
    error = client_error(answer("ServiceQuotaExceededException", status=402), "scheduler", "CreateScheduleGroup")
    assert error.code == "quota-exceeded"
    assert "Service Quotas" in error.hint


def test_what_a_waiter_was_told_is_the_error() -> None:
    told = {"Error": {"Code": "ResourceNotFoundException", "Message": "Function not found"}, "ResponseMetadata": {}}
    waited = boto.WaiterError(name="FunctionActiveV2", reason="An error occurred", last_response=told)
    assert isinstance(connection_error(waited, "lambda", "GetFunction"), Missing)


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
    with pytest.raises(Missing) as caught, translate_errors("iam", "GetRole", role="r"):
        raise foreign
    assert caught.value.__cause__ is foreign


def test_other_errors_pass_through() -> None:
    with pytest.raises(ZeroDivisionError), translate_errors("iam", "GetRole"):
        raise ZeroDivisionError


def test_credentials_that_are_expired_when_they_are_fetched_are_told() -> None:
    words = "Credentials were refreshed, but the refreshed credentials are still expired."
    with pytest.raises(AccessDenied) as failure, translate_errors("sts", "GetCallerIdentity", profile="dev"):
        raise RuntimeError(words)
    assert failure.value.code == "credentials-expired"
    assert "aws sso login --profile dev" in failure.value.hint
    assert "AWS_CREDENTIAL_EXPIRATION" in failure.value.hint
    with pytest.raises(RuntimeError, match="else"), translate_errors("sts", "GetCallerIdentity"):
        raise RuntimeError("something else")
