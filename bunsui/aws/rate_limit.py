"""Spread reads over time as AWS allows them, instead of being refused.

Each operation begins with AWS's documented burst and rate; the limits below are those of the smaller regions. Most are soft,
and shared with whoever else works in the account. So past the burst the pace rises with every answer until the first refusal,
which sets it to what is documented for good; a refusal at that pace lowers it, and answers win it back. Writes are not held
back: a write must go out while the lease that allows it is fresh, and there are few of them.

Sources: https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html for Step Functions;
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html for Lambda, whose control-plane operations have 15
requests a second together, GetFunction 100 and GetPolicy 15 apart; the transactions a second in the service quotas of
CloudWatch Logs; 15 GetResources a second is second-hand; CloudTrail's quotas, none of which can be raised:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/WhatIsCloudTrail-Limits.html.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

SLOWEST_PER_SECOND = 0.5
"""An operation is never slowed down below this, or below its documented rate if that is lower."""
SLOWDOWN = 0.7
"""What is left of the pace after a refusal."""
_AT_ONCE_SECONDS = 1.0
"""Refusals of calls that were under way together count once."""
_SHARE = 0.97
"""How much of a documented rate is used: calls bunch up on their way, and a refused one costs more than a late one."""
_RECOVERY = 1.02
"""By how much each answer raises a pace that was lowered."""
_PROBING = 4.0
"""By how much each answer raises a pace that was never refused."""
_FASTEST_PER_SECOND = 1000.0
"""More than a plan's threads can send."""
_NAP_SECONDS = 0.25
"""A waiting call looks this often whether the pace has changed."""
_ALMOST_ONE = 1 - 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """How often an operation may be called."""

    per_second: float
    burst: int
    """Calls that may be made at once after a pause."""
    can_be_raised: bool = True
    """False when AWS raises this quota for nobody, so that there is nothing to find out by trying."""


READ_LIMITS: Mapping[tuple[str, str], RateLimit] = {
    ("sfn", "DescribeStateMachine"): RateLimit(per_second=20, burst=200),
    ("sfn", "DescribeStateMachineAlias"): RateLimit(per_second=1, burst=200),
    ("sfn", "ListStateMachines"): RateLimit(per_second=5, burst=100),
    ("sfn", "ListStateMachineAliases"): RateLimit(per_second=1, burst=100),
    ("sfn", "ListTagsForResource"): RateLimit(per_second=1, burst=100),
    ("sfn", "DescribeExecution"): RateLimit(per_second=10, burst=250),
    ("sfn", "GetExecutionHistory"): RateLimit(per_second=20, burst=400),
    ("sfn", "ListExecutions"): RateLimit(per_second=2, burst=100),
    ("cloudtrail", "LookupEvents"): RateLimit(per_second=2, burst=2, can_be_raised=False),
    ("lambda", "*"): RateLimit(per_second=15, burst=15),
    ("lambda", "GetFunction"): RateLimit(per_second=100, burst=100),
    ("lambda", "GetPolicy"): RateLimit(per_second=15, burst=15),
    ("cloudwatch-logs", "DescribeLogGroups"): RateLimit(per_second=5, burst=5),
    ("cloudwatch-logs", "ListTagsForResource"): RateLimit(per_second=5, burst=5),
    ("resource-groups-tagging-api", "GetResources"): RateLimit(per_second=15, burst=15),
}
"""By service, as botocore's events call it, and operation; `*` is one bucket for all its other operations together. What is not
here goes out at once until it is throttled."""

_FIRST_LIMIT = RateLimit(per_second=5, burst=1)
"""For an operation without a documented limit that was throttled."""


@dataclass(slots=True)
class _Bucket:
    rate: float
    """Calls a second at present."""
    documented: float | None
    """The documented rate; None when there is none."""
    burst: int
    tokens: float
    at: float
    was_refused: bool
    """The rate does not rise above the documented one any more."""
    slowed_at: float = float("-inf")


class Pacer:
    """Token buckets, one for each operation. Safe from any thread."""

    def __init__(
        self,
        limits: Mapping[tuple[str, str], RateLimit] = READ_LIMITS,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Start with full buckets."""
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        now = clock()
        self._shared = frozenset(service for service, operation in limits if operation == "*")
        self._buckets = {
            key: _Bucket(
                rate=limit.per_second * _SHARE,
                documented=limit.per_second * _SHARE,
                burst=limit.burst,
                tokens=float(limit.burst),
                at=now,
                was_refused=not limit.can_be_raised,
            )
            for key, limit in limits.items()
        }

    def wait_for_turn(self, service: str, operation: str) -> None:
        """Return when the call may go out."""
        while (seconds := self._take(service, operation)) > 0:
            self._sleep(min(seconds, _NAP_SECONDS))

    def slow_down(self, service: str, operation: str) -> None:
        """Heed a refusal: what was left of the burst is gone, and the pace falls to the documented one, or further."""
        with self._lock:
            bucket = self._bucket(service, operation)
            if bucket is None:
                self._buckets[service, operation] = _Bucket(
                    rate=_FIRST_LIMIT.per_second,
                    documented=None,
                    burst=_FIRST_LIMIT.burst,
                    tokens=0.0,
                    at=self._clock(),
                    was_refused=True,
                )
                return
            self._refill(bucket)
            if bucket.at - bucket.slowed_at < _AT_ONCE_SECONDS:
                return
            bucket.slowed_at = bucket.at
            believed_in_burst = bucket.tokens > 1
            bucket.tokens = 0.0
            if bucket.documented is not None and bucket.rate > bucket.documented:
                bucket.rate = bucket.documented
            elif not believed_in_burst:
                bucket.rate = max(bucket.rate * SLOWDOWN, min(SLOWEST_PER_SECOND, bucket.documented or SLOWEST_PER_SECOND))
            bucket.was_refused = True

    def speed_up(self, service: str, operation: str) -> None:
        """Heed an answer: a pace that held back calls may rise."""
        with self._lock:
            bucket = self._bucket(service, operation)
            if bucket is None:
                return
            self._refill(bucket)
            if bucket.tokens > 1:
                return  # the pace held nobody back
            if bucket.documented is None:
                bucket.rate *= _RECOVERY
            elif not bucket.was_refused:
                bucket.rate = min(bucket.rate * _PROBING, _FASTEST_PER_SECOND)
            else:
                bucket.rate = min(bucket.rate * _RECOVERY, bucket.documented)

    def _take(self, service: str, operation: str) -> float:
        """Take a token; give the seconds until there may be one when there is none."""
        with self._lock:
            bucket = self._bucket(service, operation)
            if bucket is None:
                return 0.0
            self._refill(bucket)
            if bucket.tokens >= _ALMOST_ONE:
                bucket.tokens -= 1
                return 0.0
            return (1 - bucket.tokens) / bucket.rate

    def _bucket(self, service: str, operation: str) -> _Bucket | None:
        shared = (service, "*") if service in self._shared else (service, operation)
        return self._buckets.get((service, operation)) or self._buckets.get(shared)

    def _refill(self, bucket: _Bucket) -> None:
        now = self._clock()
        bucket.tokens = min(bucket.tokens + (now - bucket.at) * bucket.rate, float(bucket.burst))
        bucket.at = now
