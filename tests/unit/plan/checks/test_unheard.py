"""Alerts that reach nobody: told of topics without a subscription, and of targets that somebody else has to open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bunsui.diagnostics import Severity
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource
from bunsui.plan.checks import unheard
from bunsui.plan.model import Action, ResourceChange
from tests.unit.plan.test_checks import SCOPE, a_plan, wanting

TOPIC = Address("alert_topic", "@ops")
RULE = Address("alert_rule", "orders", "failed")


def topic(action: Action, subscribers: int | None = None) -> ResourceChange:
    actual = ActualResource(address=TOPIC, physical_name="x", attributes={}, subscribers=subscribers)
    return replace(wanting(TOPIC, action), physical_name="sales--dev--ops", actual=None if action is Action.CREATE else actual)


@pytest.mark.parametrize(
    ("change", "environment", "severity", "words"),
    [
        (topic(Action.CREATE), "dev", Severity.INFO, " yet"),
        (topic(Action.CREATE), "local", Severity.INFO, " yet"),
        (topic(Action.NO_OP, 0), "dev", Severity.WARNING, ", so its alerts reach nobody"),
        (topic(Action.UPDATE, 0), "local", Severity.INFO, ", so its alerts reach nobody"),
    ],
)
def test_a_topic_without_a_subscription_is_told_with_the_command_that_makes_one(
    change: ResourceChange, environment: str, severity: Severity, words: str
) -> None:
    plan = replace(a_plan(change), scope=replace(SCOPE, environment=environment, partition="aws-cn"))
    (found,) = unheard.check(plan)
    assert (found.code, found.severity, found.subject) == (unheard.CODE, severity, str(TOPIC))
    assert found.summary == f"nobody is subscribed to the channel ops{words}"
    arn = "arn:aws-cn:sns:eu-west-1:111111111111:sales--dev--ops"
    assert f"aws sns subscribe --region eu-west-1 --topic-arn {arn} --protocol " in found.hint
    assert ("--protocol sqs" in found.hint) is (environment == "local")
    assert ("--protocol email" in found.hint) is (environment != "local")


@pytest.mark.parametrize(
    "change",
    [
        topic(Action.NO_OP, 1),
        topic(Action.UPDATE, 2),
        topic(Action.NO_OP, None),
        replace(topic(Action.DELETE, 0), desired=None),
        replace(topic(Action.UPDATE), actual=None),
    ],
)
def test_a_topic_that_somebody_hears_or_that_nobody_asked_about_is_not_told(change: ResourceChange) -> None:
    assert not list(unheard.check(a_plan(change)))


def rule(action: Action = Action.UPDATE, known: Any = None, **targets: Any) -> ResourceChange:
    actual = ActualResource(address=RULE, physical_name="x", attributes={"targets": known})
    return replace(wanting(RULE, action, targets=targets), actual=actual)


def test_a_new_target_of_somebody_else_is_told_once() -> None:
    theirs, another, ours = {"arn": "arn:theirs"}, {"arn": "arn:another"}, {"arn": None}
    known = {"ops": theirs}
    quiet = [rule(ops=ours), rule(known=known, ops=theirs), rule(Action.NO_OP, new=another), rule(ops="x"), wanting(RULE)]
    assert not list(unheard.check(a_plan(*quiet)))
    told = rule(known=known, ops=theirs, mine=ours, new=another)
    for found in (unheard.check(a_plan(*quiet, told)), unheard.check(a_plan(told, *quiet))):
        (one,) = found
        assert (one.code, one.severity, one.subject) == (unheard.CODE, Severity.INFO, str(RULE))
        assert one.summary == "the topic of the channel new is somebody else's: its policy must let this rule publish"
    (first,) = unheard.check(a_plan(replace(told, actual=None, desired=rule(new=another).desired)))
    assert first.summary == one.summary
    other = replace(told, address=replace(RULE, kind="role"))
    assert not list(unheard.check(a_plan(other)))
