"""An apply that dies, or meets a fault, at any of its calls: one more apply converges, nothing lost, doubled or untagged."""

from __future__ import annotations

import pytest

from tests.fakes.weather import Fault
from tests.faults.amount import amount, some
from tests.faults.conftest import Figure
from tests.faults.worlds import AFTER, a_world, converges, created_twice, finished, number_of_calls, outcome

pytestmark = pytest.mark.timeout(3600)


def test_there_are_thirty_changes() -> None:
    assert len(a_world().plan(AFTER).pending) == 30


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER], ids=lambda fault: fault.name.lower())
def test_killed_at_every_call_one_more_apply_converges(figure: Figure, fault: Fault) -> None:
    calls = number_of_calls()
    points = some(range(calls), every=9)
    for point in points:
        world = a_world()
        plan = world.plan(AFTER)
        world.live(faults={point: fault})
        assert world.killed(plan)
        converges(world)
        assert not created_twice(world), point
    figure("1 kill at every call", f"{fault.value}: {len(points)} of {calls} points, each converged in one more apply")


def test_killed_again_during_the_recovery_it_still_converges(figure: Figure) -> None:
    calls = number_of_calls()
    pairs = range(amount(8, 200, 1000))
    for seed in pairs:
        world = a_world(seed)
        lot = world.random
        kills = (Fault.KILLED_BEFORE, Fault.KILLED_AFTER)
        plan = world.plan(AFTER)
        world.live(faults={lot.randrange(calls): lot.choice(kills)})
        world.killed(plan, threads=lot.choice((1, 4)))
        world.live()
        plan = world.plan(AFTER)
        world.live(faults={lot.randrange(calls): lot.choice(kills)})
        world.killed(plan)
        converges(world)
        assert not created_twice(world), seed
    figure("2 killed again while recovering", f"{len(pairs)} random pairs, each converged in one more apply")


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault.passes], ids=lambda fault: fault.name.lower())
def test_one_fault_at_any_call_is_got_over_by_the_same_apply(figure: Figure, fault: Fault) -> None:
    calls = number_of_calls()
    points = some(range(calls), every=40)
    for point in points:
        world = a_world()
        plan = world.plan(AFTER)
        world.live(faults={point: fault})
        codes, _ = outcome(world, plan)
        assert not codes, (point, world.calls[point])
        assert not world.plan(AFTER).pending
        assert not created_twice(world), point
        world.clock.sleep(3600)
        converges(world)
    figure("7 one fault at any call", f"{fault.value}: {len(points)} of {calls} points, the same apply finished")


def test_a_second_apply_writes_nothing(figure: Figure) -> None:
    world = a_world()
    assert finished(world.apply(world.plan(AFTER))).is_complete
    world.clock.sleep(3600)
    world.effects.clear()
    again = world.plan(AFTER)
    assert not again.pending
    world.apply(again)
    assert not world.effects
    figure("4 apply, then apply again", "0 writes by the second")
