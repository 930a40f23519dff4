"""Roles that spread slowly and reads that lag: waited for, for a bounded time, and never mistaken for something else."""

from __future__ import annotations

import pytest

from bunsui.apply.events import ChangeFailed, ChangeWaiting
from bunsui.plan.model import Action, Plan
from tests.fakes.weather import Weather
from tests.faults.conftest import Figure
from tests.faults.worlds import AFTER, a_world, converges, finished


@pytest.mark.parametrize("seconds", [0, 10, 60, 119])
def test_a_role_that_spreads_slowly_is_waited_for(figure: Figure, seconds: int) -> None:
    world = a_world()
    world.weather = Weather(iam_seconds=seconds)
    events = world.apply(world.plan(AFTER), threads=8)
    assert finished(events).is_complete
    assert any(isinstance(event, ChangeWaiting) for event in events) is (seconds > 0)
    converges(world)
    figure("9 IAM that spreads slowly", f"{seconds} s: the apply waited and finished")


@pytest.mark.parametrize("seconds", [125, 100_000])
def test_a_role_that_does_not_spread_in_two_minutes_fails_with_its_cause(figure: Figure, seconds: int) -> None:
    world = a_world()
    world.weather = Weather(iam_seconds=seconds)
    plan = world.plan(AFTER)
    begun = world.clock.steady()
    events = world.apply(plan, threads=30)
    took = world.clock.steady() - begun
    assert {event.code for event in events if isinstance(event, ChangeFailed)} == {"iam-not-propagated"}
    assert took <= 150  # two minutes from each function's first refusal, of which some come later
    world.clock.sleep(200_000)
    converges(world)
    figure("9 IAM that spreads slowly", f"{seconds} s: failed with its cause after {took:.0f} s, converged later")


@pytest.mark.parametrize("lag", [Weather(lag_seconds=lag) for lag in (0, 1, 5, 12, 25)], ids=lambda lag: lag.lag_seconds)
def test_reads_that_lag_by_time_are_waited_for(figure: Figure, lag: Weather) -> None:
    never_creates_what_exists(figure, lag, f"reads and lists {lag.lag_seconds:.0f} s old")


@pytest.mark.parametrize("reads", range(11))
def test_reads_that_lag_by_their_number_are_waited_for(figure: Figure, reads: int) -> None:
    never_creates_what_exists(figure, Weather(lag_reads=reads), f"the first {reads} reads old")


@pytest.mark.parametrize("seconds", [10, 40, 600])
def test_lists_that_lag_longer_than_reads_change_nothing(figure: Figure, seconds: int) -> None:
    assert not never_creates_what_exists(figure, Weather(list_lag_seconds=seconds), f"lists alone {seconds} s old").pending


def never_creates_what_exists(figure: Figure, lag: Weather, told: str) -> Plan:
    world = a_world()
    world.weather = lag
    assert finished(world.apply(world.plan(AFTER))).is_complete
    begun = world.clock.steady()
    again = world.plan(AFTER)
    took = world.clock.steady() - begun
    # What was removed may still be read as it was; that it is removed again does no harm. Nothing else is proposed.
    assert {change.action for change in again.pending} <= {Action.DELETE}
    assert {change.address.pipeline for change in again.pending} <= {"removed"}
    assert took <= 31
    converges(world)
    figure("18 reads that lag", f"{told}: nothing created or changed again, after {took:.1f} s")
    return again
