"""How much of AWS a plan reads, which pipelines it is about, and what must be accepted before it is applied in CI."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bunsui.errors import InvalidInput, Refused
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.model.session import SessionStatus
from bunsui.plan.model import Action, Plan, Reason
from bunsui.ports.cloud import NOTHING_APPLIED
from bunsui.ports.execution import ExecutionSummary
from bunsui.refresh.modes import Refresh
from bunsui.services.apply.apply import apply_plan
from bunsui.services.apply.ci_policy import admit_plan
from bunsui.services.apply.request import Accepted
from bunsui.services.plan import plan_project
from bunsui.services.plan_request import PlanRequest
from bunsui.testkit.execution import MemoryExecutionClient
from tests.fakes.passing import PassingProvider
from tests.fakes.workspace import Workspace, a_workspace

WAIT = "pipelines/definitions/raw.asl.json"


@dataclass
class Counted(PassingProvider):
    """A provider that notes what was read."""

    reads: list[str]

    def read_owned(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
    ) -> Sequence[ActualResource]:
        self.reads.append(f"all of {self.kind}")
        return self.inner.read_owned(scope, wanted, applied=applied)

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        self.reads.append(str(address))
        return self.inner.read(address, physical_name)


def planned(workspace: Workspace, *select: str, refresh: Refresh = Refresh.FULL) -> tuple[Plan, list[str]]:
    """The plan, and what was read for it."""
    reads: list[str] = []
    ports = workspace.ports
    counted = {kind: Counted(provider, reads) for kind, provider in ports.providers.items()}
    request = PlanRequest(select=select, refresh=refresh)
    plan = plan_project(workspace.repository, replace(ports, providers=counted), request).plan
    assert plan is not None
    return plan, reads


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two pipelines, applied an hour ago."""
    made = a_workspace(tmp_path, "raw", "etl")
    made.apply()
    made.clock.sleep(3600)
    return made


def test_nothing_is_read_and_nothing_is_called_in_sync_without_a_refresh(workspace: Workspace) -> None:
    plan, reads = planned(workspace, refresh=Refresh.NONE)
    assert not reads
    assert {(change.action, change.reason) for change in plan.changes} == {(Action.NO_OP, Reason.ASSUMED)}
    workspace.edit(WAIT, '"Seconds": 1', '"Seconds": 5')
    plan, reads = planned(workspace, refresh=Refresh.NONE)
    assert not reads
    assert [(str(change.address), change.reason) for change in plan.pending] == [("state_machine.raw", Reason.CONFIGURED)]


def test_only_what_the_files_touch_is_read(workspace: Workspace) -> None:
    assert planned(workspace, refresh=Refresh.TOUCHED)[1] == []
    workspace.edit(WAIT, '"Seconds": 1', '"Seconds": 5')
    workspace.account.change("log_group", "/aws/vendedlogs/states/" + machine(workspace), retention_days=7)
    plan, reads = planned(workspace, refresh=Refresh.TOUCHED)
    assert sorted(reads) == ["log_group.raw", "role.raw", "state_machine.raw"]
    assert {str(change.address): change.reason for change in plan.pending} == {
        "state_machine.raw": Reason.CONFIGURED,
        "log_group.raw": Reason.DRIFT,
    }
    assert {change.reason for change in plan.changes if change.address.pipeline == "etl"} == {Reason.ASSUMED}


def machine(workspace: Workspace) -> str:
    return next(name for kind, name in workspace.account.objects if kind == "state_machine" and name.endswith("raw"))


def test_new_and_removed_pipelines_are_touched(workspace: Workspace) -> None:
    (workspace.folder / "pipelines/raw.yaml").rename(workspace.folder / "pipelines/cooked.yaml")
    workspace.edit("pipelines/cooked.yaml", "name: raw", "name: cooked")
    plan, reads = planned(workspace, refresh=Refresh.TOUCHED)
    assert {name.split(".")[1] for name in reads} == {"raw", "cooked"}
    assert {change.action for change in plan.pending} == {Action.CREATE, Action.RETIRE}
    list(apply_plan(plan, workspace.ports))
    assert not planned(workspace)[0].pending


def test_an_applied_plan_that_assumed_reads_before_it_writes(workspace: Workspace) -> None:
    workspace.edit(WAIT, '"Seconds": 1', '"Seconds": 5')
    plan, _ = planned(workspace, refresh=Refresh.NONE)
    workspace.account.change("state_machine", machine(workspace), tracing=True)
    workspace.account.calls.clear()
    list(apply_plan(plan, workspace.ports))
    assert not workspace.account.calls


