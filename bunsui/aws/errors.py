"""Every error of boto3 becomes one of bunsui's, once, here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from botocore import exceptions as boto

from bunsui.aws.gate import refusal_in
from bunsui.errors import (
    AccessDenied,
    BunsuiError,
    CloudError,
    Conflict,
    InvalidInput,
    Missing,
    Throttled,
    Unavailable,
    Unsupported,
)

T = TypeVar("T")

THROTTLING_CODES = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "ProvisionedThroughputExceededException",
        "SlowDown",
    }
)
"""What the services call being asked to slow down."""

_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired"})
_DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthFailure",
        "ForbiddenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "NotAuthorized",
        "OptInRequired",
        "SignatureDoesNotMatch",
        "UnauthorizedOperation",
        "UnrecognizedClientException",
    }
)
_MISSING = frozenset(
    {
        "ExecutionDoesNotExist",
        "NoSuchEntity",
        "NotFoundException",
        "ParameterNotFound",
        "ResourceNotFound",
        "ResourceNotFoundException",
        "StateMachineDoesNotExist",
    }
)
_CONFLICT = frozenset(
    {
        "ConcurrentModificationException",
        "ConditionalCheckFailedException",
        "ConflictException",
        "DeleteConflict",
        "EntityAlreadyExists",
        "ExecutionAlreadyExists",
        "OperationAbortedException",
        "ResourceAlreadyExistsException",
        "ResourceConflictException",
        "ResourceInUseException",
        "StateMachineAlreadyExists",
        "StateMachineDeleting",
        "TransactionCanceledException",
        "TransactionConflictException",
    }
)
_UNSUPPORTED = frozenset(
    {"InvalidAction", "UnknownOperation", "UnknownOperationException", "NotImplemented", "500", "501", "404"}
)
"""Real services answer the first ones; emulators that lack a call answer a bare HTTP status without a code."""

EXISTS_CODES = frozenset({"EntityAlreadyExists", "ResourceAlreadyExistsException", "StateMachineAlreadyExists"})
"""AWS codes that mean: an object of that name is there. Lambda and Scheduler use a code with other meanings too."""

IAM_NOT_PROPAGATED = "iam-not-propagated"
"""The code of the error that says: the role was written a moment ago, and this service does not see it yet."""

ACCESS_DENIED = "access-denied"
"""The code of the error that says: these credentials are good, and may not make this call."""

_PROPAGATION: Mapping[str, tuple[str, ...]] = {
    "stepfunctions": (
        "is authorized to assume the provided role",
        "is not authorized to assume the provided role",
        "IAM Role is not authorized to access the Log Destination",
        "is not authorized to create managed-rule",
    ),
    "lambda": (
        "The role defined for the function cannot be assumed by Lambda",
        "The provided execution role does not have permissions to call",
    ),
    "scheduler": ("The execution role you provide must allow AWS EventBridge Scheduler to assume the role",),
}
"""Parts of the messages with which each service refuses a role that IAM has not spread yet."""


@contextmanager
def translated(service: str, operation: str, *, profile: str | None = None, **facts: object) -> Iterator[None]:
    """Raise bunsui's error for whatever boto3 raises inside.

    `operation` is AWS's name of the call (`CreateStateMachine`); `facts` say on what, and are shown to the reader."""
    try:
        yield
    except boto.ClientError as error:
        raise client_error(error, service, operation, profile=profile, **facts) from error
    except boto.BotoCoreError as error:
        if (refusal := refusal_in(error)) is not None:
            raise refusal from error
        raise connection_error(error, service, operation, profile=profile, **facts) from error


