"""What alerts compile to: a rule for each pipeline, a topic for each channel, a template that EventBridge can fill."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from typing import Any

import pytest

from bunsui.compile.alerts import channel_resources, facts
from bunsui.compile.pipeline import compile_pipeline
from bunsui.kinds.naming import name_prefix
from bunsui.model.address import ALERTS, Address
from bunsui.model.alerts import Alert, Channel
from bunsui.model.names import RULE_NAME_LIMIT
from bunsui.model.pipeline import Job, Pipeline, RawDefinition, Schedule, SlotOffset
from bunsui.model.resource import DesiredResource, Scope
from bunsui.model.values import Reference
from tests.executing import SCOPE, echo, test_registry

TOPIC = "arn:aws:sns:eu-west-1:111111111111:oncall"
CHANNELS = {"ops": Channel(name="ops"), "oncall": Channel(name="oncall", topic=TOPIC)}
RULE = "alert_rule"
EVENT = "<aws.events.event.json>"


def pipeline(*alerts: Alert, **fields: Any) -> Pipeline:
    job = Job(name="a", operations=(echo(1),))
    return Pipeline(name="orders", path="p.yaml", jobs=(job,), alerts=alerts, **fields)


def rules(given: Pipeline, scope: Scope = SCOPE) -> list[DesiredResource]:
    made = compile_pipeline(given, scope=scope, registry=test_registry(), channels=CHANNELS)
    return [one for one in made.resources if one.address.kind == RULE]


def attribute(resource: DesiredResource, name: str) -> Any:
    return resource.attributes[name]


def test_a_pipeline_without_alerts_has_no_rule() -> None:
    assert rules(pipeline()) == []


def template(given: Pipeline, channel: str = "ops") -> str:
    return facts(CHANNELS[channel], given, SCOPE)


def filled(text: str) -> dict[str, Any]:
    """Return what the machine is given, where EventBridge does nothing but put the event there."""
    whole: dict[str, Any] = json.loads(text.replace(EVENT, '{"detail": {}}'))
    return whole


def test_alerts_of_one_event_are_one_rule_with_a_target_for_each_channel() -> None:
    (rule,) = rules(pipeline(Alert(event="failed", notify=("ops",)), Alert(event="failed", notify=("oncall", "ops"))))
    targets = attribute(rule, "targets")
    assert list(targets) == ["oncall", "ops"]
    for target in targets.values():
        assert target["arn"] == Reference(Address("state_machine", ALERTS), "arn")
        assert target["role_arn"] == Reference(Address("role", ALERTS, "rules"), "arn")
    assert filled(targets["oncall"]["template"])["topic"] == TOPIC
    assert filled(targets["ops"]["template"])["topic"] == "arn:aws:sns:us-east-1:000000000000:tests--local--ops"


def test_a_rule_is_written_after_the_topics_that_it_names() -> None:
    (rule,) = rules(pipeline(Alert(event="failed", notify=("ops", "oncall"))))
    assert rule.depends_on == (Address("state_machine", "orders"), Address("alert_topic", "@ops", "ops"))


def test_a_rule_matches_what_ends_badly_on_the_pipelines_own_machine() -> None:
    (rule,) = rules(pipeline(Alert(event="failed", notify=("ops",))))
    assert rule.attributes["pattern"] == {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {
            "stateMachineArn": [Reference(Address("state_machine", "orders"), "arn")],
            "status": ["FAILED", "TIMED_OUT", "ABORTED"],
        },
    }


def test_a_topic_lets_the_rules_of_its_environment_publish_and_nobody_else() -> None:
    (topic,) = channel_resources(CHANNELS, SCOPE)["@ops"]
    (statement,) = attribute(topic, "policy")["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Action"] == "sns:Publish"
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": SCOPE.account}
    source = statement["Condition"]["ArnLike"]["aws:SourceArn"]
    assert source.endswith(f":rule/{name_prefix(SCOPE)}*")


@pytest.mark.parametrize("name", ["orders", "o" * 64])
def test_every_rule_of_the_environment_has_a_name_that_the_topics_know(name: str) -> None:
    job = Job(name="a", operations=(echo(1),))
    (rule,) = rules(Pipeline(name=name, path="p.yaml", jobs=(job,), alerts=(Alert(event="failed", notify=("ops",)),)))
    assert len(rule.physical_name) <= RULE_NAME_LIMIT
    assert rule.physical_name.startswith(name_prefix(SCOPE))


def test_topics_that_somebody_else_makes_are_not_made() -> None:
    assert list(channel_resources(CHANNELS, SCOPE)) == ["@ops", ALERTS]
    assert list(channel_resources({"oncall": CHANNELS["oncall"]}, SCOPE)) == [ALERTS]
    assert channel_resources({}, SCOPE) == {}


def test_what_is_filled_in_is_the_event_as_the_value_of_one_member() -> None:
    (rule,) = rules(pipeline(Alert(event="failed", notify=("ops",))))
    target = attribute(rule, "targets")["ops"]
    assert target["paths"] == {}
    assert target["template"].count("<") == 1
    assert target["template"].endswith(f'"event":{EVENT}}}')


def test_the_rule_says_the_command_up_to_the_execution() -> None:
    assert shlex.split(filled(template(pipeline()))["command"]) == ["bunsui", "-e", SCOPE.environment, "show"]


def test_an_authors_text_cannot_break_the_template() -> None:
    given = pipeline(owner='<status> "a"\\\nb\x07' + "c" * 300, runbook="docs/run.md")
    text = template(given)
    assert "\\" not in text
    assert text.count("<") == text.count(">") == 1
    assert filled(text)["about"] == [f"Owner: (status) 'a'/ b{'c' * 185}", "Runbook: docs/run.md"]


@pytest.mark.parametrize(
    ("own", "slot", "told"),
    [
        (SlotOffset(), None, "its start of cron(0 3 * * ? *) in Asia/Tokyo"),
        (SlotOffset(days=-1), None, "1 day before its start of cron(0 3 * * ? *) in Asia/Tokyo"),
        (SlotOffset(days=-1), SlotOffset(seconds=-7200), "2 hours before its start of cron(0 3 * * ? *) in Asia/Tokyo"),
        (SlotOffset(), SlotOffset(days=-2, seconds=90), "2 days before and 90 seconds after its start of"),
        (SlotOffset(), SlotOffset(seconds=86400), "1 day after its start of"),
    ],
)
def test_the_rule_says_which_slot_a_run_of_a_schedule_has(own: SlotOffset, slot: SlotOffset | None, told: str) -> None:
    nightly = Schedule(id="nightly", expression="cron(0 3 * * ? *)", timezone="Asia/Tokyo", slot=slot)
    given = pipeline(slot=own, schedules=(nightly, replace(nightly, id="off", enabled=False)))
    (said,) = filled(template(given))["schedules"]
    assert said.startswith(f"Slot, where the schedule nightly started it: {told}")


def test_the_machine_gets_the_pipelines_own_offset_and_the_clocks_of_its_zones() -> None:
    nightly = Schedule(id="nightly", expression="cron(0 3 * * ? *)", timezone="Asia/Tokyo")
    given = filled(template(pipeline(timezone="Europe/Berlin", slot=SlotOffset(days=-1), schedules=(nightly,))))
    assert given["slot"] == {"zone": "Europe/Berlin", "days": -1, "seconds": 0}
    assert given["zones"]["Asia/Tokyo"] == "0/540"
    assert given["zones"]["Europe/Berlin"].startswith("0/60 26424060/120 ")


def test_a_definition_of_its_own_has_no_slot() -> None:
    given = filled(template(pipeline(definition=RawDefinition(document={}, path="m.json"))))
    assert "slot" not in given
    assert "zones" not in given


def test_a_pipeline_of_many_schedules_fits_a_template_and_keeps_its_own_zone() -> None:
    zones = ("America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "America/Santiago", "Asia/Beirut",
             "Europe/Lisbon", "Pacific/Auckland", "America/Havana", "Asia/Jerusalem", "Europe/Chisinau")  # fmt: skip
    many = tuple(
        Schedule(id=f"{'s' * 60}{number}", expression="cron(0 3 ? * MON-FRI *)", timezone=zones[number % len(zones)])
        for number in range(40)
    )
    text = template(pipeline(schedules=many, owner="o" * 300, runbook="r" * 300, timezone="Europe/London"))
    given = filled(text)
    assert len(given["schedules"]) == 5
    assert len(text) <= 8192
    assert next(iter(given["zones"])) == "Europe/London"
    assert 1 < len(given["zones"]) < len(zones) + 1
