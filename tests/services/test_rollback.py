"""A rollback leads a pipeline to an earlier version, and holds it there until it is released or the pipeline changes."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bunsui.apply.events import ApplyEvent, ApplyFinished
from bunsui.errors import AccessDenied, BunsuiError, Conflict, InvalidInput, NotFound, Refused
from bunsui.model.deployments.deployment import Deployment, DeploymentAct
from bunsui.model.deployments.interventions import Hold
from bunsui.model.resource import ActualResource
from bunsui.plan.model import Action, Plan, Reason
from bunsui.refresh.ports import ReconcilePorts
from bunsui.services.apply.admission import Admission, admit, carry_out
from bunsui.services.apply.patience import Patience
from bunsui.services.apply.questions import HoldQuestion
from bunsui.services.apply.request import Accepted, Answers, ApplyRequest
from bunsui.services.audit import audit
from bunsui.services.deployments.rollback import Move, carry_out_move, look_before_release, look_before_rollback
from tests.fakes.versions import MemoryVersions
from tests.fakes.workspace import Workspace, a_workspace

RAW = "pipelines/definitions/raw.asl.json"
HELD = "BS545"
NOTHING = Accepted()


@dataclass
class Room:
    """Two pipelines in memory, of which `raw` is the one that is moved."""

    workspace: Workspace
    seconds: int = 1
    versions: MemoryVersions = field(init=False)

    def __post_init__(self) -> None:
        self.versions = MemoryVersions(self.workspace.account)

    @property
    def ports(self) -> ReconcilePorts:
        return replace(self.workspace.ports, aliases=self.versions)

    def deploy(self) -> str:
        """Change the pipeline and apply; return the ARN of the version."""
        self.change()
        assert self.workspace.apply().is_complete
        return self.leads

    def change(self) -> None:
        self.workspace.edit(RAW, f'"Seconds": {self.seconds}', f'"Seconds": {self.seconds + 1}')
        self.seconds += 1

    @property
    def machine(self) -> ActualResource:
        return next(one for key, one in self.workspace.account.objects.items() if key[0] == "state_machine" and "raw" in key[1])

    @property
    def leads(self) -> str:
        return self.machine.outputs["version_arn"]

    def look(self, to: str | None = None) -> Move:
        return look_before_rollback(self.ports, "raw", to=to)

    def roll_back(self, to: str | None = None) -> Deployment:
        return carry_out_move(self.ports, self.look(to), reason="totals doubled", patience=Patience(seconds=0))

    def release(self) -> Deployment:
        return carry_out_move(self.ports, look_before_release(self.ports, "raw"), reason="fixed", patience=Patience(seconds=0))

    def plan(self) -> Plan:
        plan = self.workspace.plan().plan
        assert plan is not None
        return plan

    @property
    def hold(self) -> Hold | None:
        return self.ports.ledger.deployed.interventions().holds.get("raw")

    def records(self) -> list[tuple[str, str]]:
        found = self.ports.ledger.deployed.deployments("raw")
        return [(one.act.value, one.version_arn) for one in found]

    def admit(self, *, accepted: Accepted = NOTHING, in_ci: bool = False) -> Admission:
        request = ApplyRequest(plan=self.plan(), answers=Answers(agreed=True), accepted=accepted, in_ci=in_ci)
        repository = replace(self.workspace.repository, is_local=False)
        return admit(request, repository, self.ports)

    def carry_out(self, admission: Admission) -> ApplyFinished:
        events: list[ApplyEvent] = list(carry_out(admission, self.ports))
        assert isinstance(events[-1], ApplyFinished)
        return events[-1]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """The pipeline was applied twice."""
    room = Room(a_workspace(tmp_path, "etl", "raw"))
    room.workspace.apply()
    room.deploy()
    return room


def test_an_apply_records_which_version_it_deployed_and_where_the_alias_led(room: Room) -> None:
    newest, first = room.ports.ledger.deployed.deployments("raw")
    assert (newest.version_arn, newest.before) == (room.leads, first.version_arn)
    assert (newest.act, newest.who) == (DeploymentAct.APPLIED, "arn:aws:iam::111111111111:user/mika")
    assert (first.is_first, newest.is_first) == (True, False)
    assert isinstance(newest.role_policy, dict)


def test_what_an_apply_leaves_as_it_is_is_not_recorded_again(room: Room) -> None:
    before = room.records()
    assert room.workspace.apply().is_complete
    assert room.records() == before


def test_a_rollback_leads_the_alias_where_it_led_before_the_last_apply(room: Room) -> None:
    [newest, first] = [version for _, version in room.records()]
    done = room.roll_back()
    assert (room.leads, done.before) == (first, newest)
    assert room.records()[0] == ("rolled back", first)
    assert room.hold is not None
    assert (room.hold.version_arn, room.hold.reason) == (first, "totals doubled")
    assert [one for one in room.workspace.account.calls if one[0] == "lead"] == [
        ("lead", "state_machine", room.machine.physical_name)
    ]


def test_a_rollback_is_audited(room: Room) -> None:
    room.roll_back()
    trail = audit(room.ports, room.workspace.acts)
    assert trail.is_whole
    assert (trail.records[0].operation, trail.records[0].outcome) == ("rollback", "complete")
    assert trail.records[0].facts["reason"] == "totals doubled"


def test_a_held_pipeline_is_in_sync_and_every_plan_tells(room: Room) -> None:
    room.roll_back()
    plan = room.plan()
    assert not plan.pending
    [told] = [found for found in plan.diagnostics if found.code == HELD]
    assert "totals doubled" in told.summary
    assert told.hint is not None
    assert "--release" in told.hint


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_twenty_applies_of_something_else_leave_the_hold_and_the_alias(room: Room, seed: int) -> None:
    lot = random.Random(seed)
    room.roll_back()
    held, leads = room.hold, room.leads
    minutes = 15
    for _ in range(20):
        if lot.random() < 0.5:
            room.workspace.edit("pipelines/etl.yaml", f"timeout: {minutes}m", f"timeout: {minutes + 1}m")
            minutes += 1
        else:
            name = next(name for kind, name in room.workspace.account.objects if kind == "log_group" and "etl" in name)
            room.workspace.account.change("log_group", name, retention_days=lot.choice((1, 3, 5, 7)))
        if lot.random() < 0.2:
            assert room.workspace.apply("etl").is_complete
        else:
            assert room.workspace.apply().is_complete
        assert (room.hold, room.leads) == (held, leads)
        assert HELD in {found.code for found in room.plan().diagnostics}


def test_a_change_beside_the_machine_leaves_the_hold(room: Room) -> None:
    room.roll_back()
    held = room.hold
    name = next(name for kind, name in room.workspace.account.objects if kind == "role" and "raw" in name)
    room.workspace.account.change("role", name, description="by hand")
    assert [change.address.kind for change in room.plan().pending] == ["role"]
    assert not any(isinstance(one, HoldQuestion) for one in room.admit().questions)
    assert room.workspace.apply().is_complete
    assert room.hold == held


def test_a_change_of_the_pipeline_ends_the_hold_when_somebody_agrees(room: Room) -> None:
    room.roll_back()
    room.change()
    [change] = room.plan().pending
    assert (change.action, change.reason, change.drift) == (Action.UPDATE, Reason.CONFIGURED, ())
    [question] = room.admit().questions
    assert question == HoldQuestion(name="raw", version=room.leads.rpartition(":")[2], reason="totals doubled")
    with pytest.raises(Refused):
        room.carry_out(room.admit())
    assert room.records()[0][0] == "rolled back"
    assert room.carry_out(room.admit().answered(question)).is_complete
    assert room.hold is None
    assert room.records()[0] == ("applied", room.leads)
    assert not room.plan().pending


def test_in_ci_a_held_pipeline_is_left_and_the_others_are_applied(room: Room) -> None:
    room.roll_back()
    leads = room.leads
    room.change()
    room.workspace.edit("pipelines/etl.yaml", "timeout: 15m", "timeout: 16m")
    admission = room.admit(in_ci=True)
    assert {name: error.code for name, error in admission.division.left.items()} == {"raw": "hold-not-ended"}
    done = room.carry_out(admission)
    assert (done.left, done.failed) == (1, 0)
    assert room.leads == leads
    agreed = room.admit(in_ci=True, accepted=Accepted(ended_holds=frozenset({"raw"})))
    assert room.carry_out(agreed).is_complete
    assert room.hold is None


def test_a_hold_of_a_pipeline_that_is_not_in_the_plan_cannot_be_ended(room: Room) -> None:
    admission = room.admit(in_ci=True, accepted=Accepted(ended_holds=frozenset({"rwa"})))
    assert isinstance(admission.refusal, InvalidInput)


def test_a_release_leads_back_to_what_was_applied_last(room: Room) -> None:
    newest = room.leads
    room.roll_back()
    assert room.release().version_arn == newest
    assert (room.leads, room.hold) == (newest, None)
    assert room.records()[0] == ("released", newest)
    plan = room.plan()
    assert not plan.pending
    assert HELD not in {found.code for found in plan.diagnostics}


def test_what_is_not_held_cannot_be_released(room: Room) -> None:
    with pytest.raises(InvalidInput, match="not held"):
        room.release()


def test_a_second_rollback_goes_further_back(room: Room) -> None:
    versions = [room.records()[-1][1], room.leads, room.deploy()]
    room.roll_back()
    assert room.leads == versions[1]
    room.roll_back()
    assert room.leads == versions[0]
    with pytest.raises(Refused, match="nothing is known of an earlier version"):
        room.roll_back()


def test_a_rollback_goes_to_the_actual_state_before_the_apply(room: Room) -> None:
    """Somebody had led the alias to the first version by hand; the apply after that went on from there."""
    first = room.records()[-1][1]
    room.versions.lead(room.machine.outputs["alias_arn"], first)
    room.deploy()
    room.roll_back()
    assert room.leads == first


def test_a_version_can_be_named(room: Room) -> None:
    first, newest = room.records()[-1][1], room.leads
    room.deploy()
    room.roll_back(first.rpartition(":")[2])
    assert room.leads == first
    room.roll_back(newest.rpartition(":")[2])
    assert room.leads == newest


@pytest.mark.parametrize("to", ["", "x", "-1", "1.5", "٣"])
def test_what_is_no_version_is_refused(room: Room, to: str) -> None:
    with pytest.raises(InvalidInput):
        room.look(to)


def test_the_version_that_runs_is_refused(room: Room) -> None:
    with pytest.raises(InvalidInput, match="run that version already"):
        room.look(room.leads.rpartition(":")[2])


def test_a_version_that_was_removed_is_refused_with_the_next_step(room: Room) -> None:
    first = room.records()[-1][1]
    room.versions.removed.add(first)
    with pytest.raises(NotFound, match="removed") as caught:
        room.roll_back()
    assert "bunsui apply raw" in str(caught.value.hint)
    assert room.hold is None


def test_a_version_that_is_removed_meanwhile_leaves_no_hold(room: Room) -> None:
    move, leads = room.look(), room.leads
    room.versions.removed.add(move.to_arn)
    with pytest.raises(BunsuiError):
        carry_out_move(room.ports, move, reason="x", patience=Patience(seconds=0))
    assert (room.hold, room.leads) == (None, leads)


def test_what_aws_denies_leaves_the_former_hold(room: Room) -> None:
    room.deploy()
    room.roll_back()
    held = room.hold

    def denied(verb: str, name: str) -> None:
        raise AccessDenied("access-denied", "not allowed")

    room.workspace.account.before = denied
    with pytest.raises(AccessDenied):
        room.roll_back()
    assert room.hold == held
    assert room.ports.ledger.log.applies(limit=1)[0].outcome == "failed"


def test_a_pipeline_that_was_deployed_meanwhile_is_not_moved(room: Room) -> None:
    move = room.look()
    leads = room.deploy()
    with pytest.raises(Conflict, match="deployed the pipeline meanwhile"):
        carry_out_move(room.ports, move, reason="x", patience=Patience(seconds=0))
    assert (room.hold, room.leads) == (None, leads)


def test_an_unknown_pipeline_is_refused_with_the_one_that_was_meant(room: Room) -> None:
    with pytest.raises(NotFound) as caught:
        look_before_rollback(room.ports, "rwa")
    assert "raw" in str(caught.value.hint)


def test_rights_that_the_role_lost_are_told(room: Room) -> None:
    address = next(one for one in room.ports.state.applied() if one.kind == "role" and one.pipeline == "raw")
    role = room.ports.state.applied()[address]
    assert not room.look().missing_rights
    room.ports.state.put(replace(role, attributes={**role.attributes, "policy": {"Version": "2012-10-17", "Statement": []}}))
    assert ("logs:CreateLogDelivery", "*") in room.look().missing_rights


def test_a_machine_that_was_made_anew_forgets_the_versions_of_the_former_one(room: Room) -> None:
    room.workspace.account.objects.pop(("state_machine", room.machine.physical_name))
    room.workspace.apply()
    with pytest.raises(Refused, match="nothing is known of an earlier version"):
        room.look()
