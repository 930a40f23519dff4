"""How long each failure of a call is waited out, at which pace, and what is told meanwhile."""

from __future__ import annotations

from threading import Event

import pytest

from bunsui.apply.iam_propagation import IAM_PROPAGATION
from bunsui.apply.retry import CALL_POLICIES, WRITE_POLICIES
from bunsui.errors import BunsuiError, CloudError, Missing, Passing, Throttled, Unavailable
from bunsui.retry import Retrying, RetryPolicy, retry
from bunsui.testkit.clock import ManualClock

SLOW = Throttled("throttled", "slow down")
SOON = CloudError("busy", "busy", passes=Passing.SOON, waits_for="the table")
LATER = CloudError("deleting", "deleting", passes=Passing.LATER, waits_for="the old group")
IAM = CloudError("iam-not-propagated", "no such role")
GONE = Missing("missing", "no such thing")
ANSWER, PATIENCE = "an answer of AWS", 180.0

CALLS = [
    (SLOW, PATIENCE, "AWS, which asked to slow down"),
    (Unavailable("aws-internal", "x"), PATIENCE, ANSWER),
    (Unavailable("endpoint-unreachable", "x"), PATIENCE, ANSWER),
    (CloudError("foreign-answer", "x"), PATIENCE, ANSWER),
    (SOON, 40.0, "the table"),
    (LATER, 300.0, "the old group"),
]
AT_ONCE: list[Exception] = [
    Unavailable("other", "x"),
    CloudError("denied", "x"),
    IAM,
    ValueError("aws-internal"),
    KeyError("x"),
]


class Noting(ManualClock):
    def __init__(self) -> None:
        super().__init__()
        self.sleeps: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        super().sleep(seconds)


def tried(policies: tuple[RetryPolicy[Exception], ...], error: Exception) -> tuple[list[float], list[str], bool]:
    """Return the waits after calls that all fail so, what was told of them, and whether others need not try."""
    clock, told, breaker = Noting(), list[str](), Event()

    def call() -> None:
        raise error

    with pytest.raises(type(error)):
        retry(call, policies, Retrying(clock=clock, waiting=told.append, breaker=breaker))
    return clock.sleeps, told, breaker.is_set()


@pytest.mark.parametrize(("error", "seconds", "words"), CALLS)
def test_what_passes_is_waited_out_as_long_as_it_may_take(error: Exception, seconds: float, words: str) -> None:
    for policies in (CALL_POLICIES, WRITE_POLICIES):
        waits, told, stops_others = tried(policies, error)
        assert (sum(waits), told) == (seconds, [words])
        assert stops_others is (seconds == PATIENCE)
        assert waits[:5] == ([0.5, 1.0, 2.0, 4.0, 5.0] if error is LATER else [0.5, 1.0, 1.5, 1.5, 1.5])
        assert set(waits[5:-1]) == {5.0 if error is LATER else 1.5}


@pytest.mark.parametrize("error", AT_ONCE)
def test_what_does_not_pass_is_final_at_once(error: Exception) -> None:
    for policies in (CALL_POLICIES, WRITE_POLICIES):
        assert tried(policies, error) == ([], [], False)


def test_what_a_write_misses_may_have_been_made_a_moment_ago() -> None:
    assert tried(CALL_POLICIES, GONE) == ([], [], False)
    waits, told, stops_others = tried(WRITE_POLICIES, GONE)
    assert (sum(waits), told, stops_others) == (40.0, ["AWS to see what was made a moment ago"], False)
    assert waits[:4] == [0.5, 1.0, 1.5, 1.5]


def test_a_role_that_iam_does_not_know_yet_is_waited_for() -> None:
    waits, told, stops_others = tried((IAM_PROPAGATION,), IAM)
    assert (sum(waits), told, stops_others) == (120.0, ["IAM"], False)
    assert waits[:5] == [1.0, 2.0, 4.0, 8.0, 8.0]
    for error in (SOON, GONE, BunsuiError("iam-not-propagated", "x")):
        assert tried((IAM_PROPAGATION,), error) == ([], [], False)
