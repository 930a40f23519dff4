"""Where aliases lead is asked of machines that something points to, and of all in turn; the plan says what it believed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import ceil
from pathlib import Path

import pytest

from bunsui.model.address import Address
from bunsui.model.resource import ActualResource
from bunsui.plan.model import Plan, Reason
from bunsui.ports.hints import Hints
from bunsui.refresh.hinted import ROTATION
from bunsui.refresh.modes import Refresh
from bunsui.refresh.ports import ReconcilePorts
from bunsui.refresh.routes import AT_ONCE
from bunsui.services.apply.apply import apply_plan
from bunsui.services.plan import plan_project
from bunsui.services.plan_request import PlanRequest
from bunsui.testkit.hints import MemoryTrail, MemoryVerificationStore
from bunsui.view.plan.assumed import assumed_words
from tests.fakes.workspace import Workspace, a_workspace

PIPELINES = AT_ONCE + 10
ELSEWHERE = "live (at 1, not the newest)"


@dataclass
class Fleet:
    """More machines than are asked in each plan."""

    workspace: Workspace
    trail: MemoryTrail
    memory: MemoryVerificationStore = field(default_factory=MemoryVerificationStore)

    @property
    def ports(self) -> ReconcilePorts:
        hints = Hints(trail=self.trail, memory=self.memory, surveyors={})
        return replace(self.workspace.ports, providers=self.workspace.account.memory.providers(), hints=hints)

    def plan(self, refresh: Refresh | None = None) -> Plan:
        self.workspace.clock.sleep(7200)
        plan = plan_project(self.workspace.repository, self.ports, PlanRequest(refresh=refresh)).plan
        assert plan is not None
        return plan

    def machine(self, number: int) -> ActualResource:
        address = Address("state_machine", f"p{number:02d}")
        return next(one for one in self.workspace.account.objects.values() if one.address == address)

    def move(self, number: int) -> str:
        """Somebody leads the alias elsewhere."""
        name = self.machine(number).physical_name
        self.workspace.account.change("state_machine", name, alias=ELSEWHERE)
        return name


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory) -> Fleet:
    folder: Path = tmp_path_factory.mktemp("fleet")
    workspace = a_workspace(folder)
    (folder / "pipelines" / "etl.yaml").unlink()
    for number in range(PIPELINES):
        text = f"version: 1\nname: p{number:02d}\njobs: {{only: {{operations: [{{type: wait, for: 1s}}]}}}}\n"
        (folder / "pipelines" / f"p{number:02d}.yaml").write_text(text)
    assert workspace.apply().failed == 0
    return Fleet(workspace, MemoryTrail(workspace.clock, lateness=timedelta(minutes=5)))


@pytest.fixture
def fleet(applied: Fleet) -> Iterator[Fleet]:
    before = dict(applied.workspace.account.objects)
    applied.memory = MemoryVerificationStore()
    applied.trail.events.clear()
    applied.plan()
    yield applied
    applied.workspace.account.objects.clear()
    applied.workspace.account.objects.update(before)


def assumed(plan: Plan) -> set[str]:
    return {change.address.pipeline for change in plan.changes if change.reason is Reason.ASSUMED}


def test_the_first_plan_asks_all_and_the_next_a_turn(fleet: Fleet) -> None:
    plan = fleet.plan()
    turn = ceil(PIPELINES / ceil(PIPELINES / ROTATION))
    assert (plan.pending, len(assumed(plan))) == ((), PIPELINES - turn)
    assert assumed_words(plan) == f"{PIPELINES - turn} machines not asked where its alias leads, verified 2 h ago"


def test_what_cloudtrail_names_is_seen_in_the_next_plan(fleet: Fleet) -> None:
    fleet.trail.record("UpdateStateMachineAlias", fleet.move(7))
    assert [(change.address.pipeline, change.reason) for change in fleet.plan().pending] == [("p07", Reason.DRIFT)]
    assert [change.address.pipeline for change in fleet.plan().pending] == ["p07"]  # as long as it is so


def test_what_nothing_names_is_seen_in_its_turn(fleet: Fleet) -> None:
    fleet.move(PIPELINES - 1)
    seen = [bool(fleet.plan().pending) for _ in range(ceil(PIPELINES / ROTATION) + 1)]
    assert seen[-1]


def test_full_reads_all(fleet: Fleet) -> None:
    fleet.move(PIPELINES - 1)
    plan = fleet.plan(Refresh.FULL)
    assert assumed(plan) == set()
    assert len(plan.pending) == 1


def test_what_the_files_change_is_read_whole(fleet: Fleet) -> None:
    last = f"pipelines/p{PIPELINES - 1:02d}.yaml"
    name = fleet.move(PIPELINES - 1)
    fleet.workspace.edit(last, "for: 1s", "for: 2s")
    try:
        changed = next(one for one in fleet.plan().pending if one.physical_name == name)
        assert changed.reason in (Reason.CONFLICT, Reason.CONFIGURED_AND_DRIFT)
        assert changed.actual is not None
        assert not changed.actual.is_assumed
    finally:
        fleet.workspace.edit(last, "for: 2s", "for: 1s")


def test_who_may_not_look_at_cloudtrail_has_all_read(fleet: Fleet) -> None:
    fleet.trail.is_permitted = False
    try:
        assert assumed(fleet.plan()) == set()
    finally:
        fleet.trail.is_permitted = True


def test_a_plan_that_believed_some_is_applied(fleet: Fleet) -> None:
    fleet.workspace.edit("pipelines/p03.yaml", "for: 1s", "for: 3s")
    try:
        events = list(apply_plan(fleet.plan(), fleet.ports))
        assert getattr(events[-1], "failed", None) == 0
        assert fleet.plan().pending == ()
    finally:
        fleet.workspace.edit("pipelines/p03.yaml", "for: 3s", "for: 1s")
        list(apply_plan(fleet.plan(), fleet.ports))
