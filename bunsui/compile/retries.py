"""Retries: classes of errors as the names that Step Functions and the services use.

Sources: the Step Functions developer guide ("Handling errors", "Best practices: handle transient Lambda service exceptions"),
and the service errors that its optimised integrations name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from bunsui.asl.model import Retrier
from bunsui.model.pipeline import Operation

ERROR_CLASSES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "throttling": (
            "Lambda.TooManyRequestsException",
            "DynamoDB.ProvisionedThroughputExceededException",
            "DynamoDB.RequestLimitExceeded",
            "DynamoDB.ThrottlingException",
            "ECS.ThrottlingException",
            "Glue.ConcurrentRunsExceededException",
            "SNS.ThrottledException",
            "StepFunctions.ExecutionLimitExceededException",
            "ThrottlingException",
        ),
        "infrastructure": (
            "Lambda.ServiceException",
            "Lambda.AWSLambdaException",
            "Lambda.SdkClientException",
            "Lambda.ClientExecutionTimeoutException",
            "Lambda.Unknown",
            "DynamoDB.InternalServerError",
            "ECS.ServerException",
            "ECS.AmazonECSException",
            "SNS.InternalErrorException",
            "States.HeartbeatTimeout",
        ),
        "timeout": ("States.Timeout", "Sandbox.Timedout"),
        "any": ("States.ALL",),
    }
)
"""Class of errors -> error names."""


_SERVICES = {
    "lambda": ("Lambda", "Sandbox"),
    "dynamodb": ("DynamoDB",),
    "ecs": ("ECS",),
    "glue": ("Glue",),
    "sns": ("SNS",),
    "sqs": ("SQS",),
    "states": ("StepFunctions",),
}
"""Service in a Task's Resource -> the prefixes of its error names."""
_PREFIXES = frozenset(prefix for prefixes in _SERVICES.values() for prefix in prefixes)


def fitting(found: tuple[Retrier, ...], resource: str) -> tuple[Retrier, ...]:
    """Give the Retry field without the names of errors that only other services raise than the one that a Task calls."""
    service = resource.rpartition(":::")[2].partition(":")[0]
    own = _SERVICES.get(service)
    if own is None:
        return found
    foreign = _PREFIXES - set(own)
    kept = [
        replace(retrier, errors=tuple(name for name in retrier.errors if name.partition(".")[0] not in foreign))
        for retrier in found
    ]
    return tuple(retrier for retrier in kept if retrier.errors)


def retriers(operation: Operation) -> tuple[Retrier, ...]:
    """Give the operation's Retry field.

    A timeout is only tried again when the operation is idempotent: the first try may still be at work.
    """
    retry = operation.retry
    if retry is None or retry.attempts <= 1:
        return ()
    classes = [name for name in retry.errors if name != "timeout" or operation.idempotent]
    names = tuple(dict.fromkeys(error for name in classes for error in ERROR_CLASSES.get(name, (name,))))
    everything = "States.ALL" in names
    if everything:
        names = ("States.ALL",)  # Step Functions takes States.ALL alone only
    if not names:
        return ()
    retrier = Retrier(
        errors=names,
        interval_seconds=max(retry.delay_seconds, 1),
        max_attempts=retry.attempts - 1,
        backoff_rate=max(retry.backoff, 1.0),
        max_delay_seconds=retry.max_delay_seconds,
        full_jitter=retry.jitter,
    )
    if everything and not operation.idempotent:
        never = Retrier(errors=ERROR_CLASSES["timeout"], interval_seconds=1, max_attempts=0)
        return (never, retrier)
    return (retrier,)
