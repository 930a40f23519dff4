"""One loop retries, and a policy says what, how often, how long and at which pace."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.retry import Backoff, Retrying, RetryPolicy, retry, retry_result
from bunsui.testkit.clock import ManualClock

ONCE: RetryPolicy[Exception] = RetryPolicy(
    retries=lambda error: isinstance(error, OSError), backoff=Backoff(first_seconds=1.0), attempts=4, patience_seconds=5.0
)


class Failing:
    """A call that fails with one error as often as it is made."""

    def __init__(self, error: Exception) -> None:
        self.error, self.calls = error, 0

    def __call__(self) -> None:
        self.calls += 1
        raise self.error


def outcome(policy: RetryPolicy[Exception], error: Exception, **more: object) -> tuple[int, list[str], float]:
    """How often the call was made, what was said of the waits, and how long they took."""
    said: list[str] = []
    clock = ManualClock()
    call, begun = Failing(error), clock.now()
    with pytest.raises(type(error)):
        retry(call, (policy,), replace(Retrying(clock=clock, waiting=said.append), **more))  # type: ignore[arg-type]
    return call.calls, said, (clock.now() - begun).total_seconds()


def test_an_error_that_no_policy_retries_is_final() -> None:
    assert outcome(ONCE, ValueError()) == (1, [], 0.0)


def test_attempts_end_a_policy_and_the_last_wait_is_cut_to_its_patience() -> None:
    assert outcome(ONCE, OSError()) == (4, [], 1 + 2 + 2)
    assert outcome(replace(ONCE, attempts=2), OSError()) == (2, [], 1)


def test_what_one_reason_took_is_not_taken_from_the_patience_of_the_next() -> None:
    other: RetryPolicy[Exception] = replace(ONCE, retries=lambda error: isinstance(error, ValueError))
    failures = iter([OSError(), OSError(), OSError(), ValueError(), ValueError()])
    clock = ManualClock()
    begun = clock.now()

    def call() -> str:
        for failure in failures:
            raise failure
        return "done"

    assert retry(call, (ONCE, other), Retrying(clock=clock)) == "done"
    assert (clock.now() - begun).total_seconds() == (1 + 2 + 2) + (1 + 2)


def test_what_is_waited_for_is_said_once() -> None:
    assert outcome(replace(ONCE, waits_for=lambda error: "rain"), OSError())[1] == ["rain"]


def test_an_exhausted_policy_that_trips_the_breaker_makes_the_next_failure_final() -> None:
    retrying = Retrying(clock=ManualClock())
    tripping = replace(ONCE, trips_breaker=True)
    first, second, other = (Failing(FileNotFoundError()) for _ in range(3))
    for call, policy in ((first, tripping), (second, tripping), (other, ONCE)):
        with pytest.raises(FileNotFoundError):
            retry(call, (policy,), retrying)
    assert (first.calls, second.calls, other.calls) == (4, 1, 4)


def test_nothing_is_retried_for_who_wants_it_no_more() -> None:
    assert outcome(ONCE, OSError(), is_stopped=lambda: True) == (1, [], 0.0)


def test_the_last_result_is_returned_whatever_it_is() -> None:
    results = iter(range(9))
    until_two: RetryPolicy[int] = RetryPolicy(retries=lambda found: found < 2, backoff=Backoff(first_seconds=1.0), attempts=5)
    assert retry_result(lambda: next(results), until_two, Retrying(clock=ManualClock())) == 2
    assert retry_result(lambda: -1, until_two, Retrying(clock=ManualClock())) == -1


@given(
    first=st.floats(0.01, 5),
    factor=st.floats(1, 3),
    step=st.floats(0, 2),
    longest=st.floats(5, 50),
    patience=st.floats(1, 500),
    jitter=st.floats(0, 1),
    chance=st.floats(0, 1),
)
def test_waits_keep_within_patience_backoff_and_jitter(
    first: float, factor: float, step: float, longest: float, patience: float, jitter: float, chance: float
) -> None:
    backoff = Backoff(first_seconds=first, factor=factor, step_seconds=step, longest_seconds=longest)
    plain: RetryPolicy[object] = RetryPolicy(retries=bool, backoff=backoff, patience_seconds=patience)
    waited, attempts, before = 0.0, 1, 0.0
    while attempts < 50 and (wait := plain.wait(attempts, waited=waited)) is not None:
        jittered = replace(plain, jitter=jitter).wait(attempts, waited=waited, chance=lambda: chance)
        assert jittered is not None
        assert wait * (1 - jitter) <= jittered * (1 + 1e-9) <= wait * (1 + 2e-9)
        assert wait <= longest
        assert wait >= before or waited + wait >= patience  # only the last wait is shorter than the one before
        waited, attempts, before = waited + wait, attempts + 1, wait
    assert waited <= patience * (1 + 1e-9)
