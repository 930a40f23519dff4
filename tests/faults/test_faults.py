"""Applies in bad weather: killed at every call, throttled, unanswered, frozen, refused; one more apply always converges.

`make faults` runs everything; the normal suite runs a sample.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bunsui.apply.events import ApplyFinished, ChangeDone, ChangeFailed, ChangeSkipped, ChangeWaiting
from bunsui.errors import BunsuiError, Locked
from bunsui.local.memory.ledger import MemoryLedger
from bunsui.model.resource import DesiredResource
from bunsui.plan.model import Action, Plan, Reason
from bunsui.ports.ledger import ApplyRecord, Fence, Ledger
from bunsui.services.apply import apply_plan
from bunsui.services.locking import Patience
from bunsui.services.unlock import unlock
from tests.fakes.project import a_pipeline
from tests.fakes.simulated import BeatingClock, SimulatedLedger, Simulation, Weather

ALL = bool(os.environ.get("BUNSUI_FAULTS"))

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
"""30 changes: creates, updates and deletes, in chains and side by side."""


def a_world(seed: int = 0) -> Simulation:
    """A world in which BEFORE was applied an hour ago."""
    world = Simulation(seed=seed)
    world.apply(world.plan(BEFORE))
    world.clock.sleep(3600)
    world.live()
    world.effects.clear()
    return world


def finished(events: object) -> ApplyFinished:
    assert isinstance(events, list)
    last = events[-1]
    assert isinstance(last, ApplyFinished)
    return last


def converges(world: Simulation, desired: Desired = AFTER) -> None:
    """One more apply finishes the work: everything is there, in the state, tagged, once, and nothing is left over."""
    world.live()
    world.weather = Weather()
    if (plan := world.plan(desired)).pending:
        assert finished(world.apply(plan)).is_complete
    world.clock.sleep(300)
    assert not world.plan(desired).pending
    names = {(item.address.kind, item.physical_name) for item in desired}
    assert set(world.memory.objects) == names
    assert set(world.state.applied()) == {item.address for item in desired}
    assert not world.untagged()
    assert not MemoryLedger(world.state).pending()


def test_there_are_thirty_changes() -> None:
    assert len(a_world().plan(AFTER).pending) >= 25


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_every_call_one_more_apply_converges(after: bool) -> None:
    calls = number_of_calls()
    points = range(calls) if ALL else range(0, calls, 9)
    for point in points:
        world = a_world()
        plan = world.plan(AFTER)
        world.live(dies_at=point, dies_after=after)
        assert world.killed(plan) or after
        converges(world)
        doubled = [effect for effect, times in Counter(world.effects).items() if times > 1]
        assert not doubled, (point, after)


def number_of_calls() -> int:
    world = a_world()
    plan = world.plan(AFTER)
    world.live()
    assert finished(world.apply(plan)).is_complete
    return len(world.calls)


def test_killed_again_during_the_recovery_it_still_converges() -> None:
    calls = number_of_calls()
    for seed in range(1000 if ALL else 25):
        world = a_world(seed)
        plan = world.plan(AFTER)
        world.live(dies_at=world.random.randrange(calls), dies_after=world.random.random() < 0.5)
        world.killed(plan, threads=world.random.choice((1, 4)))
        world.live()
        plan = world.plan(AFTER)
        world.live(dies_at=world.random.randrange(calls), dies_after=world.random.random() < 0.5)
        world.killed(plan)
        converges(world)


def test_a_second_apply_writes_nothing() -> None:
    world = a_world()
    world.apply(world.plan(AFTER))
    world.effects.clear()
    world.apply(world.plan(AFTER))
    assert not world.effects


@pytest.mark.parametrize("seed", range(40 if ALL else 4))
def test_throttled_failing_and_unanswered_the_apply_finishes_and_doubles_nothing(seed: int) -> None:
    world = a_world(seed)
    plan = world.plan(AFTER)
    world.live()
    world.weather = Weather(throttled=0.5, failed=0.1, lost=0.05)
    begun = world.clock.steady()
    assert finished(world.apply(plan, threads=8)).is_complete
    assert world.clock.steady() - begun < 600
    assert sum(1 for call in world.calls if "lock" not in call) <= 4 * number_of_calls()
    converges(world)


def test_an_aws_that_only_throttles_ends_the_apply_within_minutes() -> None:
    world = a_world()
    plan = world.plan(AFTER)
    world.live()
    original = world.call

    def throttling(operation: str, name: str, work: Callable[[], object], *, effect: bool = False) -> object:
        world.weather.throttled = 1.0 if effect else 0.0
        return original(operation, name, work, effect=effect)

    world.call = throttling  # type: ignore[method-assign,assignment]
    before = world.clock.steady()
    events = world.apply(plan, threads=30)
    assert {event.code for event in events if isinstance(event, ChangeFailed)} == {"throttled"}
    assert not world.effects
    del world.call
    assert world.clock.steady() > before
    converges(world)


def test_credentials_that_expire_at_any_call_are_named_and_one_more_apply_converges() -> None:
    calls = number_of_calls()
    for point in range(0, calls, 1 if ALL else 13):
        world = a_world()
        plan = world.plan(AFTER)
        world.live(expires_at=point)
        codes, hint = outcome(world, plan)
        assert codes <= {"credentials-expired"}, point
        assert not codes or "aws sso login" in hint, point
        converges(world)


def outcome(world: Simulation, plan: Plan) -> tuple[set[str], str]:
    """The codes of what went wrong in an apply, and the last hint."""
    try:
        failed = [event for event in world.apply(plan) if isinstance(event, ChangeFailed)]
    except BunsuiError as error:
        return {error.code}, error.hint
    return {event.code for event in failed}, failed[-1].hint if failed else ""


@pytest.mark.parametrize("seconds", [0, 10, 60, 119])
def test_a_role_that_spreads_slowly_is_waited_for(seconds: int) -> None:
    world = a_world()
    world.weather = Weather(iam_seconds=seconds)
    events = world.apply(world.plan(AFTER), threads=8)
    assert finished(events).is_complete
    assert any(isinstance(event, ChangeWaiting) for event in events) is (seconds > 0)
    converges(world)


def test_a_role_that_never_spreads_fails_with_its_cause() -> None:
    world = a_world()
    world.weather = Weather(iam_seconds=100_000)
    events = world.apply(world.plan(AFTER), threads=30)
    assert {event.code for event in events if isinstance(event, ChangeFailed)} == {"iam-not-propagated"}
    world.clock.sleep(200_000)
    converges(world)


@pytest.mark.parametrize("lag", [0, 1, 5, 12, 25])
def test_reads_that_lag_never_make_a_plan_create_what_exists(lag: int) -> None:
    world = a_world()
    world.weather = Weather(lag_seconds=lag)
    assert finished(world.apply(world.plan(AFTER))).is_complete
    again = world.plan(AFTER)
    assert not [change for change in again.pending if change.action is Action.CREATE]
    assert not [change for change in again.pending if change.reason is Reason.DRIFT]
    converges(world)


def refuse(world: Simulation, target: str) -> None:
    """Let every write to the target fail for good."""
    original = world.call

    def refusing(operation: str, name: str, work: Callable[[], object], *, effect: bool = False) -> object:
        if effect and name == target:
            raise BunsuiError("refused-for-good", "no")
        return original(operation, name, work, effect=effect)

    world.call = refusing  # type: ignore[method-assign,assignment]


def test_each_resource_that_fails_for_good_skips_its_dependents_and_only_them() -> None:
    wanted = a_world().plan(AFTER).pending
    for victim in wanted if ALL else wanted[::5]:
        world = a_world()
        plan = world.plan(AFTER)
        world.live()
        refuse(world, f"{victim.address.kind}/{victim.physical_name}")
        events = world.apply(plan, threads=4)
        del world.call
        failed = {event.address for event in events if isinstance(event, ChangeFailed)}
        skipped = {event.address for event in events if isinstance(event, ChangeSkipped)}
        done = {event.address for event in events if isinstance(event, ChangeDone)}
        assert failed == {victim.address}
        depends = {change.address: set(change.depends_on) for change in plan.pending}
        assert all(depends[address] & (failed | skipped) for address in skipped)
        assert not any(depends[address] & (failed | skipped) for address in done)
        converges(world)


@dataclass
class HeldLedger(SimulatedLedger):
    """A ledger under which whoever has the lock keeps it until all others were refused."""

    outcomes: list[str] = field(default_factory=list)

    def open(self, record: ApplyRecord, fence: Fence) -> ApplyRecord:
        deadline = time.monotonic() + 30
        while len(self.outcomes) < 19 and time.monotonic() < deadline:
            time.sleep(0.001)
        return super().open(record, fence)


def racing(world: Simulation, plan: Plan, barrier: threading.Barrier, outcomes: list[str]) -> None:
    """One of those that start in the same instant."""
    ledger = HeldLedger(MemoryLedger(world.state), world, outcomes)
    edges = replace(world.edges, ledger=Ledger(locks=ledger, journal=ledger, log=ledger))
    events = apply_plan(plan, edges, threads=1, patience=Patience(seconds=0))
    barrier.wait()
    try:
        outcomes.append("complete" if finished(list(events)).is_complete else "incomplete")
    except Locked as error:
        outcomes.append(f"locked by {error.facts['holder']}")


def test_twenty_applies_at_once_one_holds_the_lock_the_others_say_so_and_fences_grow() -> None:
    fences = []
    for _ in range(200 if ALL else 10):
        world = a_world()
        plan = world.plan(AFTER)
        outcomes: list[str] = []
        one = partial(racing, world, plan, threading.Barrier(20), outcomes)
        threads = [threading.Thread(target=one) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert Counter(outcomes) == {"complete": 1, "locked by mika": 19}
        numbers = [record.fence for record in MemoryLedger(world.state).applies(limit=100)]
        assert sorted(set(numbers)) == sorted(numbers)
        fences.append(numbers)
        assert {name for name, times in Counter(world.effects).items() if times > 1} == set()
        converges(world)
    assert fences


@pytest.mark.parametrize("somebody_came", [False, True])
def test_a_process_that_stood_still_before_any_write_makes_none_afterwards(somebody_came: bool) -> None:
    writes = len(a_world().plan(AFTER).pending)
    for point in range(0, writes, 1 if ALL else 6):
        world = a_world()
        plan = world.plan(AFTER)
        seen: list[int] = []

        def froze(world: Simulation = world, seen: list[int] = seen) -> None:
            seen.append(len(world.effects))
            if somebody_came:
                other = Simulation(memory=world.memory, state=world.state, clock=BeatingClock(world.clock.now()))
                other.written = world.written
                other.apply(other.plan(AFTER))

        world.live(freezes_at=point, on_freeze=froze)
        events = world.apply(plan)
        assert len(world.effects) == seen[0], point
        assert "lease-lost" in {event.code for event in events if isinstance(event, ChangeFailed)}
        world.clock.sleep(3600)
        converges(world)


OPERATIONS = st.sampled_from(
    ["apply", "edit", "kill before", "kill after", "storm", "outside", "lose state", "unlock", "delete outside"]
)


@settings(
    max_examples=20_000 if ALL and os.environ["BUNSUI_FAULTS"] == "nightly" else 500 if ALL else 30,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.lists(st.tuples(OPERATIONS, st.integers(0, 60)), min_size=1, max_size=8))
def test_from_any_valid_state_any_operation_with_any_fault_leaves_a_valid_state(moves: list[tuple[str, int]]) -> None:
    world = Simulation(seed=len(moves))
    desired: Desired = a_pipeline("orders", functions=2)
    for move, number in moves:
        world.live()
        world.clock.sleep(120)
        match move:
            case "edit":
                names = [name for bit, name in enumerate(("orders", "billing", "stock")) if (number + 1) >> bit & 1]
                desired = tuple(item for name in names for item in a_pipeline(name, memory=128 + number, functions=number % 3))
            case "outside" if world.memory.objects:
                key = sorted(world.memory.objects)[number % len(world.memory.objects)]
                found = world.memory.objects[key]
                attribute = {"role": "description", "log_group": "retention_days"}.get(key[0], "tags")
                world.memory.objects[key] = type(found)(
                    **{name: getattr(found, name) for name in found.__slots__ if name not in ("attributes", "revision")},
                    attributes={**found.attributes, attribute: number if attribute == "retention_days" else {"n": str(number)}},
                    revision=f"{found.revision}+",
                )
            case "delete outside" if world.memory.objects:
                del world.memory.objects[sorted(world.memory.objects)[number % len(world.memory.objects)]]
            case "lose state":
                with world.state.rows() as rows:
                    rows.applied.clear()
                    rows.journal.clear()
            case "unlock":
                record = MemoryLedger(world.state).read()
                if record is not None and record.held:
                    unlock(world.edges, record.id)
            case _:
                plan = world.plan(desired)
                world.live(dies_at=number if "kill" in move else None, dies_after=move == "kill after")
                world.weather = Weather(throttled=0.2, failed=0.1, lost=0.1) if move == "storm" else Weather()
                codes, _ = outcome(world, plan)
                assert codes <= {"killed", "throttled", "aws-internal", "endpoint-unreachable", "iam-not-propagated"}
                world.weather = Weather()
    world.live()
    world.clock.sleep(120)
    converges(world, desired)
