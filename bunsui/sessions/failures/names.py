"""Classes of the names that services give their errors.

Names are as the Service Authorization Reference and the API references have them; Step Functions puts the service's before, and
`Exception` behind. What fits none says nothing by its name.
"""

from __future__ import annotations

import re

from bunsui.model.failures import ErrorClass

_NOT_READY = "NotReady ResourceConflict ResourceInUse NotStabilized"
_WORDS: tuple[tuple[ErrorClass, str], ...] = (
    (ErrorClass.INFRASTRUCTURE, _NOT_READY),
    (
        ErrorClass.THROTTLING,
        """Throttl TooManyRequests RequestLimitExceeded RateExceeded ThroughputExceeded SlowDown PriorRequestNotComplete
        [a-z]sExceeded(?:Exception)?$ ConcurrentRunsExceeded TransactionInProgress""",
    ),
    (
        ErrorClass.PERMISSION,
        """AccessDenied Unauthorized NotAuthorized Forbidden UnrecognizedClient ExpiredToken InvalidClientToken
        SignatureDoesNotMatch AuthorizationError AuthFailure AllAccessDisabled BlockedException$ OptInRequired""",
    ),
    (ErrorClass.TIMEOUT, "(?<!Request)(?<!Mount)(?<!Start)(?<!Execution)Timeout(?:Exception)?$ (?<!Request)TimedOut"),
    (
        ErrorClass.QUOTA,
        "(?<!Request)LimitExceeded QuotaExceeded LimitReached InsufficientCapacity ResourceLimit LimitBreached MaxSpendLimit",
    ),
    (
        ErrorClass.PAYLOAD,
        """EntityTooLarge RequestTooLarge PayloadTooLarge ContentTooLarge ResponseSizeTooLarge MessageTooLong
        TooLargeException$""",
    ),
    (
        ErrorClass.DATA,
        "NoSuchKey$ NoSuchVersion$ ConditionalCheckFailed TransactionCanceled AlreadyExists InvalidObjectState",
    ),
    (
        ErrorClass.CONFIGURATION,
        """NotFound DoesNotExist NonExistent NoSuch Inactive InvalidArn InvalidSubnet InvalidSecurityGroup InvalidRuntime
        InvalidRole MissingRole MissingVersion UnsupportedFeature PlatformUnknown ClientException$ Disabled InvalidState
        Connectivity InvalidZipFile""",
    ),
    (
        ErrorClass.INFRASTRUCTURE,
        """InternalServer InternalService InternalFailure InternalError ServerError ServerException ServerFault
        ServiceUnavailable ServiceException$ Unavailable RequestTimeout ServiceFault EFSMount SnapStart""",
    ),
)
"""In the order in which they are asked: what a service of its own also calls a client's mistake comes behind what says more."""

_VAGUE = re.compile(
    "Validation|InvalidParameter|InvalidRequest|InvalidInput|InvalidArgument|Malformed|MissingParameter|SerializationException"
    "|InvalidToken|InvalidMessage|InvalidAttribute|BadRequest"
)
"""Names that say only that something in the request is wrong."""
_NAMES = tuple((kind, re.compile("|".join(words.split()))) for kind, words in _WORDS)


def named(error: str) -> ErrorClass | None:
    """Return the class that the name of a service's error says; None when it says none."""
    return next((kind for kind, pattern in _NAMES if pattern.search(error)), None)


def is_vague(error: str) -> bool:
    """Tell whether the name of a service's error says only that something in the request is wrong."""
    return named(error) is None and _VAGUE.search(error) is not None


def is_not_ready(error: str) -> bool:
    """Tell whether the name says that what was called is not ready, or busy."""
    return any(word in error for word in _NOT_READY.split())
