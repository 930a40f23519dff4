"""Retry failed reads of AWS: the policies; botocore's `needs-retry` event has the loop."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bunsui.aws.answers.parsers import FOREIGN
from bunsui.aws.errors import THROTTLING_CODES
from bunsui.retry import Backoff, RetryPolicy, policy_for

FAILED_ATTEMPTS = 6
"""Tries of a read that fails for a reason that passes, the first included."""
THROTTLED_ATTEMPTS = 40
"""Tries of a read that is asked to slow down: each waits for its turn in `bunsui.aws.rate_limit`, so they are rarely needed."""
_PASSING_STATUS = frozenset({500, 502, 503, 504})
_PASSING_CODES = frozenset({FOREIGN, "RequestTimeout", "RequestTimeoutException", "PriorRequestNotComplete"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReadAnswer:
    """What came back, as botocore's event has it."""

    response: Any
    """The answer and its parsed form; None when something was raised."""
    raised: Exception | None


def seconds_before_next(
    attempts: int, response: Any, caught_exception: Exception | None, *, chance: Callable[[], float] = random.random
) -> float | None:
    """Return how long to wait before a read is tried again, None when its failure is final or it did not fail.

    The arguments are those of botocore's `needs-retry` event: tries so far, the answer and its parsed form, or what was raised.
    `chance` draws the jitter, from 0 to 1.
    """
    policy = policy_for(_ReadAnswer(response=response, raised=caught_exception), _READ_POLICIES)
    return policy.wait(attempts, chance=chance) if policy is not None else None


def is_throttled(response: Any) -> bool:
    """Tell whether the answer asks to slow down."""
    if response is None:
        return False
    _, parsed = response
    return parsed.get("Error", {}).get("Code") in THROTTLING_CODES


def _passes(answer: _ReadAnswer) -> bool:
    """Tell whether a failure is one of the network or of the service, which may be over the next time."""
    from botocore.exceptions import ConnectionError as NoConnection
    from botocore.exceptions import HTTPClientError

    if answer.response is None:
        return isinstance(answer.raised, (NoConnection, HTTPClientError))
    http, parsed = answer.response
    return http.status_code in _PASSING_STATUS or parsed.get("Error", {}).get("Code") in _PASSING_CODES


_READ_POLICIES: tuple[RetryPolicy[_ReadAnswer], ...] = (
    RetryPolicy(
        retries=lambda answer: is_throttled(answer.response),
        backoff=Backoff(first_seconds=0.0),
        attempts=THROTTLED_ATTEMPTS,
    ),
    RetryPolicy(
        retries=_passes,
        backoff=Backoff(first_seconds=0.2, longest_seconds=5.0),
        attempts=FAILED_ATTEMPTS,
        jitter=0.5,
    ),
)
