"""The thirty changes that most faults are tried on, and what must hold when everything is over."""

from __future__ import annotations

from collections import Counter
from functools import cache

from bunsui.apply.events import ApplyEvent, ApplyFinished, ChangeFailed
from bunsui.errors import BunsuiError
from bunsui.model.resource import DesiredResource
from bunsui.plan.model import Plan
from bunsui.testkit.ledger import MemoryLedger
from tests.fakes.project import a_pipeline
from tests.fakes.simulated import Simulation
from tests.fakes.weather import Weather

Desired = tuple[DesiredResource, ...]

BEFORE: Desired = (
    *a_pipeline("kept"),
    *a_pipeline("updated", functions=3),
    *a_pipeline("removed", functions=3),
)
AFTER: Desired = (
    *a_pipeline("kept"),
    *a_pipeline("updated", functions=3, memory=512),
    *a_pipeline("one", functions=4),
    *a_pipeline("two", functions=4),
    *a_pipeline("three", functions=3),
)
"""Thirty changes: creates, updates and deletes of machines, functions, roles and log groups, in chains and side by side."""


def a_world(seed: int = 0) -> Simulation:
    """A world in which BEFORE was applied an hour ago."""
    world = Simulation(seed=seed)
    world.apply(world.plan(BEFORE))
    world.clock.sleep(3600)
    world.live()
    world.effects.clear()
    return world


@cache
def number_of_calls() -> int:
    """How many calls an apply of the thirty changes makes in fair weather."""
    world = a_world()
    plan = world.plan(AFTER)
    world.live()
    assert finished(world.apply(plan)).is_complete
    return len(world.calls)


def finished(events: list[ApplyEvent]) -> ApplyFinished:
    last = events[-1]
    assert isinstance(last, ApplyFinished)
    return last


def outcome(world: Simulation, plan: Plan, *, threads: int = 1) -> tuple[set[str], str]:
    """The codes of what went wrong in an apply, and the last hint."""
    try:
        failed = [event for event in world.apply(plan, threads=threads) if isinstance(event, ChangeFailed)]
    except BunsuiError as error:
        return {error.code}, error.hint
    return {event.code for event in failed}, failed[-1].hint if failed else ""


def created_twice(world: Simulation) -> list[str]:
    """Names that were created more than once without having been deleted between."""
    created = Counter(name for verb, name in world.effects if verb == "Create")
    deleted = Counter(name for verb, name in world.effects if verb == "Delete")
    return [name for name, times in created.items() if times > 1 + deleted[name]]


def valid(world: Simulation, desired: Desired) -> None:
    """Everything that is wanted is there, once, tagged, known to the state; nothing else is, and nothing is under way."""
    assert not world.plan(desired).pending
    names = {(item.address.kind, item.physical_name) for item in desired}
    assert set(world.memory.objects) == names
    assert set(world.state.applied()) == {item.address for item in desired}
    assert not world.untagged()
    assert not MemoryLedger(world.state).pending()
    record = MemoryLedger(world.state).read()
    assert record is None or not record.held


def converges(world: Simulation, desired: Desired = AFTER) -> None:
    """One more apply finishes the work, with nothing to be put right by hand."""
    world.live()
    world.weather = Weather()
    world.stale.clear()
    if (plan := world.plan(desired)).pending:
        assert finished(world.apply(plan)).is_complete
    else:
        world.clock.sleep(120)  # a lock that was left has run out
        world.apply(plan)
    world.clock.sleep(300)
    valid(world, desired)
