"""Retry calls: one loop, and a policy value that says what is retried, how often, how long and with which backoff and jitter.

Who retries states a `RetryPolicy` and nothing else: writes and other calls of an apply in `bunsui.apply.retry`, IAM's
propagation in `bunsui.apply.iam_propagation`, reads of AWS in `bunsui.aws.read_retry` (botocore has the loop there), eventual
consistency in `bunsui.refresh.consistency`. Waiting for somebody else, such as the holder of a lock, is no retry, and stands
where the lock is.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from math import inf
from threading import Event
from typing import Any, Generic, TypeVar

from bunsui.ports.clock import Clock

T = TypeVar("T")
FailureT = TypeVar("FailureT")
FailureT_contra = TypeVar("FailureT_contra", contravariant=True)

_LARGEST_EXPONENT = 60
"""No delay grows further than this, so that no power overflows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """The delays between attempts: exponential with a `factor`, linear with a factor of 1 and a `step_seconds`."""

    first_seconds: float
    factor: float = 2.0
    step_seconds: float = 0.0
    longest_seconds: float = inf

    def delay(self, attempts: int) -> float:
        """Return the seconds to wait after so many attempts, from 1."""
        grown = self.first_seconds * self.factor ** min(attempts - 1, _LARGEST_EXPONENT)
        return min(grown + self.step_seconds * (attempts - 1), self.longest_seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy(Generic[FailureT_contra]):
    """What is retried, how often, how long and at which pace."""

    retries: Callable[[FailureT_contra], bool]
    """True for a failure, or a result, that this policy retries."""
    backoff: Backoff
    attempts: float = inf
    """The most attempts, the first included."""
    patience_seconds: float = inf
    """The most seconds to wait for this policy's reasons, all its waits together; the last one is cut to fit."""
    jitter: float = 0.0
    """The share of each delay that chance may take away, 0 to 1."""
    waits_for: Callable[[FailureT_contra], str] = lambda failure: ""
    """What the caller waits for, for a reader."""
    trips_breaker: bool = False
    """True when exhausting this policy says that other calls would fare no better."""

    def wait(self, attempts: int, *, waited: float = 0.0, chance: Callable[[], float] = random.random) -> float | None:
        """Return the seconds to wait after so many attempts and so many seconds of waiting; None when the policy is exhausted.

        `chance` draws from 0 to 1, and is asked only where the policy has a jitter.
        """
        if attempts >= self.attempts or waited >= self.patience_seconds:
            return None
        delay = min(self.backoff.delay(attempts), self.patience_seconds - waited)
        return delay * (1 - self.jitter * chance()) if self.jitter else delay


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrying:
    """The surroundings of a retry: its clock, its chance, who learns of the waits and who may end them."""

    clock: Clock
    is_stopped: Callable[[], bool] = lambda: False
    """True when nobody wants the answer any more; the failure is final then."""
    waiting: Callable[[str], None] = lambda what: None
    """Called before a wait, once for each thing that is waited for."""
    breaker: Event = field(default_factory=Event)
    """A circuit breaker that several calls share: set when one of them exhausted a policy that trips it; then such failures of
    the others are final at once."""
    chance: Callable[[], float] = random.random


def retry(call: Callable[[], T], policies: Sequence[RetryPolicy[Exception]], retrying: Retrying) -> T:
    """Make the call until it returns; the first policy that retries its error decides on the wait.

    Raises:
        Exception: the last error, when no policy retries it or the policy is exhausted.

    """
    backing_off = _BackingOff(policies, retrying)
    while True:
        try:
            return call()
        except Exception as error:
            wait = backing_off.wait_after(error)
            if wait is None:
                raise
        retrying.clock.sleep(wait)


async def retry_async(
    call: Callable[[], Awaitable[T]],
    policies: Sequence[RetryPolicy[Exception]],
    retrying: Retrying,
    *,
    sleep: Callable[[float], Awaitable[None]],
) -> T:
    """Make the call as `retry` does, on an event loop: its `sleep` waits, not the clock's."""
    backing_off = _BackingOff(policies, retrying)
    while True:
        try:
            return await call()
        except Exception as error:
            wait = backing_off.wait_after(error)
            if wait is None:
                raise
        await sleep(wait)


class _BackingOff:
    """The attempts of one call so far; decides on each failure whether there is another one, and when."""

    def __init__(self, policies: Sequence[RetryPolicy[Exception]], retrying: Retrying) -> None:
        self._policies = policies
        self._retrying = retrying
        self._attempts = dict.fromkeys(map(id, policies), 0)
        self._waited = dict.fromkeys(map(id, policies), 0.0)
        """By policy: what one reason took says nothing of the next."""
        self._told = ""

    def wait_after(self, error: Exception) -> float | None:
        """Count a failed attempt; return the seconds to wait before the next, None when the error is final."""
        retrying = self._retrying
        policy = policy_for(error, self._policies)
        if policy is None or retrying.is_stopped() or (policy.trips_breaker and retrying.breaker.is_set()):
            return None
        key = id(policy)
        self._attempts[key] += 1
        wait = policy.wait(self._attempts[key], waited=self._waited[key], chance=retrying.chance)
        if wait is None:
            if policy.trips_breaker:
                retrying.breaker.set()
            return None
        what = policy.waits_for(error)
        if what != self._told:
            self._told = what
            retrying.waiting(what)
        self._waited[key] += wait
        return wait


def policy_for(failure: FailureT, policies: Sequence[RetryPolicy[FailureT]]) -> RetryPolicy[FailureT] | None:
    """Return the first policy that retries the failure; None when it is final."""
    return next((policy for policy in policies if policy.retries(failure)), None)


def retry_result(call: Callable[[], T], policy: RetryPolicy[T], retrying: Retrying) -> T:
    """Make the call until its result is none that the policy retries; return the last result, whatever it is, at the end."""

    def judged() -> T:
        result = call()
        if policy.retries(result):
            raise _Rejected(result)
        return result

    rejected: RetryPolicy[Exception] = RetryPolicy(
        retries=lambda error: isinstance(error, _Rejected),
        backoff=policy.backoff,
        attempts=policy.attempts,
        patience_seconds=policy.patience_seconds,
        jitter=policy.jitter,
    )
    try:
        return retry(judged, (rejected,), retrying)
    except _Rejected as last:
        result: T = last.result
        return result


class _Rejected(Exception):
    """A result that is not accepted yet."""

    def __init__(self, result: Any) -> None:
        super().__init__()
        self.result = result
