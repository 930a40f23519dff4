"""What alerts compile to: a rule for each pipeline, a topic for each channel, a message that EventBridge can write."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import Any

import pytest

from bunsui.compile.alerts import channel_topics, message
from bunsui.compile.pipeline import compile_pipeline
from bunsui.kinds.naming import name_prefix
from bunsui.model.address import Address
from bunsui.model.alerts import Alert, Channel
from bunsui.model.names import RULE_NAME_LIMIT
from bunsui.model.pipeline import Job, Pipeline, Schedule, SlotOffset
from bunsui.model.resource import DesiredResource, Scope
from bunsui.model.values import Reference
from tests.executing import SCOPE, echo, test_registry

TOPIC = "arn:aws:sns:eu-west-1:111111111111:oncall"
CHANNELS = {"ops": Channel(name="ops"), "oncall": Channel(name="oncall", topic=TOPIC)}
RULE = "alert_rule"


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


def test_alerts_of_one_event_are_one_rule_with_a_target_for_each_channel() -> None:
    (rule,) = rules(pipeline(Alert(event="failed", notify=("ops",)), Alert(event="failed", notify=("oncall", "ops"))))
    targets = attribute(rule, "targets")
    assert list(targets) == ["oncall", "ops"]
    assert targets["oncall"]["arn"] == TOPIC
    assert targets["ops"]["arn"] == Reference(Address("alert_topic", "@ops", "ops"), "arn")


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
    (topic,) = channel_topics(CHANNELS.values(), SCOPE)["@ops"]
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
    assert list(channel_topics(CHANNELS.values(), SCOPE)) == ["@ops"]


def test_a_message_is_one_text_in_quotation_marks_a_line_and_names_the_command() -> None:
    template = message(pipeline(), SCOPE)
    assert all(re.fullmatch(r'"[^"\\]*"', line) for line in template.splitlines())
    (command,) = re.findall(r'"  (bunsui .*?)  "', template)
    assert shlex.split(command.replace("<execution>", "EXECUTION")) == [
        "bunsui", "-e", SCOPE.environment, "show", "EXECUTION",
    ]  # fmt: skip


def test_what_is_filled_in_is_formed_by_aws_and_never_by_an_author() -> None:
    (rule,) = rules(pipeline(Alert(event="failed", notify=("ops",))))
    targets = attribute(rule, "targets")
    assert dict(targets["ops"]["paths"]) == {
        "at": "$.time",
        "execution": "$.detail.executionArn",
        "name": "$.detail.name",
        "status": "$.detail.status",
    }
    assert set(re.findall(r"<([^<>]*)>", targets["ops"]["template"])) == set(targets["ops"]["paths"])


def test_an_authors_text_cannot_break_the_template() -> None:
    template = message(pipeline(owner='<status> "a"\\\nb\x07' + "c" * 300, runbook="docs/run.md"), SCOPE)
    lines = template.splitlines()
    assert all(re.fullmatch(r'"[^"\\]*"', line) for line in lines)
    assert f"\"Owner: (status) 'a'/ b{'c' * 185}\"" in lines
    assert '"Runbook: docs/run.md"' in lines
    assert len(template) < 8192


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
def test_a_message_tells_which_slot_a_run_of_a_schedule_has(own: SlotOffset, slot: SlotOffset | None, told: str) -> None:
    nightly = Schedule(id="nightly", expression="cron(0 3 * * ? *)", timezone="Asia/Tokyo", slot=slot)
    template = message(pipeline(slot=own, schedules=(nightly, replace(nightly, id="off", enabled=False))), SCOPE)
    assert f'"Slot, where the schedule nightly started it: {told}' in template
    assert "schedule off" not in template


def test_a_message_with_many_schedules_fits_a_template() -> None:
    many = tuple(
        Schedule(id=f"{'s' * 60}{number}", expression="cron(0 3 ? * MON-FRI *)", timezone="America/Argentina/Buenos_Aires")
        for number in range(40)
    )
    template = message(pipeline(schedules=many, owner="o" * 300, runbook="r" * 300), SCOPE)
    assert template.count("Slot, where") == 5
    assert len(template) < 8192
    assert all(re.fullmatch(r'"[^"\\]*"', line) for line in template.splitlines())
