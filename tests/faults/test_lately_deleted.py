"""What was made or deleted a moment ago is read as it was before, and is made again or removed all the same."""

from __future__ import annotations

import pytest

from bunsui.apply.events import ChangeFailed
from bunsui.model.resource import DesiredResource
from bunsui.plan.model import Action
from bunsui.testkit.ledger import MemoryLedger
from tests.contracts.specimens import KINDS, Specimen, specimen
from tests.fakes.project import SCOPE
from tests.fakes.simulated import Simulation
from tests.fakes.weather import Fault, Weather
from tests.faults.conftest import Figure
from tests.faults.worlds import AFTER, Desired, finished

LAGS = [
    Weather(lag_seconds=2),
    Weather(lag_seconds=20, list_lag_seconds=25),
    Weather(list_lag_seconds=300),
    Weather(lag_reads=6),
]
late = pytest.mark.parametrize("lag", LAGS, ids=["2-s", "20-s", "lists", "reads"])


def of_kind(kind: str) -> Desired:
    """A resource of the kind, with what it needs."""
    found: dict[object, DesiredResource] = {}

    def take(one: Specimen) -> None:
        for need in one.needs:
            take(need)
        found.setdefault(one.desired.address, one.desired)

    take(specimen(kind, SCOPE))
    return tuple(found.values())


def apply_whole(world: Simulation, desired: Desired) -> None:
    events = world.apply(world.plan(desired))
    assert not [event for event in events if isinstance(event, ChangeFailed)]
    assert finished(events).is_complete


def is_as_wanted(world: Simulation, desired: Desired) -> None:
    assert set(world.memory.objects) == {(item.address.kind, item.physical_name) for item in desired}
    assert set(world.state.applied()) == {item.address for item in desired}
    assert not MemoryLedger(world.state).pending()


@late
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_just_deleted_is_made_again(kind: str, lag: Weather) -> None:
    world, desired = Simulation(weather=lag), of_kind(kind)
    for wanted in (desired, (), desired, ()):
        apply_whole(world, wanted)
        is_as_wanted(world, wanted)


def test_what_was_just_deleted_is_made_again_with_all_that_refers_to_it(figure: Figure) -> None:
    for lag in LAGS:
        world = Simulation(weather=lag)
        for wanted in (AFTER, (), AFTER):
            apply_whole(world, wanted)
            is_as_wanted(world, wanted)
    figure("18 reads that lag", f"{len(AFTER)} resources made, deleted and made again at once, under {len(LAGS)} lags")


@pytest.mark.parametrize("lag", LAGS[:3], ids=["2-s", "20-s", "lists"])
def test_what_a_killed_apply_was_deleting_is_made_again(figure: Figure, lag: Weather) -> None:
    desired = of_kind("state_machine")
    calls = Simulation()
    apply_whole(calls, desired)
    plan = calls.plan(())
    calls.live()
    calls.apply(plan)
    for number in range(0, len(calls.calls), 2):
        world = Simulation(weather=lag)
        apply_whole(world, desired)
        world.clock.sleep(400)
        plan = world.plan(())
        world.live(faults={number: Fault.KILLED_AFTER})
        assert world.killed(plan)
        world.live()
        apply_whole(world, desired)
        is_as_wanted(world, desired)
    figure("18 reads that lag", f"a deletion killed after each second of its {len(calls.calls)} calls: made again in one apply")


def test_what_is_ours_and_was_deleted_by_nobody_is_adopted_at_once() -> None:
    world, desired = Simulation(), of_kind("role")
    apply_whole(world, desired)
    for item in desired:
        world.state.forget(item.address)
    begun = world.clock.now()
    assert {change.action for change in world.plan(desired).pending} == {Action.ADOPT}
    assert world.clock.now() == begun
