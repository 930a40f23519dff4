"""Calls go out as fast as the limit allows, and slower after a refusal."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from bunsui.aws.pace import READ_LIMITS, SLOWEST_PER_SECOND, Limit, Pacer

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
    return Pacer({KEY: Limit(per_second=per_second, burst=burst)}, clock=time.clock, sleep=time.sleep)


def test_a_burst_goes_out_at_once_and_the_rest_at_the_pace() -> None:
    time = Time()
    paced = pacer(time)
    moments = []
    for _ in range(6):
        paced.wait_for_turn(*KEY)
        moments.append(time.now)
    assert moments == pytest.approx([0, 0, 0, 0.1, 0.2, 0.3])


def test_a_pause_fills_the_bucket_and_no_more_than_that() -> None:
    time = Time()
    paced = pacer(time)
    for _ in range(3):
        paced.wait_for_turn(*KEY)
    time.sleep(100)
    start = time.now
    for _ in range(4):
        paced.wait_for_turn(*KEY)
    assert time.now - start == pytest.approx(0.1)


def test_what_has_no_limit_never_waits_until_it_is_throttled() -> None:
    time = Time()
    paced = pacer(time)
    for _ in range(1000):
        paced.wait_for_turn("iam", "GetRole")
    assert time.now == 0
    paced.slow_down("iam", "GetRole")
    paced.wait_for_turn("iam", "GetRole")
    assert time.now > 0


def test_a_throttled_operation_goes_on_at_half_the_pace_down_to_the_slowest() -> None:
    time = Time()
    paced = pacer(time)
    paced.slow_down(*KEY)
    paced.wait_for_turn(*KEY)
    assert time.now == pytest.approx(0.2)
    for _ in range(20):
        paced.slow_down(*KEY)
    start = time.now
    paced.wait_for_turn(*KEY)
    assert time.now - start == pytest.approx(1 / SLOWEST_PER_SECOND)


def test_no_write_is_held_back() -> None:
    assert all(operation.startswith(("Describe", "List", "Get")) for _, operation in READ_LIMITS)
