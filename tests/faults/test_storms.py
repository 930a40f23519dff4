"""Half of the calls throttled, a tenth failing inside, a twentieth never answered: the apply finishes and doubles nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bunsui.apply.events import ChangeFailed
from tests.fakes.weather import Weather
from tests.faults.amount import amount
from tests.faults.conftest import Figure
from tests.faults.worlds import AFTER, a_world, converges, created_twice, finished, number_of_calls

LAW = "7 50 % throttled, 10 % failing, 5 % unanswered"
STORM = Weather(throttled=0.5, failed=0.1, lost=0.05)


def test_an_apply_in_a_storm_finishes_within_two_minutes_and_doubles_nothing(figure: Figure) -> None:
    slowest, most = 0.0, 0.0
    seeds = range(amount(4, 60, 200))
    for seed in seeds:
        world = a_world(seed)
        plan = world.plan(AFTER)
        world.live()
        world.weather = replace(STORM)
        begun = world.clock.steady()
        assert finished(world.apply(plan, threads=8)).is_complete, seed
        slowest = max(slowest, world.clock.steady() - begun)
        most = max(most, len(world.calls) / number_of_calls())
        assert not created_twice(world), seed
        converges(world)
    assert slowest <= 120
    assert most <= 4
    figure(LAW, f"{len(seeds)} applies finished, the slowest in {slowest:.0f} s, at most {most:.1f} times the calls, 0 doubled")


def test_calls_that_hang_are_given_up_and_made_again(figure: Figure) -> None:
    slowest = 0.0
    seeds = range(amount(2, 20, 50))
    for seed in seeds:
        world = a_world(seed)
        plan = world.plan(AFTER)
        world.live()
        world.weather = Weather(hangs=0.1)
        begun = world.clock.steady()
        finished(world.apply(plan, threads=8))
        slowest = max(slowest, world.clock.steady() - begun)
        assert not created_twice(world), seed
        world.clock.sleep(600)
        converges(world)
    figure("7 a tenth of the calls hang", f"{len(seeds)} applies converged, the slowest took {slowest:.0f} s")


@pytest.mark.parametrize("per_second", [1, 5])
def test_a_bucket_that_empties_slows_the_apply_and_stops_nothing(figure: Figure, per_second: float) -> None:
    world = a_world()
    plan = world.plan(AFTER)
    world.live()
    world.weather = Weather(bucket=2, refill=per_second)
    begun = world.clock.steady()
    assert finished(world.apply(plan, threads=8)).is_complete
    took = world.clock.steady() - begun
    converges(world)
    figure("7 token buckets", f"{per_second} calls a second of each operation: finished in {took:.0f} s")


def test_an_aws_that_only_throttles_ends_the_apply_within_five_minutes_with_the_state_intact(figure: Figure) -> None:
    world = a_world()
    plan = world.plan(AFTER)
    known = world.state.applied()
    world.live()
    original = world.call

    def throttling(operation: str, name: str, work: object, *, effect: bool = False) -> object:
        world.weather = Weather(throttled=1.0 if effect else 0.0)
        return original(operation, name, work, effect=effect)  # type: ignore[arg-type]

    world.call = throttling  # type: ignore[method-assign,assignment]
    begun = world.clock.steady()
    events = world.apply(plan, threads=8)
    took = world.clock.steady() - begun
    del world.call
    assert {event.code for event in events if isinstance(event, ChangeFailed)} == {"throttled"}
    assert not world.effects
    assert world.state.applied() == known
    assert took <= 300
    converges(world)
    figure("7 every write throttled", f"gave up after {took:.0f} s, the state as it was, converged afterwards")
