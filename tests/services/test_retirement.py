"""What is no longer wanted is retired at first, stays for its sessions, and goes with a later apply."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bunsui.apply.events import ApplyFinished, ChangeFailed
from bunsui.errors import AccessDenied
from bunsui.model.address import Address
from bunsui.model.session import SessionStatus
from bunsui.plan.checks.mass_deletion import deletions
from bunsui.plan.model import Action, Plan, Reason, ResourceChange
from bunsui.plan.saved.planfile import saved_plan
from bunsui.ports.execution import ExecutionSummary
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.apply import apply_plan
from bunsui.services.apply.saved import check_saved
from bunsui.services.overview.standing import PipelineStanding, standing_of
from bunsui.services.plan import plan_project
from bunsui.services.plan_request import PlanRequest, Removal
from bunsui.testkit.execution import MemoryExecutionClient
from bunsui.view.documents.plan import check_shown, plan_file
from tests.fakes.plans import destroy_plan
from tests.fakes.workspace import Workspace, a_workspace

ETL, RAW = "pipelines/etl.yaml", "pipelines/raw.yaml"


class Listed(MemoryExecutionClient):
    """Step Functions, of which only the list of executions is asked."""

    def __init__(self) -> None:
        self.found: list[ExecutionSummary] = []
        self.asked: list[SessionStatus | None] = []
        self.denied = False

    def executions(self, machine_arn: str, *, limit: int, status: SessionStatus | None = None) -> Sequence[ExecutionSummary]:
        self.asked.append(status)
        if self.denied:
            raise AccessDenied("access-denied", "not allowed")
        return [one for one in self.found if status is None or one.status is status][:limit]

    def add(self, name: str, status: SessionStatus, started: datetime, stopped: datetime | None = None) -> None:
        self.found.append(ExecutionSummary(arn=f"arn:{name}", name=name, status=status, started_at=started, stopped_at=stopped))


@dataclass
class Room:
    workspace: Workspace
    execution: Listed = field(default_factory=Listed)

    @property
    def ports(self) -> ReconcilePorts:
        return replace(self.workspace.ports, execution=self.execution)

    def plan(self, *select: str, removal: Removal = Removal.RETIRE) -> Plan:
        plan = plan_project(self.workspace.repository, self.ports, PlanRequest(select=select, removal=removal)).plan
        assert plan is not None, plan_project(self.workspace.repository, self.ports).diagnostics
        return plan

    def apply(self, plan: Plan | None = None) -> ApplyFinished:
        last = list(apply_plan(plan or self.plan(), self.ports))[-1]
        assert isinstance(last, ApplyFinished)
        return last

    def remove(self, path: str) -> str:
        file = self.workspace.folder / path
        text = file.read_text()
        file.unlink()
        return text

    def passes(self, **span: float) -> None:
        self.workspace.clock.sleep(timedelta(**span).total_seconds())

    def kinds(self, pipeline: str) -> set[str]:
        """Kinds of what AWS has of a pipeline."""
        found = self.workspace.account.objects.values()
        return {item.address.kind for item in found if item.address.pipeline == pipeline}

    @property
    def now(self) -> datetime:
        return self.workspace.clock.now()


def of(plan: Plan, kind: str, pipeline: str, name: str = "") -> ResourceChange:
    return next(change for change in plan.changes if change.address == Address(kind, pipeline, name))


def actions(plan: Plan, pipeline: str) -> dict[str, set[Action]]:
    result: dict[str, set[Action]] = {}
    for change in plan.changes:
        if change.address.pipeline == pipeline:
            result.setdefault(change.address.kind, set()).add(change.action)
    return result


@pytest.fixture
def room(tmp_path: Path) -> Room:
    made = Room(a_workspace(tmp_path, "etl", "raw"))
    made.workspace.edit(ETL, "name: etl\n", 'name: etl\nschedules: [{id: nightly, cron: "0 3 * * ? *"}]\n')
    made.apply()
    return made


def test_a_removed_pipeline_loses_its_starts_and_keeps_what_sessions_need(room: Room) -> None:
    room.remove(ETL)
    plan = room.plan()
    assert actions(plan, "etl") == {
        "state_machine": {Action.RETIRE},
        "role": {Action.NO_OP, Action.DELETE},
        "lambda_function": {Action.NO_OP},
        "log_group": {Action.NO_OP},
        "schedule": {Action.DELETE},
        "schedule_group": {Action.DELETE},
    }
    assert [change.address.name for change in plan.pending if change.address.kind == "role"] == ["scheduler"]
    assert room.apply(plan).is_complete
    assert room.kinds("etl") == {"state_machine", "role", "lambda_function", "log_group"}
    machine = next(
        item for key, item in room.workspace.account.objects.items() if key[0] == "state_machine" and "etl" in key[1]
    )
    assert machine.attributes["alias"] == ""


def test_the_plan_after_it_is_empty_and_says_until_when(room: Room) -> None:
    room.remove(ETL)
    room.apply()
    plan = room.plan()
    assert not plan.pending
    machine = of(plan, "state_machine", "etl")
    assert machine.reason is Reason.RETIRED
    assert machine.retirement is not None
    assert machine.retirement.until is not None
    assert abs(machine.retirement.until - room.now - timedelta(days=14)) < timedelta(minutes=1)
    assert "kept until" in machine.note


def test_status_tells_what_is_to_be_removed_from_what_is_retired(room: Room) -> None:
    room.remove(ETL)
    assert (
        standing_of([change for change in room.plan().changes if change.address.pipeline == "etl"]) is PipelineStanding.REMOVED
    )
    room.apply()
    assert (
        standing_of([change for change in room.plan().changes if change.address.pipeline == "etl"]) is PipelineStanding.RETIRED
    )


def test_after_its_time_everything_goes_in_the_order_of_need(room: Room) -> None:
    room.remove(ETL)
    room.apply()
    room.passes(days=13, hours=23)
    assert not room.plan().pending
    room.passes(hours=1, minutes=1)
    plan = room.plan()
    assert {change.action for change in plan.pending} == {Action.DELETE}
    room.workspace.account.calls.clear()
    assert room.apply(plan).is_complete
    assert not room.kinds("etl")
    assert room.workspace.account.calls[0][1] == "state_machine"
    assert not room.plan().pending
    assert not [address for address in room.ports.state.applied() if address.pipeline == "etl"]


def test_a_running_session_keeps_its_machine(room: Room) -> None:
    room.remove(ETL)
    room.execution.add("s-1", SessionStatus.RUNNING, room.now)
    room.apply()
    room.passes(days=20)
    plan = room.plan()
    assert not plan.pending
    assert "s-1" in of(plan, "state_machine", "etl").note


def test_a_session_that_failed_lately_keeps_its_machine_for_its_own_time(room: Room) -> None:
    room.remove(ETL)
    room.apply()
    room.passes(days=10)
    room.execution.add("s-1", SessionStatus.FAILED, room.now - timedelta(days=11), room.now)
    room.passes(days=5)
    plan = room.plan()
    assert not plan.pending
    assert "can be redriven: s-1" in of(plan, "state_machine", "etl").note
    room.passes(days=9, minutes=1)
    assert room.plan().pending


def test_what_could_not_be_asked_stays(room: Room) -> None:
    room.remove(ETL)
    room.apply()
    room.passes(days=20)
    room.execution.denied = True
    plan = room.plan()
    assert not plan.pending
    assert "could not be asked" in of(plan, "state_machine", "etl").note


def test_before_its_time_one_question_is_asked_and_none_without_retired_machines(room: Room) -> None:
    room.execution.asked.clear()
    room.plan()
    assert not room.execution.asked
    room.remove(ETL)
    room.apply()
    room.execution.asked.clear()
    room.plan()
    assert room.execution.asked == [SessionStatus.RUNNING]


def test_a_session_that_began_since_the_plan_keeps_its_machine(room: Room) -> None:
    room.remove(ETL)
    room.apply()
    room.passes(days=15)
    plan = room.plan()
    room.execution.add("s-9", SessionStatus.RUNNING, room.now)
    events = list(apply_plan(plan, room.ports))
    assert [event.code for event in events if isinstance(event, ChangeFailed)] == ["session-running"]
    assert room.kinds("etl") == {"state_machine", "role", "lambda_function", "log_group"}


def test_now_deletes_without_retiring_and_ends_a_retirement(room: Room) -> None:
    room.remove(ETL)
    room.apply()
    plan = room.plan(removal=Removal.AT_ONCE)
    assert {change.action for change in plan.pending} == {Action.DELETE}
    room.apply(plan)
    assert not room.kinds("etl")


def test_destroy_deletes_what_is_retired_too(room: Room) -> None:
    room.remove(ETL)
    room.apply()
    plan = destroy_plan(room.workspace.repository, room.ports, "etl")
    assert {change.action for change in plan.pending} == {Action.DELETE}


def test_a_file_that_comes_back_puts_its_machine_into_service_again(room: Room) -> None:
    text = room.remove(ETL)
    room.apply()
    (room.workspace.folder / ETL).write_text(text)
    plan = room.plan()
    assert of(plan, "state_machine", "etl").action is Action.UPDATE
    assert of(plan, "schedule", "etl", "nightly").action is Action.CREATE
    room.apply(plan)
    assert not room.plan().pending
    assert all(item.retired_at is None for item in room.ports.state.applied().values())
    room.passes(days=30)
    assert not room.plan().pending


def test_a_function_that_left_its_machine_stays_for_sessions_of_older_versions(room: Room) -> None:
    function = next(change for change in room.plan().changes if change.address.kind == "lambda_function").address
    raw = (room.workspace.folder / RAW).read_text()
    (room.workspace.folder / ETL).write_text(raw.replace("name: raw", "name: etl"))
    plan = room.plan()
    assert of(plan, "lambda_function", "etl", function.name).action is Action.RETIRE
    assert of(plan, "role", "etl", function.name).action is Action.NO_OP
    assert room.apply(plan).is_complete
    assert not room.plan().pending
    room.execution.add("old", SessionStatus.RUNNING, room.now - timedelta(hours=1))
    room.execution.add("new", SessionStatus.RUNNING, room.now + timedelta(hours=1))
    room.passes(days=15)
    held = of(room.plan(), "lambda_function", "etl", function.name)
    assert held.action is Action.NO_OP
    assert held.retirement is not None
    assert held.retirement.running == ("old",)
    room.execution.found = [one for one in room.execution.found if one.name == "new"]
    assert {change.action for change in room.plan().pending} == {Action.DELETE}
    room.apply()
    assert room.kinds("etl") >= {"state_machine"}
    assert not room.plan().pending


def test_a_role_that_the_machine_no_longer_takes_on_stays_for_the_sessions_that_do(room: Room) -> None:
    given = "arn:aws:iam::000000000000:role/given"
    room.workspace.edit(ETL, "name: etl\n", f"name: etl\nroles: {{machine: '{given}'}}\n")
    plan = room.plan()
    assert of(plan, "role", "etl").action is Action.RETIRE
    assert Address("state_machine", "etl") in of(plan, "role", "etl").depends_on
    assert room.apply(plan).is_complete
    assert not room.plan().pending
    room.execution.add("old", SessionStatus.RUNNING, room.now - timedelta(hours=1))
    room.passes(days=15)
    held = of(room.plan(), "role", "etl")
    assert (held.action, held.retirement is not None and held.retirement.running) == (Action.NO_OP, ("old",))
    room.execution.found = []
    plan = room.plan()
    assert of(plan, "role", "etl").action is Action.DELETE
    room.execution.add("redriven", SessionStatus.RUNNING, room.now - timedelta(days=20))
    events = list(apply_plan(plan, room.ports))
    assert [event.code for event in events if isinstance(event, ChangeFailed)] == ["session-running"]
    room.execution.found = []
    assert room.apply(plan).is_complete
    assert not room.plan().pending


def test_the_role_of_schedules_goes_with_them_at_once(room: Room) -> None:
    room.workspace.edit(ETL, 'schedules: [{id: nightly, cron: "0 3 * * ? *"}]\n', "")
    assert of(room.plan(), "role", "etl", "scheduler").action is Action.DELETE


def test_a_role_that_has_to_go_before_it_is_made_anew_waits_for_its_sessions(room: Room) -> None:
    key = next(key for key, item in room.workspace.account.objects.items() if item.address == Address("role", "etl"))
    room.workspace.account.change("role", key[1], path="/moved/")
    plan = room.plan()
    assert of(plan, "role", "etl").action is Action.REPLACE
    room.execution.add("failed", SessionStatus.FAILED, room.now, room.now)
    events = list(apply_plan(plan, room.ports))
    assert [event.code for event in events if isinstance(event, ChangeFailed)] == ["session-needs-it"]
    assert key in room.workspace.account.objects
    room.passes(days=15)
    assert room.apply().is_complete
    assert not room.plan().pending


def test_an_outside_change_to_what_is_removed_still_needs_acceptance(room: Room) -> None:
    room.remove(ETL)
    key = next(key for key in room.workspace.account.objects if key[0] == "state_machine" and "etl" in key[1])
    room.workspace.account.change(*key, tracing=True)
    change = of(room.plan(), "state_machine", "etl")
    assert (change.action, change.reason) == (Action.RETIRE, Reason.REMOVED_AND_DRIFT)


def test_a_lost_state_retires_again_and_still_keeps_what_is_needed(room: Room) -> None:
    room.remove(ETL)
    room.apply()
    room.workspace.table.scopes.clear()
    room.apply()
    assert not room.plan().pending
    assert room.kinds("etl") == {"state_machine", "role", "lambda_function", "log_group"}


def moved(room: Room) -> None:
    """Rename the pipeline, in its file."""
    text = room.remove(ETL).replace("name: etl\n", "name: sales\nmoved: {from: etl}\n")
    (room.workspace.folder / "pipelines/sales.yaml").write_text(text)


def test_a_move_makes_the_new_pipeline_before_it_ends_the_old_one(room: Room) -> None:
    moved(room)
    plan = room.plan()
    machine = of(plan, "state_machine", "etl")
    assert (machine.action, machine.reason) == (Action.RETIRE, Reason.MOVED)
    assert "sales" in machine.note
    assert deletions(plan) == 0
    room.workspace.account.calls.clear()
    assert room.apply(plan).is_complete
    verbs = [(verb, kind) for verb, kind, _ in room.workspace.account.calls]
    assert verbs.index(("create", "state_machine")) < verbs.index(("delete", "schedule"))
    assert verbs.index(("delete", "schedule")) < verbs.index(("create", "schedule"))
    assert verbs.index(("create", "state_machine")) < verbs.index(("retire", "state_machine"))
    assert not room.plan().pending


def test_a_move_that_fails_leaves_the_old_pipeline_in_service(room: Room) -> None:
    moved(room)

    def fails(verb: str, name: str) -> None:
        if verb == "create" and name.endswith("sales"):
            raise AccessDenied("access-denied", "not allowed")

    room.workspace.account.before = fails
    assert not room.apply().is_complete
    assert "schedule" in room.kinds("etl")
    machine = next(
        item for key, item in room.workspace.account.objects.items() if key[0] == "state_machine" and "etl" in key[1]
    )
    assert machine.attributes["alias"] == "live"


def test_a_move_is_one_change_when_only_its_pipeline_is_planned(room: Room) -> None:
    moved(room)
    assert of(room.plan("sales"), "state_machine", "etl").action is Action.RETIRE


def test_another_name_in_aws_makes_a_new_machine_and_retires_the_old_one(room: Room) -> None:
    room.workspace.edit(ETL, "name: etl\n", "name: etl\nresource_name: sales-v2\n")
    plan = room.plan()
    by_action = {change.action for change in plan.pending if change.address.kind == "state_machine"}
    assert by_action == {Action.CREATE, Action.RETIRE}
    assert room.apply(plan).is_complete
    assert not room.plan().pending, [str(change.address) for change in room.plan().pending]
    machines = {
        name for kind, name in room.workspace.account.objects if kind == "state_machine" and ("etl" in name or "v2" in name)
    }
    assert len(machines) == 2
    role = next(item for key, item in room.workspace.account.objects.items() if item.address == Address("role", "etl"))
    assert all(name in str(role.attributes["trust"]) for name in machines)
    room.passes(days=15)
    assert room.apply().is_complete
    assert not room.plan().pending
    assert {kind for kind, name in room.workspace.account.objects if "etl" in name} >= {"role"}
    assert not [name for kind, name in room.workspace.account.objects if kind == "state_machine" and name.endswith("etl")]
    role = next(item for key, item in room.workspace.account.objects.items() if item.address == Address("role", "etl"))
    assert "stateMachine:sales-v2" in str(role.attributes["trust"])
    assert f"{role.physical_name}'" not in str(role.attributes["trust"])


def test_a_saved_plan_retires_once_and_is_finished(room: Room) -> None:
    room.remove(ETL)
    document = plan_file(room.plan(), "one")
    room.passes(hours=2)
    plan = check_saved(saved_plan(document), room.workspace.repository, room.ports).outcome.plan
    assert plan is not None
    check_shown(document, plan)
    assert room.apply(plan).is_complete


def test_a_time_that_came_up_since_a_plan_was_saved_does_not_make_it_edited(room: Room) -> None:
    room.remove(ETL)
    room.apply()
    room.workspace.edit(RAW, "name: raw", "name: raw\ntags: {team: data}")
    room.passes(days=13)
    document = plan_file(room.plan(), "one")
    room.passes(days=2)
    plan = check_saved(saved_plan(document), room.workspace.repository, room.ports).outcome.plan
    assert plan is not None
    assert {change.address.pipeline for change in plan.pending} == {"raw"}
