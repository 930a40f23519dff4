"""Why DynamoDB cancelled a transaction.

Source of the reasons: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html. They stand
in the message, one for each item, and apart where the service tells them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

CANCELED = "TransactionCanceledException"
_NO_CAPACITY = ("ThrottlingError", "ProvisionedThroughputExceeded")
_MET_ANOTHER = ("ConditionalCheckFailed", "TransactionConflict")
_NEVER_WRITTEN = ("ItemCollectionSizeLimitExceeded", "ValidationError")


def lacks_capacity(answer: Mapping[str, Any]) -> bool:
    """Tell whether it was cancelled for want of capacity only: no condition failed."""
    return _has_reason(answer, _NO_CAPACITY) and not _has_reason(answer, ("ConditionalCheckFailed",))


def is_never_written(answer: Mapping[str, Any]) -> bool:
    """Tell whether it holds what DynamoDB does not take, such as an item that is too large: it met nobody else's write."""
    return _has_reason(answer, _NEVER_WRITTEN) and not _has_reason(answer, _MET_ANOTHER)


def _has_reason(answer: Mapping[str, Any], reasons: tuple[str, ...]) -> bool:
    error = answer.get("Error", {})
    apart = " ".join(str(reason.get("Code", "")) for reason in answer.get("CancellationReasons", ()))
    told = f"{error.get('Message', '')} {apart}"
    return error.get("Code") == CANCELED and any(reason in told for reason in reasons)