def test_pipelines_are_selected_by_what_they_have_in_common(workspace: Workspace) -> None:
    workspace.edit("pipelines/raw.yaml", "name: raw\n", "name: raw\nowner: ann\ntags: {team: data}\n")
    for expression in ("tag:team", "tag:team=da*", "owner:ann", "path:pipelines/raw.yaml", "path:*/r*.yaml"):
        plan, _ = planned(workspace, expression)
        assert {change.address.pipeline for change in plan.changes} == {"raw"}, expression
        assert not plan.complete
    plan, _ = planned(workspace, "path:pipelines/")
    assert {change.address.pipeline for change in plan.changes} == {"raw", "etl"}
    for wrong in ("tag:nope", "owner:", "colour:red"):
        with pytest.raises(InvalidInput):
            planned(workspace, wrong)


def test_touched_selects_what_the_files_changed_and_leaves_drift_elsewhere_alone(workspace: Workspace) -> None:
    role = next(name for kind, name in workspace.account.objects if kind == "role" and "etl" in name)
    workspace.account.change("role", role, description="by hand")
    workspace.edit(WAIT, '"Seconds": 1', '"Seconds": 5')
    plan, _ = planned(workspace, "touched")
    assert {change.address.pipeline for change in plan.changes} == {"raw"}
    assert [str(change.address) for change in plan.pending] == ["state_machine.raw"]


def test_a_conflict_needs_to_be_accepted_in_ci(workspace: Workspace) -> None:
    workspace.edit(WAIT, '"Seconds": 1', '"Seconds": 5')
    plan, _ = planned(workspace)
    assert not admit_plan(plan, Accepted()).left
    definition = json.loads(json.dumps(workspace.account.objects["state_machine", machine(workspace)].attributes["definition"]))
    definition["States"]["Wait"]["Seconds"] = 77
    workspace.account.change("state_machine", machine(workspace), definition=definition)
    plan, _ = planned(workspace)
    [change] = plan.pending
    assert change.reason is Reason.CONFLICT
    division = admit_plan(plan, Accepted())
    assert division.refusal().code == "outside-change-not-accepted"
    assert not admit_plan(plan, Accepted(outside_changes=True)).left


def test_many_deletions_need_to_be_allowed_in_ci(workspace: Workspace) -> None:
    (workspace.folder / "pipelines/etl.yaml").unlink()
    plan, _ = planned(workspace)
    count = sum(1 for change in plan.changes if change.address.pipeline == "etl")
    assert count > 3
    assert "BS506" in {found.code for found in plan.diagnostics}
    for allowed in (0, count - 1):
        with pytest.raises(Refused) as caught:
            admit_plan(plan, Accepted(deletions=allowed))
        assert f"--allow-deletes {count}" in caught.value.hint
    assert not admit_plan(plan, Accepted(deletions=count)).left


@dataclass
class Running(MemoryExecutionClient):
    """Something runs on every machine."""

    def __init__(self) -> None:
        """Nothing else is asked."""

    def executions(self, machine_arn: str, *, limit: int, status: SessionStatus | None = None) -> Sequence[ExecutionSummary]:
        assert status is SessionStatus.RUNNING
        one = ExecutionSummary(
            arn=f"{machine_arn}:1", name="01KBH", status=status, started_at=datetime(2026, 1, 1, tzinfo=UTC), stopped_at=None
        )
        return [one]


def test_sessions_in_flight_are_named_with_what_happens_to_them(workspace: Workspace) -> None:
    ports = replace(workspace.ports, execution=Running())
    assert not [f for f in plan_project(workspace.repository, ports).diagnostics if f.code == "BS507"]
    workspace.edit(WAIT, '"Seconds": 1', '"Seconds": 5')
    (workspace.folder / "pipelines/etl.yaml").unlink()
    found = {f.subject: f.summary for f in plan_project(workspace.repository, ports).diagnostics if f.code == "BS507"}
    assert "they go on with the version and the code that they started with: 01KBH" in found["state_machine.raw"]
    assert "they go on, and the machine stays until they have ended: 01KBH" in found["state_machine.etl"]


@dataclass
class Places(PassingProvider):
    """A provider that is told where things are."""

    told: dict[Address, str]

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        assert address in self.told
        return self.inner.read(address, physical_name)

    def place(self, address: Address, physical_name: str, within: str) -> None:
        self.told[address] = within


def test_providers_are_told_where_schedules_lie_before_they_read_one(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, "etl")
    path = tmp_path / "pipelines" / "etl.yaml"
    path.write_text(path.read_text() + '\nschedules: [{id: daily, cron: "0 3 * * ? *"}]\n')
    ports = workspace.ports
    places = Places(ports.providers["schedule"], {})
    outcome = plan_project(
        workspace.repository,
        replace(ports, providers={**ports.providers, "schedule": places}),
        PlanRequest(refresh=Refresh.TOUCHED),
    )
    assert outcome.plan is not None, outcome.diagnostics
    assert list(places.told) == [Address("schedule", "etl", "daily")]
