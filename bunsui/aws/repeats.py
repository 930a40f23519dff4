"""Which failed reads are sent again, and when."""

from __future__ import annotations

import random
from typing import Any

from bunsui.aws.errors import THROTTLING_CODES

FAILED_ATTEMPTS = 6
"""Tries of a read that fails for a reason that passes, the first included."""
THROTTLED_ATTEMPTS = 40
"""Tries of a read that is asked to slow down: each waits for its turn in `bunsui.aws.pace`, so that they are rarely needed."""
_FIRST_WAIT_SECONDS = 0.2
_LONGEST_WAIT_SECONDS = 5.0
_PASSING_STATUS = frozenset({500, 502, 503, 504})
_PASSING_CODES = frozenset({"RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"})


def seconds_before_next(attempts: int, response: Any, caught_exception: Exception | None) -> float | None:
    """Give how long to wait before a read is tried again, None when its failure is final or it did not fail.

    The arguments are those of botocore's `needs-retry` event: tries so far, the answer and its parsed form, or what was raised.
    """
    if is_throttled(response):
        return 0.0 if attempts < THROTTLED_ATTEMPTS else None
    if attempts >= FAILED_ATTEMPTS or not _passes(response, caught_exception):
        return None
    longest = min(_FIRST_WAIT_SECONDS * 2 ** (attempts - 1), _LONGEST_WAIT_SECONDS)
    return random.uniform(longest / 2, longest)  # noqa: S311 - spreads repetitions, hides nothing


def is_throttled(response: Any) -> bool:
    """Tell whether the answer asks to slow down."""
    if response is None:
        return False
    _, parsed = response
    return parsed.get("Error", {}).get("Code") in THROTTLING_CODES


def _passes(response: Any, caught_exception: Exception | None) -> bool:
    """Tell whether a failure is one of the network or of the service, which may be over the next time."""
    from botocore.exceptions import ConnectionError as NoConnection
    from botocore.exceptions import HTTPClientError

    if response is None:
        return isinstance(caught_exception, (NoConnection, HTTPClientError))
    http, parsed = response
    return http.status_code in _PASSING_STATUS or parsed.get("Error", {}).get("Code") in _PASSING_CODES
