"""Classes of the names that services give their errors.

Names are as the Service Authorization Reference and the API references have them; Step Functions puts the service's before, and
`Exception` behind. What fits none says nothing by its name.
"""

from __future__ import annotations

import re

from bunsui.sessions.snapshot import ErrorClass

_WORDS: tuple[tuple[ErrorClass, str], ...] = (
    (
        ErrorClass.THROTTLING,
        """Throttl TooManyRequests RequestLimitExceeded RateExceeded ThroughputExceeded SlowDown PriorRequestNotComplete
        ConcurrentRunsExceeded TransactionInProgress ExecutionLimitExceeded""",
    ),
    (
        ErrorClass.PERMISSION,
        """AccessDenied Unauthorized NotAuthorized Forbidden UnrecognizedClient ExpiredToken InvalidClientToken
        SignatureDoesNotMatch AuthorizationError AuthFailure AllAccessDisabled BlockedException$ KMSDisabled OptInRequired""",
    ),
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
        InvalidRole MissingRole MissingVersion UnsupportedFeature PlatformUnknown ClientException$""",
    ),
    (
        ErrorClass.INFRASTRUCTURE,
        """InternalServer InternalService InternalFailure InternalError ServerError ServerException ServerFault
        ServiceUnavailable ServiceException$ Unavailable RequestTimeout ResourceConflict ResourceInUse NotStabilized
        ServiceFault ResourceNotReady EFSMount SnapStart""",
    ),
    (
        ErrorClass.DATA,
        """Validation InvalidParameter InvalidRequest InvalidInput InvalidArgument Malformed MissingParameter
        SerializationException InvalidToken InvalidMessage InvalidAttribute BadRequest""",
    ),
)
"""In the order in which they are asked: what a service of its own also calls a client's mistake comes behind what says more."""

_NAMES = tuple((kind, re.compile("|".join(words.split()))) for kind, words in _WORDS)

_GONE = re.compile(
    r"not found|does not exist|doesn't exist|do(?:es)? not have a|no such|unable to describe|inactive|unknown host|UnknownHost"
    r"|cannot find|could not be found|not exist",
    re.IGNORECASE,
)
_FORBIDDEN = re.compile(
    r"is not authorized to perform|access ?denied|not authorized|permission denied|insufficient permissions|\bforbidden\b"
    r"|unable to assume|cannot be assumed",
    re.IGNORECASE,
)
_NO_MEMORY = re.compile(
    r"OutOfMemory|out of memory|signal: killed|exit code:? 137|memory usage|MemoryError|exhausted (?:the )?memory|heap space",
    re.IGNORECASE,
)


def named(error: str) -> ErrorClass | None:
    """Return the class that the name of a service's error says; None when it says none."""
    return next((kind for kind, pattern in _NAMES if pattern.search(error)), None)


def says_gone(text: str) -> bool:
    """Tell whether a text says that something which was named is not there."""
    return _GONE.search(text) is not None


def says_forbidden(text: str) -> bool:
    """Tell whether a text says that something was not allowed."""
    return _FORBIDDEN.search(text) is not None


def says_no_memory(text: str) -> bool:
    """Tell whether a text says that the memory did not suffice."""
    return _NO_MEMORY.search(text) is not None
