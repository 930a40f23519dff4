"""An account as it is on a first day: everything takes its time, and each apply gets over it by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bunsui.apply.events import ChangeFailed, ChangeWaiting
from bunsui.model.address import Address
from bunsui.model.resource import DesiredResource
from bunsui.model.values import Reference, Value
from bunsui.plan.model import Plan
from tests.fakes.control_plane import FIRST_DAY, ControlPlane
from tests.fakes.project import a_pipeline
from tests.fakes.simulated import Simulation
from tests.fakes.weather import Fault, Weather
from tests.faults.amount import amount, some
from tests.faults.conftest import Figure
from tests.faults.test_storms import STORM
from tests.faults.worlds import AFTER, Desired, a_world, converges, created_twice, finished

LAW = "16 AWS on a first day"
DAY = Weather(iam_seconds=10, plane=FIRST_DAY)


def scheduled(name: str) -> Desired:
    """Two schedules of a machine, one with a role of its own, the other with a given one, and their group."""
    group, role = Address("schedule_group", name), Address("role", name, "schedule")
    given = "arn:aws:iam::111111111111:role/given"
    may: dict[str, Value] = {"Effect": "Allow", "Action": ["states:StartExecution"], "Resource": ["*"]}
    attributes: dict[str, Value] = {
        "group": f"sales--dev--{name}",
        "expression": "cron(0 3 * * ? *)",
        "target_arn": f"arn:aws:states:eu-west-1:111111111111:stateMachine:{name}",
    }
    policy: dict[str, Value] = {"path": "/", "policy": {"Version": "2012-10-17", "Statement": [may]}}
    return (
        DesiredResource(address=group, physical_name=f"sales--dev--{name}", attributes={"tags": {}}),
        DesiredResource(address=role, physical_name=f"sales--dev--{name}--schedule", attributes=policy),
        *(
            DesiredResource(
                address=Address("schedule", name, part),
                physical_name=f"{name}-{part}",
                attributes={**attributes, "role_arn": role_arn},
                depends_on=(group,),
            )
            for part, role_arn in (("daily", Reference(role, "arn")), ("weekly", given))
        ),
    )


WANTED: Desired = (*AFTER, *a_pipeline("bare", functions=0), *scheduled("one"), *scheduled("two"))
DELETED, MADE = "AWS to end the deletion of what had its name", "AWS to see what was made a moment ago"
STRIPPED, CHANGED, SLOWER = (
    "IAM to see that its policies are gone",
    "another change of it to end",
    "AWS, which asked to slow down",
)
BEHAVIOURS: Mapping[str, tuple[Weather, set[tuple[str, str]]]] = {
    "names of what is being deleted": (
        Weather(plane=ControlPlane(deletion=120)),
        {("state_machine", DELETED), ("schedule_group", DELETED)},
    ),
    "what was made is not seen yet": (
        Weather(plane=ControlPlane(visible=15)),
        {("role", MADE), ("role", STRIPPED), ("state_machine", MADE), ("schedule", MADE)},
    ),
    "functions are pending when an answer was lost": (
        Weather(lost=0.15, plane=ControlPlane(pending=10)),
        {("lambda_function", CHANGED)},
    ),
    "other changes are under way": (
        Weather(plane=ControlPlane(meets=0.3)),
        {(kind, CHANGED) for kind in ("log_group", "role", "lambda_function", "state_machine")},
    ),
    "transactions are throttled": (Weather(plane=ControlPlane(transactions=0.4)), {("role", SLOWER), ("schedule", SLOWER)}),
    "roles spread slowly": (
        Weather(iam_seconds=20),
        {(kind, "IAM") for kind in ("lambda_function", "state_machine", "schedule")},
    ),
    "all of it": (DAY, set()),
}
"""What AWS does, and what some change of each kind is told to wait for."""


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_an_apply_a_destroy_and_an_apply_finish_one_right_after_the_other(figure: Figure, behaviour: str) -> None:
    weather, expected = BEHAVIOURS[behaviour]
    seeds = range(amount(1, 10, 50))
    for seed in seeds:
        world = a_world(seed)
        world.weather = replace(weather)
        told: set[tuple[str, str]] = set()
        for desired in (WANTED, (), WANTED):
            events = world.apply(world.plan(desired), threads=8)
            assert finished(events).is_complete, (seed, behaviour)
            told |= {(event.address.kind, event.what) for event in events if isinstance(event, ChangeWaiting)}
        assert expected <= told, seed
        assert not created_twice(world), seed
        converges(world, WANTED)
    figure(LAW, f"{behaviour}: apply, destroy, apply, {len(seeds)} times, each finished by itself")


def test_killed_at_any_call_of_a_first_day_one_more_apply_of_that_day_converges(figure: Figure) -> None:
    world, plan = the_first_day()
    finished(world.apply(plan))
    points = some(range(len(world.calls)), every=61, merge=3)
    for point in points:
        for fault in (Fault.KILLED_BEFORE, Fault.KILLED_AFTER, Fault.LOST):
            world, plan = the_first_day()
            world.live(faults={point: fault})
            world.killed(plan)
            world.live()
            assert finished(world.apply(world.plan(WANTED))).is_complete, (point, fault)
            assert not created_twice(world), (point, fault)
            converges(world, WANTED)
    figure(LAW, f"killed, or an answer lost, at {len(points)} calls: the next apply of that day finished")


def test_a_storm_on_a_first_day_is_got_over(figure: Figure) -> None:
    slowest = 0.0
    seeds = range(amount(2, 20, 100))
    for seed in seeds:
        world = a_world(seed)
        plan = world.plan(WANTED)
        world.live()
        world.weather = replace(STORM, iam_seconds=10, plane=FIRST_DAY)
        begun = world.clock.steady()
        assert finished(world.apply(plan, threads=8)).is_complete, seed
        slowest = max(slowest, world.clock.steady() - begun)
        assert not created_twice(world), seed
        converges(world, WANTED)
    figure(LAW, f"in a storm: {len(seeds)} applies finished, the slowest in {slowest:.0f} s")


@pytest.mark.parametrize("kind", ["role", "lambda_function", "state_machine", "schedule_group"])
def test_a_quota_that_is_used_up_fails_what_needs_it_and_nothing_waits_for_it(kind: str) -> None:
    world = a_world()
    plan = world.plan(WANTED)
    world.live()
    world.weather = Weather(plane=ControlPlane(full=kind))
    begun = world.clock.steady()
    failed = [event for event in world.apply(plan, threads=8) if isinstance(event, ChangeFailed)]
    assert {(event.code, event.address.kind) for event in failed} == {("quota-exceeded", kind)}
    assert world.clock.steady() - begun < 5
    converges(world, WANTED)


def the_first_day() -> tuple[Simulation, Plan]:
    world = a_world()
    world.weather = replace(DAY)
    plan = world.plan(WANTED)
    world.live()
    return world, plan
