"""Reads are spread over time as AWS allows them, instead of being refused and repeated.

The limits are those of the smaller regions: Step Functions' quotas as archived in 2021, and Lambda's 15 control-plane requests
a second. An account may have others, so an operation that is throttled all the same is slowed down. Writes are not held back: a
write must go out while the lease that allows it is fresh, and there are few of them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

SLOWEST_PER_SECOND = 0.5
"""An operation is never slowed down below this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How often an operation may be called."""

    per_second: float
    burst: int
    """Calls that may be made at once after a pause."""


READ_LIMITS: Mapping[tuple[str, str], Limit] = {
    ("sfn", "DescribeStateMachine"): Limit(per_second=20, burst=200),
    ("sfn", "GetExecutionHistory"): Limit(per_second=20, burst=400),
    ("lambda", "ListTags"): Limit(per_second=15, burst=15),
}
"""By service, as botocore's events call it, and operation. What is not here goes out at once until it is throttled."""

_FIRST_LIMIT = Limit(per_second=5, burst=1)
"""For an operation without a documented limit that was throttled."""


@dataclass(slots=True)
class _Bucket:
    limit: Limit
    tokens: float
    """Below zero when calls already wait for their turn."""
    at: float


class Pacer:
    """Token buckets, one for each operation. Safe from any thread."""

    def __init__(
        self,
        limits: Mapping[tuple[str, str], Limit] = READ_LIMITS,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Start with full buckets."""
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        now = clock()
        self._buckets = {key: _Bucket(limit=limit, tokens=float(limit.burst), at=now) for key, limit in limits.items()}

    def wait_for_turn(self, service: str, operation: str) -> None:
        """Return when the call may go out."""
        with self._lock:
            bucket = self._buckets.get((service, operation))
            if bucket is None:
                return
            self._refill(bucket)
            bucket.tokens -= 1
            seconds = -bucket.tokens / bucket.limit.per_second
        if seconds > 0:
            self._sleep(seconds)

    def slow_down(self, service: str, operation: str) -> None:
        """Halve the pace of an operation that was throttled."""
        with self._lock:
            bucket = self._buckets.get((service, operation))
            if bucket is None:
                self._buckets[service, operation] = _Bucket(limit=_FIRST_LIMIT, tokens=0.0, at=self._clock())
                return
            self._refill(bucket)
            bucket.tokens = min(bucket.tokens, 0.0)
            bucket.limit = Limit(per_second=max(bucket.limit.per_second / 2, SLOWEST_PER_SECOND), burst=bucket.limit.burst)

    def _refill(self, bucket: _Bucket) -> None:
        now = self._clock()
        bucket.tokens = min(bucket.tokens + (now - bucket.at) * bucket.limit.per_second, float(bucket.limit.burst))
        bucket.at = now
