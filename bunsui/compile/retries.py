"""Retries: classes of errors as the names that Step Functions and the services use.

Sources: the Step Functions developer guide ("Handling errors", "Best practices: handle transient Lambda service exceptions"),
and the service errors that its optimised integrations name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from bunsui.asl.model import Retrier
from bunsui.model.failures import EVALUATION
from bunsui.model.pipeline import Operation

ERROR_CLASSES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "throttling": (
            "Lambda.TooManyRequestsException",
            "Athena.TooManyRequestsException",
            "DynamoDB.ProvisionedThroughputExceededException",
            "DynamoDB.RequestLimitExceeded",
            "DynamoDB.ThrottlingException",
            "ECS.ThrottlingException",
            "Glue.ConcurrentRunsExceededException",
            "SNS.ThrottledException",
            "StepFunctions.ExecutionLimitExceededException",
            "States.Http.StatusCode.429",
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
            "States.Http.StatusCode.500",
            "States.Http.StatusCode.502",
            "States.Http.StatusCode.503",
        ),
        # Whoever gave up a request does not know whether it was done.
        "timeout": ("States.Timeout", "Sandbox.Timedout", "States.Http.Socket", "States.Http.StatusCode.504"),
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
    "athena": ("Athena",),
    "http": ("States.Http",),
}
"""Service in a Task's Resource -> the prefixes of its error names."""
_PREFIXES = frozenset(prefix for prefixes in _SERVICES.values() for prefix in prefixes)
_OF_ONE = frozenset({"Athena", "States.Http"})
"""Prefixes that no other integration has; some calls by the SDK have errors of the other prefixes."""


def fitting(found: tuple[Retrier, ...], resource: str) -> tuple[Retrier, ...]:
    """Return the Retry field without the names of errors that only other services raise than the one that a Task calls."""
    service = resource.rpartition(":::")[2].partition(":")[0]
    own = _SERVICES.get(service)
    foreign = tuple(f"{prefix}." for prefix in (_OF_ONE if own is None else _PREFIXES - set(own)))
    kept = [
        replace(retrier, errors=tuple(name for name in retrier.errors if not name.startswith(foreign))) for retrier in found
    ]
    return tuple(retrier for retrier in kept if retrier.errors)


THROTTLED = Retrier(
    errors=("Lambda.TooManyRequestsException",), interval_seconds=1, max_attempts=5, backoff_rate=2.0, full_jitter=True
)
"""Of a call of a function whose operation says nothing of retries: a throttled call did nothing yet (developer guide, "Best
practices: handle transient Lambda service exceptions")."""


def default_retriers(resource: str) -> tuple[Retrier, ...]:
    """Return the Retry field of a Task whose operation says nothing of retries."""
    return (THROTTLED,) if resource.rpartition(":::")[2].startswith("lambda:invoke") else ()


def retriers(operation: Operation) -> tuple[Retrier, ...]:
    """Return the operation's Retry field.

    A timeout is only tried again when the operation is idempotent: the first try may still be at work. What an expression of
    the pipeline gave would be no other the next time.
    """
    retry = operation.retry
    if retry is None or retry.attempts <= 1:
        return ()
    classes = [name for name in retry.errors if name != "timeout" or operation.idempotent]
    spared = _names_of(retry.spared)
    names = tuple(name for name in _names_of(classes) if name not in spared)
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
    # The first retrier that fits decides, so that those of no tries stand in front. A name may cover others: States.TaskFailed.
    vain = (EVALUATION, *(() if operation.idempotent else ERROR_CLASSES["timeout"])) if everything else ()
    vain = tuple(dict.fromkeys((*vain, *spared)))
    return (*((Retrier(errors=vain, interval_seconds=1, max_attempts=0),) if vain else ()), retrier)


def _names_of(classes: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(error for name in classes for error in ERROR_CLASSES.get(name, (name,))))
