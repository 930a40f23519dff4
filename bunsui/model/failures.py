"""Errors by their names: bunsui's own, and the classes of all.

Where no state can fail with a name of its own, an expression fails with a text that begins with it, and Step Functions calls
the error `States.QueryEvaluationError`; `named` finds the name again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

OUTPUT_MISSING = "Bunsui.OutputMissing"
OUTPUT_TYPE = "Bunsui.OutputType"
CONDITION = "Bunsui.ConditionNotBoolean"
ITEMS = "Bunsui.ItemsNotList"
COMPARED = "Bunsui.TypesDiffer"
RESULT_UNFIT = "Bunsui.ResultUnfit"


class ErrorClass(Enum):
    """What kind of failure it was: decides which recovery is worth trying."""

    THROTTLING = "throttling"
    TIMEOUT = "timeout"
    PERMISSION = "permission"
    PAYLOAD = "payload"
    """A quota on data: too large, too many items."""
    DATA = "data"
    """The input or an expression over it was not what the pipeline expects."""
    CODE = "code"
    INFRASTRUCTURE = "infrastructure"
    CANCELLED = "cancelled"
    CONFIGURATION = "configuration"
    """Something that is named does not exist, or is not set up as it must be."""
    MEMORY = "memory"
    QUOTA = "quota"


RETRY_CLASSES = ("throttling", "infrastructure", "timeout", "any")
"""Classes that `retry.errors` may name beside errors themselves; `bunsui.compile.retries` knows what is in them."""

EVALUATION = "States.QueryEvaluationError"
THROWN = "during evaluation"
"""Stands in a cause before what an expression threw; the expression itself, which holds the same words, stands before that."""
OWN_ERROR = r"(Bunsui\.[A-Za-z]+): ([\s\S]+)$"
"""How the text of an error of bunsui's own is found behind THROWN: its name, then its cause."""
_OWN = re.compile(OWN_ERROR)

CONTRACT = 2
"""What a compiled machine means: grows when the same file would be run otherwise than before. Machines hold it as a
variable."""
CONTRACT_KEY = "contract"
START_STATE = "_start"
"""The first state of every machine that bunsui compiled, which assigns the contract."""

ERROR_PATTERNS: Mapping[str, str] = MappingProxyType(
    {
        "throttling": (
            r"Throttl|TooManyRequests|RequestLimitExceeded|RateExceeded|ThroughputExceeded|SlowDown|ConcurrentRunsExceeded"
            r"|PriorRequestNotComplete|TransactionInProgress"
        ),
        "timeout": r"^States\.((Heartbeat)?Timeout|Http\.Socket)$|^Sandbox\.Timedout$|TimedOut|Timeout(Exception|Error)?$",
        "permission": (
            r"AccessDenied|^States\.Permissions$|NotAuthorized|Unauthorized|UnrecognizedClient|ExpiredToken"
            r"|\.(\w*Forbidden|AuthorizationError|\w*OptInRequired|BlockedException|StatusCode\.40[13]$)"
        ),
        "payload": (
            r"^States\.DataLimitExceeded|EntityTooLarge|(Request|Response|Payload|Content)\w*TooLarge|TooManyItems|MessageTooLong"
        ),
        "quota": r"\.\w*(LimitExceeded|QuotaExceeded|LimitReached|InsufficientCapacity)",
        "data": (
            r"^States\.(QueryEvaluationError|ParameterPathFailure|NoChoiceMatched|ResultPathMatchFailure|IntrinsicFailure"
            r"|ItemReaderFailed|ExceedToleratedFailureThreshold)|ConditionalCheckFailed|TransactionCanceled|CheckFailed$|^Bunsui\."
            r"|\.(\w*AlreadyExists|NoSuch(Key|Version)|InvalidObjectState)"
        ),
        "configuration": (
            r"ResourceNotFound(Exception)?$|DoesNotExist|StatusCode\.404$"
            r"|\.\w*(NotFound|NonExistent|NoSuch|InactiveException|Disabled|Connectivity|Missing(Role|Version)|PlatformUnknown|UnsupportedFeature"
            r"|Invalid(Arn|Role|Runtime|SecurityGroup|State|Subnet|ZipFile))|\.ClientException$"
        ),
        "infrastructure": (
            r"^States\.(ServiceRestart|Runtime)$|StatusCode\.5\d\d$|ServiceException$|SdkClientException$|AWSLambdaException"
            r"|Internal(Failure|Server|Service|Error)|ServerException$|Unavailable|^Runtime\.(ExitError|Unknown)"
            r"|^Lambda\.Unknown$|^(Amazon)?ECS\.(Amazon|Unknown)|\.\w*(NotReady|ResourceConflict|ResourceInUse|EFSMount|SnapStart|ServerError|ServerFault)"
        ),
    }
)
"""Class of errors -> a regular expression, letters of either size, over the error's name; the first that fits. What fits none
is `code`: an exception of the work itself. What begins with a dot is asked of names of services only: `FileNotFoundError` is an
exception of the work, `Glue.EntityNotFoundException` is not."""


def contract_of(definition: object) -> int:
    """Return the contract of a compiled machine's definition: 1 where it says none, 0 for a machine that was not compiled."""
    if not isinstance(definition, Mapping) or definition.get("StartAt") != START_STATE:
        return 0
    states = definition.get("States")
    start = states.get(START_STATE) if isinstance(states, Mapping) else None
    assigned = start.get("Assign") if isinstance(start, Mapping) else None
    found = assigned.get(CONTRACT_KEY) if isinstance(assigned, Mapping) else None
    return found if isinstance(found, int) else 1


def named(error: str, cause: str) -> tuple[str, str]:
    """Return error and cause, those of bunsui's own where an expression of a compiled machine threw them."""
    if error != EVALUATION:
        return error, cause
    found = _OWN.search(cause.rpartition(THROWN)[2]) if THROWN in cause else None
    return (found.group(1), found.group(2)) if found else (error, cause)
