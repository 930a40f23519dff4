"""Every error of boto3 becomes one of bunsui's, once, here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from botocore import exceptions as boto

from bunsui.aws.answers.cancellations import is_never_written, lacks_capacity
from bunsui.aws.answers.expiry import is_lapsed, lapsed_error, sign_in_hint
from bunsui.aws.answers.parsers import FOREIGN
from bunsui.aws.transient_errors import is_unseen_role, transient_error
from bunsui.aws.write_guard import refusal_in
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
_UNSIGNED = frozenset(
    {
        "AuthFailure",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "OptInRequired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""The credentials themselves are refused, whatever they may call."""
_CLOCK_WORDS = ("Signature expired", "Signature not yet current")
_DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "ForbiddenException",
        "NotAuthorized",
        "UnauthorizedOperation",
    }
)
_QUOTA = frozenset(
    {
        "CodeStorageExceededException",
        "LimitExceeded",
        "LimitExceededException",
        "ServiceQuotaExceededException",
        "StateMachineLimitExceeded",
    }
)
_UNRESERVED = "UnreservedConcurrentExecution below its minimum"
"""In the InvalidParameterValueException of Lambda for a reservation that leaves too little to the other functions."""
_MISSING = frozenset(
    {
        "ExecutionDoesNotExist",
        "NoSuchBucket",
        "NoSuchBucketPolicy",
        "NoSuchEntity",
        "NoSuchKey",
        "NoSuchLifecycleConfiguration",
        "NoSuchPublicAccessBlockConfiguration",
        "NoSuchTagSet",
        "NotFound",
        "NotFoundException",
        "OwnershipControlsNotFoundError",
        "ParameterNotFound",
        "ProvisionedConcurrencyConfigNotFoundException",
        "ResourceNotFound",
        "ResourceNotFoundException",
        "ServerSideEncryptionConfigurationNotFoundError",
        "StateMachineDoesNotExist",
        "TableNotFoundException",
    }
)
_CONFLICT = frozenset(
    {
        "AlreadyExistsException",
        "BucketAlreadyExists",
        "BucketAlreadyOwnedByYou",
        "BucketNotEmpty",
        "ConcurrentModification",
        "ConcurrentModificationException",
        "ConditionalCheckFailedException",
        "ContinuousBackupsUnavailableException",
        "ConflictException",
        "DeleteConflict",
        "EntityAlreadyExists",
        "ExecutionAlreadyExists",
        "OperationAborted",
        "OperationAbortedException",
        "PreconditionFailed",
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

_LOG_POLICIES = (
    "An account has ten resource policies of CloudWatch Logs in a region, of 5,120 characters each, and services add to them."
    " See which can go:\n  aws logs describe-resource-policies"
)
"""https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html"""

EXISTS_CODES = frozenset({"EntityAlreadyExists", "ResourceAlreadyExistsException", "StateMachineAlreadyExists"})
"""AWS codes that mean: an object of that name is there. Lambda and Scheduler use a code with other meanings too."""

IAM_NOT_PROPAGATED = "iam-not-propagated"
"""The code of the error that says: the role was written a moment ago, and this service does not see it yet."""

ACCESS_DENIED = "access-denied"
"""The code of the error that says: these credentials are good, and may not make this call."""


@contextmanager
def translate_errors(service: str, operation: str, *, profile: str | None = None, **facts: object) -> Iterator[None]:
    """Raise bunsui's error for whatever boto3 raises inside.

    `operation` is AWS's name of the call (`CreateStateMachine`); `facts` say on what, and are shown to the reader."""
    try:
        yield
    except boto.ClientError as error:
        raise _answered_error(error, service, operation, profile=profile, **facts) from error
    except boto.BotoCoreError as error:
        if (refusal := refusal_in(error)) is not None:
            raise refusal from error
        raise connection_error(error, service, operation, profile=profile, **facts) from error
    except RuntimeError as error:
        if not is_lapsed(error):
            raise
        raise lapsed_error(profile, service=service, operation=operation) from error


def _answered_error(
    error: boto.ClientError, service: str, operation: str, *, profile: str | None = None, **facts: object
) -> BunsuiError:
    answer = error.response.get("Error", {})
    if answer.get("Code") == FOREIGN:
        return foreign_answer(answer, service, operation, **facts)
    return client_error(error, service, operation, profile=profile, **facts)


def foreign_answer(answer: Mapping[str, Any], service: str, operation: str, **facts: object) -> Unavailable:
    """Return the error that stands for an answer that is not AWS's, with who answered (see `bunsui.aws.answers.parsers`).

    Nobody knows whether the call had its effect, as when no answer came at all."""
    return Unavailable(
        "foreign-answer",
        "what answered the call is not AWS, or its answer came damaged",
        hint=_who_answers(answer.get("Host"), is_local=bool(answer.get("IsLocal"))),
        service=service,
        operation=operation,
        **facts,
        host=answer.get("Host"),
        answer=answer.get("Message"),
    )


def _who_answers(host: str | None, *, is_local: bool) -> str:
    if is_local:
        return "Look at what the endpoint wrote; for the embedded AWS:\n  bunsui local logs"
    return (
        "Something between here and AWS answered: a proxy, a firewall, the sign-in page of a network. Open the way, or set"
        f" HTTPS_PROXY or NO_PROXY, and try again. See who answers:\n  curl -v {host or 'https://sts.amazonaws.com'}/"
    )


@contextmanager
def credentials_fetched(service: str, *, profile: str | None = None) -> Iterator[None]:
    """Raise bunsui's error for whatever fetching credentials raises: botocore lets what a `credential_process` printed, or that
    it is not there, through as it comes. The text itself is not shown, since it may hold a key."""
    try:
        yield
    except boto.BotoCoreError:
        raise
    except (OSError, ValueError, TypeError, AttributeError, LookupError) as error:
        reason = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) else type(error).__name__
        raise AccessDenied(
            "credentials-failed",
            "the AWS credentials could not be fetched",
            hint="See what the `credential_process` of the profile prints: JSON, as the AWS CLI's user guide says.",
            service=service,
            reason=reason,
            profile=profile,
        ) from error


def client_error(
    error: boto.ClientError, service: str, operation: str, *, profile: str | None = None, **facts: object
) -> CloudError:
    """Return the error that stands for an answer of AWS. Its facts hold `aws_code` and `aws_message` as AWS gave them."""
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
    if is_unseen_role(service, message):
        return CloudError(
            IAM_NOT_PROPAGATED,
            "the service does not see the role's newest form yet",
            hint="Wait a minute and apply again; roles take some time to reach every service.",
            **known,
        )
    if code in _EXPIRED:
        return AccessDenied("credentials-expired", "the AWS credentials have expired", hint=sign_in_hint(profile), **known)
    if code in THROTTLING_CODES or lacks_capacity(error.response):
        return Throttled("throttled", "AWS asked to slow down and kept asking", hint="Try again in a minute.", **known)
    if code in _UNSIGNED:
        return _unsigned_error(message, profile, known)
    if code in _DENIED or (status in (401, 403) and not code):
        return AccessDenied(
            ACCESS_DENIED, "AWS refused the call", hint=_denial_hint(message, _permission(service, operation)), **known
        )
    if code in _MISSING:
        return Missing("missing", "the object does not exist in AWS", **known)
    if code in _CONFLICT:
        return _conflict_error(error, known)
    if (hint := _quota_hint(code, message)) is not None:
        return CloudError("quota-exceeded", "a quota of the account is used up", hint=hint, **known)
    if code in _UNSUPPORTED or status == 501:
        return Unsupported("unsupported", "this endpoint does not know the call", **known)
    if status >= 500:
        return CloudError("aws-internal", "AWS failed inside", hint="Apply again in a minute.", **known)
    return CloudError("aws-error", "AWS refused the call", **known)


def _conflict_error(error: boto.ClientError, known: Mapping[str, Any]) -> CloudError:
    """Return the error for an object that is in another state than the call needs, with whether that passes by itself."""
    if is_never_written(error.response):
        return CloudError("aws-error", "DynamoDB cannot do this transaction, whoever sends it", **known)
    summary = "the object is in another state than the call needs"
    code, message = str(known["aws_code"] or ""), str(known["aws_message"] or "")
    transient = transient_error(known["service"], known["operation"], code, message)
    if transient is not None:
        return Conflict("conflict", summary, passes=transient.passes, waits_for=transient.waits_for, **known)
    return Conflict("conflict", summary, **known)


def _quota_hint(code: str, message: str) -> str | None:
    """Return what to do about a quota that is used up; None where none is."""
    if code == "InvalidLoggingConfiguration" and "CloudWatch Logs Resource Policy" in message:
        return _LOG_POLICIES
    if _UNRESERVED in message:
        return (
            "Lower reserved_concurrency, or have the quota Concurrent executions of Lambda raised in this account and region."
        )
    if code not in _QUOTA:
        return None
    return "AWS's message names it. Raise it in Service Quotas of this account and region, or remove what is not needed."


def _unsigned_error(message: str, profile: str | None, known: Mapping[str, Any]) -> AccessDenied:
    """Return the error for credentials that AWS does not take, in which no permission can help."""
    if any(words in message for words in _CLOCK_WORDS):
        hint = "Set this machine's clock; AWS's message names both times."
        return AccessDenied("clock-off", "this machine's clock is too far from AWS's", hint=hint, **known)
    hint = f"Check the keys, and that the account has enabled the region.\n{sign_in_hint(profile)}"
    return AccessDenied("credentials-invalid", "AWS does not take these credentials", hint=hint, **known)


def connection_error(
    error: boto.BotoCoreError, service: str, operation: str, *, profile: str | None = None, **facts: object
) -> BunsuiError:
    """Return the error that stands for a call that never got an answer."""
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
            return AccessDenied("sso-expired", "the AWS sign-in has expired", hint=sign_in_hint(profile), **known)
        case boto.CredentialRetrievalError() | boto.RefreshWithMFAUnsupportedError():
            return AccessDenied(
                "credentials-failed", "the AWS credentials could not be fetched", hint=sign_in_hint(profile), **known
            )
        case boto.ConfigParseError() | boto.InvalidConfigError():
            return InvalidInput(
                "aws-config-invalid",
                "a file of the AWS configuration cannot be read",
                hint="Correct the file that the message names; `aws configure` writes it.",
                **known,
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
        case boto.WaiterError(last_response={"Error": {"Code": _}} as answer):
            return _answered_error(boto.ClientError(answer, operation), service, operation, profile=profile, **facts)
        case boto.PaginationError():
            return foreign_answer({"Message": str(error)}, service, operation, **facts)
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


def none_unless_permitted(call: Callable[[], T]) -> T | None:
    """Return what the call gives, None when the credentials may not make it. Credentials that are no good still raise."""
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
    """Return AWS's own code of the error, empty when it had none."""
    return error.facts.get("aws_code", "")


def _denial_hint(message: str, permission: str) -> str:
    """Return what to do about a denial. AWS names the action that it checked, which need not be the call: tags in a create
    call, and roles that are passed on, are actions of their own."""
    found = _CHECKED.search(message)
    action, resource = (found["action"], found["resource"]) if found else (permission, "")
    on = f" on {resource}" if resource else ""
    if "explicit deny" in message:
        policy = found["policy"] if (found := _DENYING.search(message)) else "a policy"
        return f"{policy} denies {action}{on} explicitly: nothing that is allowed besides helps. Ask who wrote it."
    return f"Check that the credentials in use may call {action}{on}."


_CHECKED = re.compile(
    r"not authorized to perform: (?P<action>[\w-]+:\w+)(?: on resource: (?P<resource>.+?)(?= because | with an |$))?"
)
_DENYING = re.compile(r"explicit deny in (?P<policy>an? [\w-]+ (?:control |permissions )?\w+)")


def _permission(service: str, operation: str) -> str:
    prefix = {"stepfunctions": "states"}.get(service, service)
    return f"{prefix}:{operation}"
