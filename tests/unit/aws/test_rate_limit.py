"""Calls go out as fast as the limit allows, and slower after a refusal."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bunsui.aws.rate_limit import READ_LIMITS, SLOWDOWN, SLOWEST_PER_SECOND, Pacer, RateLimit

KEY = ("sfn", "DescribeStateMachine")


@dataclass
class Time:
    """A clock that moves only when somebody sleeps."""

    now: float = 0.0

    def clock(self) -> float:
        """The instant."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Move."""
        self.now += seconds


def pacer(time: Time, *, per_second: float = 10, burst: int = 3) -> Pacer:
    """A pacer with one limit."""
    return Pacer({KEY: RateLimit(per_second=per_second, burst=burst)}, clock=time.clock, sleep=time.sleep)


def moments(time: Time, paced: Pacer, count: int) -> list[float]:
    """When so many calls go out, one after the other."""
    found = []
    for _ in range(count):
        paced.wait_for_turn(*KEY)
        found.append(time.now)
    return found


def test_a_burst_goes_out_at_once_and_the_rest_at_the_pace() -> None:
    time = Time()
    assert moments(time, pacer(time), 6) == pytest.approx([0, 0, 0, 0.1, 0.2, 0.3], rel=0.05)


def test_a_pause_fills_the_bucket_and_no_more_than_that() -> None:
    time = Time()
    paced = pacer(time)
    for _ in range(3):
        paced.wait_for_turn(*KEY)
    time.sleep(100)
    start = time.now
    for _ in range(4):
        paced.wait_for_turn(*KEY)
    assert time.now - start == pytest.approx(0.1, rel=0.05)


def test_what_has_no_limit_never_waits_until_it_is_throttled() -> None:
    time = Time()
    paced = pacer(time)
    for _ in range(1000):
        paced.wait_for_turn("iam", "GetRole")
    assert time.now == 0
    paced.slow_down("iam", "GetRole")
    paced.wait_for_turn("iam", "GetRole")
    assert time.now > 0


def test_a_refusal_within_the_burst_ends_the_burst() -> None:
    time = Time()
    paced = pacer(time)
    paced.slow_down(*KEY)
    assert moments(time, paced, 3) == pytest.approx([0.1, 0.2, 0.3], rel=0.05)


def test_a_refusal_at_the_pace_lowers_it_down_to_the_slowest() -> None:
    time = Time()
    paced = pacer(time)
    moments(time, paced, 4)
    paced.slow_down(*KEY)
    start = time.now
    assert moments(time, paced, 1)[0] - start == pytest.approx(0.1 / SLOWDOWN, rel=0.05)
    for _ in range(30):
        time.sleep(2)
        moments(time, paced, 20)  # the burst is gone each time
        paced.slow_down(*KEY)
    start = time.now
    assert moments(time, paced, 1)[0] - start == pytest.approx(1 / SLOWEST_PER_SECOND, rel=0.05)


def test_refusals_of_calls_under_way_together_count_once() -> None:
    time = Time()
    paced = pacer(time)
    moments(time, paced, 4)
    for _ in range(10):
        paced.slow_down(*KEY)
    start = time.now
    assert moments(time, paced, 1)[0] - start == pytest.approx(0.1 / SLOWDOWN, rel=0.05)


def test_the_pace_rises_until_the_first_refusal_and_is_the_documented_one_from_then_on() -> None:
    time = Time()
    paced = pacer(time)
    for _ in range(20):
        paced.wait_for_turn(*KEY)
        paced.speed_up(*KEY)
    start = time.now
    assert moments(time, paced, 10)[-1] - start < 0.1  # a raised quota is found
    paced.slow_down(*KEY)
    for _ in range(20):
        paced.wait_for_turn(*KEY)
        paced.speed_up(*KEY)
    start = time.now
    assert moments(time, paced, 10)[-1] - start == pytest.approx(1, rel=0.05)


def test_an_account_with_the_documented_limit_refuses_next_to_nothing() -> None:
    time = Time()
    paced = pacer(time)
    tokens, seen_at, refused, answered = 3.0, 0.0, 0, 0
    while answered < 300:
        paced.wait_for_turn(*KEY)
        tokens, seen_at = min(3.0, tokens + (time.now - seen_at) * 10), time.now
        if tokens < 1:
            refused += 1
            paced.slow_down(*KEY)
        else:
            tokens -= 1
            answered += 1
            paced.speed_up(*KEY)
    assert time.now < 1.1 * (300 - 3) / 10
    assert refused <= 3


def test_no_write_is_held_back() -> None:
    assert all(operation.startswith(("Describe", "List", "Get", "Lookup", "*")) for _, operation in READ_LIMITS)


@pytest.mark.parametrize(("can_be_raised", "rises"), [(True, True), (False, False)])
def test_a_pace_rises_with_answers_only_where_aws_may_have_raised_the_quota(can_be_raised: bool, rises: bool) -> None:
    time = Time()
    limit = RateLimit(per_second=2, burst=2, can_be_raised=can_be_raised)
    paced = Pacer({KEY: limit}, clock=time.clock, sleep=time.sleep)
    for _ in range(20):
        paced.wait_for_turn(*KEY)
        paced.speed_up(*KEY)

    assert (time.now < 8) is rises


def test_what_shares_a_bucket_waits_for_each_other_and_what_has_one_apart_does_not() -> None:
    time = Time()
    limits = {("lambda", "*"): RateLimit(per_second=2, burst=2), ("lambda", "GetFunction"): RateLimit(per_second=50, burst=2)}
    paced = Pacer(limits, clock=time.clock, sleep=time.sleep)
    for operation in ("ListFunctions", "ListTags", "GetFunction", "GetFunction"):
        paced.wait_for_turn("lambda", operation)
    assert time.now == 0
    paced.wait_for_turn("lambda", "ListAliases")
    assert time.now == pytest.approx(0.5, rel=0.1)
    paced.wait_for_turn("s3", "ListBuckets")
    assert time.now == pytest.approx(0.5, rel=0.1)
