"""A hinted plan: what it reads, what it finds, what it says of the rest, and when it refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from math import ceil
from pathlib import Path

import pytest

from bunsui.errors import Refused
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.plan.model import Plan, Reason
from bunsui.ports.cloud import NOTHING_APPLIED
from bunsui.ports.hints import Hints, Surveyor, Verification
from bunsui.refresh.hinted import ROTATION
from bunsui.refresh.modes import Refresh
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.apply import apply_plan
from bunsui.services.plan import plan_project
from bunsui.services.plan_request import PlanRequest
from bunsui.testkit.hints import MemoryTrail, MemoryVerificationStore
from bunsui.view.plan.model import plan_view
from bunsui.view.plan.text import plan_lines
from tests.fakes.workspace import Workspace, a_workspace

PIPELINES = 15
"""Of three resources each: machine, role and log group."""
PLANS = ceil(PIPELINES * 3 / ROTATION)
"""Within so many each resource has its turn."""
TURN = PIPELINES * 3 // PLANS
PIPELINE = """\
version: 1
name: {name}
jobs:
  only: {{operations: [{{type: wait, for: 1s}}]}}
"""


@dataclass
class Noting:
    """A surveyor that notes what it was told to suspect."""

    inner: Surveyor
    suspected: set[Address]

    @property
    def kind(self) -> str:
        return self.inner.kind

    def read_owned(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
        suspects: Collection[Address] | None = None,
    ) -> Sequence[ActualResource]:
        self.suspected |= {address for address in suspects or () if address.kind == self.kind}
        return self.inner.read_owned(scope, wanted, applied=applied, suspects=suspects)


@dataclass
class Overtaken:
    """A store in which another plan stores its findings right after this one has loaded."""

    inner: MemoryVerificationStore
    meanwhile: Verification | None

    def load(self) -> Verification | None:
        found, self.inner.stored = self.inner.stored, self.meanwhile
        return found

    def store(self, verification: Verification) -> None:
        self.inner.store(verification)


@dataclass
class Room:
    """A workspace whose plans are hinted."""

    workspace: Workspace
    trail: MemoryTrail
    memory: MemoryVerificationStore = field(default_factory=MemoryVerificationStore)
    suspected: set[Address] = field(default_factory=set)
    """By the last plan."""
    remarks: list[str] = field(default_factory=list)

    @property
    def ports(self) -> ReconcilePorts:
        surveyors = {kind: Noting(inner, self.suspected) for kind, inner in self.workspace.account.memory.surveyors().items()}
        hints = Hints(trail=self.trail, memory=self.memory, surveyors=surveyors, remark=self.remarks.append)
        return replace(self.workspace.ports, hints=hints)

    def plan(self) -> Plan:
        self.suspected.clear()
        outcome = plan_project(self.workspace.repository, self.ports, PlanRequest(refresh=Refresh.HINTED))
        assert outcome.plan is not None, outcome.diagnostics
        return outcome.plan

    def wait(self, **passed: float) -> None:
        self.workspace.clock.sleep(timedelta(**passed).total_seconds())

    def machine(self, pipeline: str) -> str:
        return next(name for kind, name in self.workspace.account.objects if kind == "state_machine" and pipeline in name)

    def trace(self, pipeline: str, *, on: bool = True) -> None:
        """Switch tracing on, as in the console."""
        self.workspace.account.change("state_machine", self.machine(pipeline), tracing=on)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """A project that was applied a day ago and looked at since."""
    workspace = a_workspace(tmp_path)
    for file in (tmp_path / "pipelines").rglob("*.yaml"):
        file.unlink()
    for number in range(PIPELINES):
        (tmp_path / "pipelines" / f"p{number:02}.yaml").write_text(PIPELINE.format(name=f"p{number:02}"))
    assert workspace.apply().is_complete
    made = Room(workspace, MemoryTrail(clock=workspace.clock))
    made.wait(days=1)
    made.plan()
    made.wait(hours=2)
    return made


def changed(plan: Plan) -> dict[str, Reason]:
    return {str(change.address): change.reason for change in plan.pending}


def test_the_first_one_reads_everything_and_says_so(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path)
    workspace.apply()
    room = Room(workspace, MemoryTrail(clock=workspace.clock))
    plan = room.plan()
    assert {change.reason for change in plan.changes} == {Reason.IN_SYNC}
    assert room.remarks == ["everything was read: no hinted plan has looked at this environment lately"]


def test_the_next_one_reads_the_longest_unverified_only_and_calls_the_rest_assumed(room: Room) -> None:
    plan = room.plan()
    assert Counter(change.reason for change in plan.changes) == {
        Reason.IN_SYNC: TURN,
        Reason.ASSUMED: PIPELINES * 3 - TURN,
    }


def test_what_was_not_read_says_when_it_was_verified(room: Room) -> None:
    text = "\n".join(str(line.text) for line in plan_lines(plan_view(room.plan())))
    assert f"{PIPELINES * 3 - TURN} not read, assumed to be as last applied, verified 2 h ago" in text
    assert "in sync" not in text


def test_what_cloudtrail_names_is_found(room: Room) -> None:
    room.trace("p14")
    room.trail.record("UpdateStateMachine", room.machine("p14"))
    room.wait(minutes=16)
    assert changed(room.plan()) == {"state_machine.p14": Reason.DRIFT}


def test_what_shows_up_late_is_found_by_the_next_plan(room: Room) -> None:
    room.trace("p14")
    room.trail.record("UpdateStateMachine", room.machine("p14"))
    room.wait(minutes=1)
    assert Address("state_machine", "p14") not in room.suspected
    assert changed(room.plan()) == {}
    room.wait(minutes=15)
    assert changed(room.plan()) == {"state_machine.p14": Reason.DRIFT}


def test_drift_stays_in_the_plan_when_its_event_is_long_past(room: Room) -> None:
    room.trace("p14")
    room.trail.record("UpdateStateMachine", room.machine("p14"))
    room.wait(hours=1)
    room.plan()
    room.wait(days=3)
    assert changed(room.plan()) == {"state_machine.p14": Reason.DRIFT}


def test_drift_that_was_taken_back_is_forgotten(room: Room) -> None:
    room.trace("p14")
    room.trail.record("UpdateStateMachine", room.machine("p14"))
    room.wait(hours=1)
    room.plan()
    room.trace("p14", on=False)
    assert changed(room.plan()) == {}
    room.wait(hours=1)
    room.plan()
    assert room.memory.stored is not None
    assert room.memory.stored.doubted == {}


def test_what_apply_set_right_is_not_doubted_any_more(room: Room) -> None:
    room.trace("p14")
    room.trail.record("UpdateStateMachine", room.machine("p14"))
    room.wait(hours=1)
    list(apply_plan(room.plan(), room.ports))
    room.wait(hours=1)
    room.plan()
    assert Address("state_machine", "p14") not in room.suspected


def test_a_change_without_an_event_is_found_within_n_twentieths_of_plans(room: Room) -> None:
    room.trace("p14")
    for _ in range(PLANS):
        room.wait(hours=1)
        found = changed(room.plan())
        if found:
            break
    assert found == {"state_machine.p14": Reason.DRIFT}


def test_lists_tell_what_is_gone_without_any_event(room: Room) -> None:
    del room.workspace.account.objects["state_machine", room.machine("p14")]
    assert changed(room.plan())["state_machine.p14"] is Reason.DELETED_OUTSIDE


def test_what_the_files_change_is_read(room: Room) -> None:
    room.workspace.edit("pipelines/p14.yaml", "for: 1s", "for: 2s")
    plan = room.plan()
    assert Address("state_machine", "p14") in room.suspected
    assert changed(plan) == {"state_machine.p14": Reason.CONFIGURED}


def test_a_call_of_another_kind_on_the_same_name_costs_no_read(room: Room) -> None:
    room.trail.record("PutRolePolicy", room.machine("p14"))
    room.wait(minutes=16)
    room.plan()
    assert Address("state_machine", "p14") not in room.suspected


def test_an_event_that_does_not_say_what_it_is_about_is_about_all_of_the_kind(room: Room) -> None:
    room.trail.record("UpdateStateMachine")
    room.wait(minutes=16)
    room.plan()
    assert {address.pipeline for address in room.suspected if address.kind == "state_machine"} == {
        f"p{number:02}" for number in range(PIPELINES)
    }


def test_an_event_from_before_the_last_read_is_not_heeded_again(room: Room) -> None:
    room.trail.record("UpdateStateMachine", room.machine("p14"))
    room.wait(minutes=20)
    room.plan()
    assert Address("state_machine", "p14") in room.suspected
    room.wait(minutes=5)
    room.plan()
    assert Address("state_machine", "p14") not in room.suspected


def test_without_the_permission_it_is_refused_not_weakened(room: Room) -> None:
    room.trail.is_permitted = False
    with pytest.raises(Refused, match="CloudTrail may not be asked") as caught:
        room.plan()
    assert caught.value.code == "hinted-not-permitted"
    assert "--refresh full" in caught.value.hint


def test_without_the_permission_the_first_one_is_refused_too(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path)
    room = Room(workspace, MemoryTrail(clock=workspace.clock, is_permitted=False))
    with pytest.raises(Refused, match="CloudTrail may not be asked"):
        room.plan()


def test_where_nothing_hints_it_is_refused(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path)
    with pytest.raises(Refused, match="keeps no record of calls"):
        plan_project(workspace.repository, workspace.ports, PlanRequest(refresh=Refresh.HINTED))


def test_two_plans_at_once_lose_nothing(room: Room) -> None:
    room.trace("p14")
    room.trail.record("UpdateStateMachine", room.machine("p14"))
    room.wait(hours=1)
    before = room.memory.stored
    assert before is not None
    room.plan()
    doubted = room.memory.stored
    room.memory.stored = before
    slow = room.ports

    assert slow.hints is not None
    hints = replace(slow.hints, memory=Overtaken(room.memory, meanwhile=doubted))
    plan_project(room.workspace.repository, replace(slow, hints=hints), PlanRequest(refresh=Refresh.HINTED))
    assert room.memory.stored == doubted
    assert "another plan stored what it verified meanwhile, so this one did not" in room.remarks
