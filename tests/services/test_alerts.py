"""Alerts in a plan, an apply and a status: the rules are the pipelines', the topics are the channels'."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC
from pathlib import Path

import pytest

from bunsui.diagnostics import Severity
from bunsui.errors import NotFound
from bunsui.model.address import ALERTS, Address
from bunsui.model.values import Value
from bunsui.plan.model import Action, PipelineFacts, Plan, Risk
from bunsui.project.branch_diff import changed_pipelines
from bunsui.project.compile import compile_project
from bunsui.services.overview.standing import PipelineStanding
from bunsui.services.plan import plan_project
from bunsui.services.plan_request import PlanRequest, Removal
from bunsui.services.status import project_status
from bunsui.testkit.sessions import MemorySessionRepository
from bunsui.view.plan.model import plan_view
from bunsui.view.plan.text import plan_lines
from bunsui.view.spans import plain
from bunsui.view.status_view import next_command, status_lines
from tests.edited_plans import edited_plan, kept_text
from tests.fakes.plans import destroy_plan
from tests.fakes.workspace import Workspace, a_workspace

RULE, TOPIC = Address("alert_rule", "etl", "failed"), Address("alert_topic", "@ops", "ops")
MACHINE = Address("state_machine", ALERTS)
CHANNELS = "channels: {ops: {type: sns}, mail: {type: sns}}\n"


@pytest.fixture
def room(tmp_path: Path) -> Workspace:
    made = a_workspace(tmp_path, "etl")
    with (made.folder / "bunsui.yaml").open("a") as file:
        file.write(CHANNELS)
    made.edit("pipelines/etl.yaml", "name: etl\n", "name: etl\nalerts: [{event: failed, notify: [ops]}]\n")
    return made


def planned(room: Workspace, *select: str, removal: Removal = Removal.RETIRE) -> Plan:
    outcome = plan_project(room.repository, room.ports, PlanRequest(select=select, removal=removal))
    assert outcome.plan is not None, outcome.diagnostics
    return outcome.plan


def text(plan: Plan) -> str:
    return plain(plan_lines(plan_view(plan)))


def actions(plan: Plan) -> dict[Address, Action]:
    return {change.address: change.action for change in plan.changes}


def test_what_was_applied_is_in_sync(room: Workspace) -> None:
    assert room.apply().is_complete
    assert {RULE, TOPIC, MACHINE} <= room.ports.state.applied().keys()
    assert not planned(room).pending


def test_a_selected_pipeline_brings_the_topics_along_that_it_tells(room: Workspace) -> None:
    plan = planned(room, "etl")
    assert {address.pipeline for address in actions(plan)} == {"etl", "@ops", ALERTS}
    assert {address.pipeline for address in actions(planned(room, "@mail"))} == {"@mail"}
    assert {address.pipeline for address in actions(planned(room, ALERTS))} == {ALERTS}
    with pytest.raises(NotFound, match="there is no pipeline of that name"):
        planned(room, "@pager")
    room.edit("bunsui.yaml", CHANNELS, "")
    room.edit("pipelines/etl.yaml", "alerts: [{event: failed, notify: [ops]}]\n", "")
    with pytest.raises(NotFound, match="there is no pipeline of that name"):
        planned(room, ALERTS)


def test_topic_and_machine_are_made_before_the_rule_and_go_after_it(room: Workspace) -> None:
    made = [change.address for change in planned(room).changes]
    assert {TOPIC, MACHINE, RULE} <= set(made)
    needs = next(change.depends_on for change in planned(room).changes if change.address == RULE)
    assert {TOPIC, MACHINE, Address("role", ALERTS, "rules")} <= set(needs)
    room.apply()
    gone = {change.address: change for change in destroy_plan(room.repository, room.ports).changes}
    assert gone[RULE].action is gone[TOPIC].action is gone[MACHINE].action is Action.DELETE
    assert RULE in gone[TOPIC].depends_on
    assert RULE in gone[MACHINE].depends_on


def test_a_new_alert_is_told_in_the_authors_words(room: Workspace) -> None:
    room.apply()
    room.edit("pipelines/etl.yaml", "notify: [ops]", "notify: [ops, mail]")
    told = text(planned(room))
    assert "alert failed: notify [ops] → [mail, ops]" in told
    room.apply()
    room.edit("pipelines/etl.yaml", "alerts: [{event: failed, notify: [ops, mail]}]\n", "")
    plan = planned(room)
    assert "alert failed removed, notified mail, ops" in text(plan)
    assert actions(plan)[RULE] is Action.DELETE
    assert actions(plan)[TOPIC] is Action.NO_OP, "who subscribed has confirmed it"


def test_an_alert_of_the_project_is_each_pipelines_that_has_none(room: Workspace) -> None:
    room.apply()
    room.edit("pipelines/etl.yaml", "alerts: [{event: failed, notify: [ops]}]\n", "")
    room.edit("bunsui.yaml", CHANNELS, f"{CHANNELS}alerts: [{{event: failed, notify: [mail]}}]\n")
    told = text(planned(room))
    assert "alert failed: notify [ops] → [mail]" in told
    room.edit("pipelines/etl.yaml", "name: etl\n", "name: etl\nalerts: []\n")
    assert "alert failed removed, notified ops" in text(planned(room))


def test_a_rule_stays_with_a_retired_machine_whose_sessions_may_still_fail(room: Workspace) -> None:
    room.apply()
    (room.folder / "pipelines/etl.yaml").unlink()
    (room.folder / "pipelines/other.yaml").write_text("version: 1\nname: other\njobs: {a: {type: wait, for: 1m}}\n")
    plan = planned(room)
    assert actions(plan)[Address("state_machine", "etl")] is Action.RETIRE
    assert actions(plan)[RULE] is Action.NO_OP
    room.edit("bunsui.yaml", CHANNELS, "")
    kept = actions(planned(room))
    assert kept[TOPIC] is kept[MACHINE] is kept[Address("role", ALERTS)] is Action.NO_OP, "the rule still tells by them"
    assert kept[Address("role", ALERTS, "rules")] is Action.NO_OP
    assert actions(planned(room, removal=Removal.AT_ONCE))[TOPIC] is Action.DELETE


def test_the_machine_goes_at_once_with_the_last_channel_where_no_rule_is(room: Workspace) -> None:
    room.edit("pipelines/etl.yaml", "alerts: [{event: failed, notify: [ops]}]\n", "")
    room.apply()
    room.edit("bunsui.yaml", CHANNELS, "")
    gone = {address for address, action in actions(planned(room)).items() if action is Action.DELETE}
    assert {address for address in gone if address.pipeline == ALERTS} == {
        MACHINE, Address("role", ALERTS), Address("role", ALERTS, "rules"),
    }  # fmt: skip


def test_the_loss_of_a_topic_is_the_loss_of_who_subscribed(room: Workspace) -> None:
    room.apply()
    room.edit("bunsui.yaml", ", mail: {type: sns}", "")
    plan = planned(room)
    assert [finding.summary for finding in plan.diagnostics if finding.code == "BS501"] == [
        "the subscriptions of 1 alert topic go, and have to be confirmed anew"
    ]
    risks = {change.address.pipeline: change.risk for change in plan.pending}
    assert risks == {"@mail": Risk.DESTROYS, ALERTS: Risk.COSMETIC}, "no session runs with the role that may publish less"


def test_a_rule_that_was_switched_off_by_hand_is_drift(room: Workspace) -> None:
    room.apply()
    key = next(key for key in room.account.objects if key[0] == "alert_rule")
    known = room.account.objects[key]
    room.account.objects[key] = replace(known, attributes={**known.attributes, "enabled": False}, revision="by hand")
    told = text(planned(room))
    assert "alert rule failed  changed outside bunsui" in told
    assert "enabled: false → true" in told


def test_nobody_subscribed_is_said_of_new_topics_and_of_those_that_stay_so(room: Workspace) -> None:
    def unheard(plan: Plan) -> list[tuple[Severity, str]]:
        return [(found.severity, found.summary) for found in plan.diagnostics if found.code == "BS531"]

    assert unheard(planned(room, "@ops")) == [(Severity.INFO, "nobody is subscribed to the channel ops yet")]
    room.apply()
    key = next(key for key in room.account.objects if key[0] == "alert_topic" and key[1].endswith("--ops"))
    room.account.objects[key] = replace(room.account.objects[key], subscribers=0)
    assert unheard(planned(room, "@ops")) == [
        (Severity.INFO, "nobody is subscribed to the channel ops, so its alerts reach nobody")
    ]
    room.account.objects[key] = replace(room.account.objects[key], subscribers=1)
    assert unheard(planned(room, "@ops")) == []


def test_the_status_lists_channels_apart_and_offers_to_run_none(room: Workspace) -> None:
    room.apply()
    status = project_status(room.repository, room.ports, MemorySessionRepository())
    assert [one.name for one in status.pipelines] == ["etl"]
    assert [(one.name, one.standing) for one in status.channels] == [
        ("mail", PipelineStanding.IN_SYNC),
        ("ops", PipelineStanding.IN_SYNC),
    ]
    assert next_command(status)[0] == "bunsui run etl"
    key = next(key for key in room.account.objects if key[0] == "state_machine" and key[1].endswith("_alerts"))
    known = room.account.objects[key]
    room.account.objects[key] = replace(known, attributes={**known.attributes, "tracing": True}, revision="by hand")
    status = project_status(room.repository, room.ports, MemorySessionRepository())
    assert status.alerts is not None
    assert (status.alerts.standing, status.alerts.changes) == (PipelineStanding.DRIFTED, 1)
    assert "machine of the alerts drifted" in plain(status_lines(status, zone=UTC))
    assert next_command(status)[0] == "bunsui plan"


def test_a_rule_of_an_older_bunsui_is_changed_where_it_is_when_all_is_there_that_it_needs(room: Workspace) -> None:
    now = compile_project(room.repository).resources
    direct: Mapping[str, Value] = {"ops": {"arn": "arn:topic", "paths": {"at": "$.time"}, "template": '"<at>"'}}
    before = [
        replace(one, attributes={**one.attributes, "targets": direct}) if one.address == RULE else one
        for one in now
        if one.address.pipeline != ALERTS
    ]
    facts = PipelineFacts(name="p", path="p.yaml")
    plan = edited_plan(room.repository.scope, before, now, kept=kept_text("{}"), facts=facts)
    found = actions(plan)
    assert found[RULE] is Action.UPDATE
    assert {address for address, action in found.items() if action is Action.CREATE} == {
        MACHINE, Address("role", ALERTS), Address("role", ALERTS, "rules"),
    }  # fmt: skip
    assert found[TOPIC] is Action.NO_OP, "the old rule still publishes by its policy until then"
    (change,) = [change for change in plan.changes if change.address == RULE]
    assert {MACHINE, Address("role", ALERTS, "rules")} <= set(change.depends_on)


def test_a_branch_that_changes_a_channel_changes_its_topic_what_may_publish_there_and_no_pipeline(room: Workspace) -> None:
    before = compile_project(room.repository)
    room.edit("bunsui.yaml", "ops: {type: sns}", "ops: {type: sns}, new: {type: sns}")
    assert changed_pipelines(compile_project(room.repository), before) == {"@new", ALERTS}


def test_where_alerts_are_disabled_nothing_is_made_of_them(room: Workspace) -> None:
    room.edit("bunsui.yaml", CHANNELS, f"{CHANNELS}environments: {{local: {{alerts: disabled}}}}\n")
    planned_now = actions(planned(room))
    assert not {address.kind for address in planned_now} & {"alert_rule", "alert_topic"}
    assert not [address for address in planned_now if address.pipeline == ALERTS]
