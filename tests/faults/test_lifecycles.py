"""Random lifecycles: from any valid state, any operation with any fault leaves a valid state that one apply brings home."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.fakes.control_plane import FIRST_DAY, ControlPlane
from tests.fakes.weather import Fault
from tests.faults.amount import amount
from tests.faults.conftest import Figure
from tests.faults.lifecycles import NAMES, Lifecycle

pytestmark = pytest.mark.timeout(36_000)

names = st.sampled_from(NAMES)
faults = st.none() | st.sampled_from(list(Fault))
calls = st.integers(0, 90)
numbers = st.integers(0, 60)


class Lifecycles(RuleBasedStateMachine):
    """Every operation that there is, in any order."""

    steps = 0
    at_once = True

    def __init__(self) -> None:
        super().__init__()
        self.life = Lifecycle(at_once=self.at_once)
        self.life.edit("orders", memory=128, functions=2, seconds=5)

    @rule(name=names, memory=st.sampled_from([128, 256, 512]), functions=st.integers(0, 2), seconds=st.integers(1, 3))
    def edit(self, name: str, memory: int, functions: int, seconds: int) -> None:
        self.life.edit(name, memory=memory, functions=functions, seconds=seconds)

    @rule(name=names)
    def remove(self, name: str) -> None:
        self.life.remove(name)

    @rule(name=names, to=names)
    def rename(self, name: str, to: str) -> None:
        self.life.rename(name, to)

    @rule(fault=faults, at=calls)
    def apply(self, fault: Fault | None, at: int) -> None:
        self.life.apply(fault, at)

    @rule(fault=faults, at=calls, name=names)
    def apply_one_pipeline(self, fault: Fault | None, at: int, name: str) -> None:
        self.life.apply_only(name, fault, at)

    @rule()
    def save_a_plan(self) -> None:
        self.life.save()

    @rule(fault=faults, at=calls)
    def apply_a_saved_plan(self, fault: Fault | None, at: int) -> None:
        self.life.apply_saved(fault, at)

    @rule()
    def apply_in_a_storm(self) -> None:
        self.life.apply_in_a_storm()

    @rule(plane=st.sampled_from([FIRST_DAY, ControlPlane()]))
    def control_planes_take_their_time(self, plane: ControlPlane) -> None:
        self.life.take_time(plane)

    @rule(at=st.integers(0, 20))
    def two_at_once(self, at: int) -> None:
        self.life.two_at_once(at)

    @rule(fault=faults, at=calls)
    def destroy(self, fault: Fault | None, at: int) -> None:
        self.life.destroy(fault, at)

    @rule(at=numbers, what=st.sampled_from(["edit", "edit", "delete", "untag"]))
    def change_outside(self, at: int, what: str) -> None:
        self.life.change_outside(at, what)

    @rule()
    def give_tags_back(self) -> None:
        self.life.give_tags_back()

    @rule(at=numbers, fault=faults, call=st.integers(0, 8))
    def state_rm(self, at: int, fault: Fault | None, call: int) -> None:
        self.life.forget(at, fault, call)

    @rule(at=numbers)
    def state_mv(self, at: int) -> None:
        self.life.move_and_back(at)

    @rule(fault=faults, call=st.integers(0, 20))
    def state_rebuild(self, fault: Fault | None, call: int) -> None:
        self.life.rebuild(fault, call)

    @rule()
    def lose_the_state(self) -> None:
        self.life.lose_state()

    @rule()
    def unlock(self) -> None:
        self.life.break_lock()

    @rule(seconds=st.sampled_from([1, 70, 3600]))
    def time_passes(self, seconds: int) -> None:
        self.life.world.clock.sleep(seconds)

    @invariant()
    def one_apply_brings_it_home(self) -> None:
        type(self).steps += 1
        self.life.check()


FEW = 6
"""Lifecycles of the fast suite."""


class Retirements(Lifecycles):
    """The same where what is removed is retired first."""

    at_once = False


@pytest.mark.parametrize("machine", [Lifecycles, Retirements])
def test_from_any_valid_state_any_operation_with_any_fault_leaves_a_valid_state(
    figure: Figure, machine: type[Lifecycles]
) -> None:
    examples = amount(FEW, 500, 20_000)
    machine.steps = 0
    checks: Any = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=checks,
            derandomize=examples == FEW,  # the sample says the same each time; `make faults` looks for what is new
        ),
    )
    figure("3 random lifecycles", f"{machine.__name__}: {examples} lifecycles, {machine.steps} steps: 0 invalid states")
