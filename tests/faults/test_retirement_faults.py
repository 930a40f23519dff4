"""A retirement, and its end two weeks later, killed at any of their calls: nothing goes too early, nothing stays behind."""

from __future__ import annotations

import pytest

from bunsui.model.address import Address
from bunsui.plan.model import Action
from tests.fakes.simulated import Simulation
from tests.fakes.weather import Fault
from tests.faults.amount import some
from tests.faults.conftest import Figure
from tests.faults.worlds import AFTER, a_world, created_twice, finished

pytestmark = pytest.mark.timeout(3600)

MACHINE = Address("state_machine", "removed")
FORTNIGHT = 14 * 86_400 + 3600


def a_retiring_world() -> Simulation:
    """A world in which a removed pipeline is retired first."""
    world = a_world()
    world.at_once = False
    return world


def an_old_world() -> Simulation:
    """A world in which it was retired two weeks ago."""
    world = a_retiring_world()
    assert finished(world.apply(world.plan(AFTER))).is_complete
    world.clock.jump(FORTNIGHT)
    world.live()
    world.effects.clear()
    return world


def left_of_removed(world: Simulation) -> set[str]:
    return {kind for (kind, _), item in world.memory.objects.items() if item.address.pipeline == "removed"}


def calls_of(world: Simulation) -> int:
    plan = world.plan(AFTER)
    world.live()
    assert finished(world.apply(plan)).is_complete
    return len(world.calls)


def recovers(world: Simulation) -> None:
    """One more apply finishes what was begun."""
    world.live()
    world.clock.sleep(3600)
    plan = world.plan(AFTER)
    if plan.pending:
        assert finished(world.apply(plan)).is_complete
    world.clock.sleep(3600)
    assert not world.plan(AFTER).pending
    assert not created_twice(world)


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER], ids=lambda fault: fault.name.lower())
def test_killed_at_every_call_of_a_retirement_nothing_that_sessions_need_goes(figure: Figure, fault: Fault) -> None:
    calls = calls_of(a_retiring_world())
    points = some(range(calls), every=83)
    for point in points:
        world = a_retiring_world()
        plan = world.plan(AFTER)
        world.live(faults={point: fault})
        assert world.killed(plan)
        recovers(world)
        assert left_of_removed(world) == {"state_machine", "lambda_function", "role", "log_group"}, point
        assert world.state.applied()[MACHINE].retired_at is not None
        assert world.memory.objects["state_machine", "sales--dev--removed"].attributes["alias"] == ""
    figure("1 kill at every call", f"retirement, {fault.value}: {len(points)} of {calls} points, nothing went that is needed")


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER], ids=lambda fault: fault.name.lower())
def test_killed_at_every_call_of_its_end_nothing_stays_behind(figure: Figure, fault: Fault) -> None:
    calls = calls_of(an_old_world())
    points = some(range(calls), every=37)
    for point in points:
        world = an_old_world()
        plan = world.plan(AFTER)
        assert {change.action for change in plan.pending} == {Action.DELETE}
        world.live(faults={point: fault})
        assert world.killed(plan)
        recovers(world)
        assert not left_of_removed(world), point
        assert not [address for address in world.state.applied() if address.pipeline == "removed"]
    figure("1 kill at every call", f"end of a retirement, {fault.value}: {len(points)} of {calls} points, nothing was left")