def client_error(
    error: boto.ClientError, service: str, operation: str, *, profile: str | None = None, **facts: object
) -> CloudError:
    """Give the error that stands for an answer of AWS. Its facts hold `aws_code` and `aws_message` as AWS gave them."""
    answer = error.response.get("Error", {})
    code = str(answer.get("Code", ""))
    message = str(answer.get("Message", ""))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    known: dict[str, Any] = {
        "service": service,
        "operation": operation,
        **facts,
        "aws_code": code or None,
        "aws_message": message or None,
    }
    if any(part in message for part in _PROPAGATION.get(service, ())):
        return CloudError(
            IAM_NOT_PROPAGATED,
            "the service does not see the role's newest form yet",
            hint="Wait a minute and apply again; roles take some time to reach every service.",
            **known,
        )
    if code in _EXPIRED:
        return AccessDenied("credentials-expired", "the AWS credentials have expired", hint=_sign_in_hint(profile), **known)
    if code in THROTTLING_CODES:
        return Throttled("throttled", "AWS asked to slow down and kept asking", hint="Try again in a minute.", **known)
    if code in _DENIED or (status in (401, 403) and not code):
        return AccessDenied(
            ACCESS_DENIED,
            "AWS refused the call",
            hint=f"Check that the credentials in use may call {_permission(service, operation)}.",
            **known,
        )
    if code in _MISSING:
        return Missing("missing", "the object does not exist in AWS", **known)
    if code in _CONFLICT:
        return Conflict("conflict", "the object is in another state than the call needs", **known)
    if code in _UNSUPPORTED or status == 501:
        return Unsupported("unsupported", "this endpoint does not know the call", **known)
    if status >= 500:
        return CloudError("aws-internal", "AWS failed inside", hint="Apply again in a minute.", **known)
    return CloudError("aws-error", "AWS refused the call", **known)


def connection_error(
    error: boto.BotoCoreError, service: str, operation: str, *, profile: str | None = None, **facts: object
) -> BunsuiError:
    """Give the error that stands for a call that never got an answer."""
    known: dict[str, Any] = {"service": service, "operation": operation, **facts, "aws_message": str(error)}
    match error:
        case boto.NoCredentialsError() | boto.PartialCredentialsError():
            return AccessDenied(
                "credentials-missing",
                "there are no AWS credentials",
                hint="Set AWS_PROFILE, or sign in:\n  aws configure sso\nThe embedded AWS needs none:\n  bunsui local start",
                **known,
            )
        case boto.SSOTokenLoadError() | boto.UnauthorizedSSOTokenError() | boto.TokenRetrievalError() | boto.SSOError():
            return AccessDenied("sso-expired", "the AWS sign-in has expired", hint=_sign_in_hint(profile), **known)
        case boto.CredentialRetrievalError() | boto.RefreshWithMFAUnsupportedError():
            return AccessDenied(
                "credentials-failed", "the AWS credentials could not be fetched", hint=_sign_in_hint(profile), **known
            )
        case boto.ProfileNotFound():
            return InvalidInput(
                "profile-unknown",
                "there is no such AWS profile",
                hint="List the profiles:\n  aws configure list-profiles",
                **known,
            )
        case boto.NoRegionError():
            return InvalidInput(
                "region-missing", "no AWS region is set", hint="Set `region:` in bunsui.yaml or AWS_REGION.", **known
            )
        case boto.WaiterError():
            return CloudError("still-waiting", "AWS did not finish in time", hint="Apply again in a minute.", **known)
        case boto.ParamValidationError():
            return CloudError("aws-parameters", "the call's parameters are not what AWS takes", **known)
        case _:
            return Unavailable(
                "endpoint-unreachable",
                "the AWS endpoint did not answer",
                hint="Check the network and the region; for the embedded AWS:\n  bunsui local status",
                **known,
            )


def permitted(call: Callable[[], T]) -> T | None:
    """Give what the call gives, None when the credentials may not make it. Credentials that are no good still raise."""
    try:
        return call()
    except AccessDenied as error:
        if not is_forbidden(error):
            raise
        return None


def is_forbidden(error: CloudError) -> bool:
    """Tell whether a permission is missing, rather than good credentials."""
    return error.code == ACCESS_DENIED


def aws_code(error: CloudError) -> str:
    """Give AWS's own code of the error, empty when it had none."""
    return error.facts.get("aws_code", "")


def _sign_in_hint(profile: str | None) -> str:
    command = f"aws sso login --profile {profile}" if profile else "aws sso login"
    return f"Sign in again:\n  {command}"


def _permission(service: str, operation: str) -> str:
    prefix = {"stepfunctions": "states"}.get(service, service)
    return f"{prefix}:{operation}"
