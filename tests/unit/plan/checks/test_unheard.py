"""Alerts that reach nobody: told of topics without a subscription, and of targets that somebody else has to open."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bunsui.diagnostics import Severity
from bunsui.diff.model import ChangeOperation, DiffItem, ResourceDiff, Section
from bunsui.model.address import ALERTS, Address
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


ROLE = Address("role", ALERTS)


def item(attribute: str) -> DiffItem:
    return DiffItem(
        section=Section.ATTRIBUTE, subject=attribute, path=(), operation=ChangeOperation.CHANGED, attribute=attribute
    )


def role(action: Action = Action.UPDATE) -> ResourceChange:
    return replace(wanting(ROLE, action), physical_name="sales--dev--_alerts")


def keyed(action: Action, key: str = "arn:key") -> ResourceChange:
    change = replace(wanting(TOPIC, action, encryption_key=key), physical_name="sales--dev--ops")
    return replace(change, actual=ActualResource(address=TOPIC, physical_name="x", attributes={}, subscribers=1))


def test_a_key_must_let_the_role_use_it_from_the_day_on_which_either_is_new() -> None:
    new_key = replace(keyed(Action.UPDATE), diff=ResourceDiff(items=(item("encryption_key"),)))
    for changes in ([keyed(Action.NO_OP), role(Action.CREATE)], [new_key, role()]):
        (found,) = unheard.check(a_plan(*changes))
        assert (found.code, found.severity, found.subject) == (unheard.CODE, Severity.INFO, str(TOPIC))
        assert found.summary == "the key of the channel ops must let the role sales--dev--_alerts use it"
    quiet = [keyed(Action.UPDATE), role()], [keyed(Action.NO_OP, ""), role(Action.CREATE)], [new_key]
    assert not [found for changes in quiet for found in unheard.check(a_plan(*changes))]


def rule(action: Action = Action.UPDATE, known: Any = None, ours: tuple[str, ...] = (), **targets: Any) -> ResourceChange:
    actual = ActualResource(address=RULE, physical_name="x", attributes={"targets": known})
    needs = tuple(Address("alert_topic", f"@{name}", name) for name in ours)
    return replace(wanting(RULE, action, targets=targets), actual=actual, depends_on=needs)


def test_a_new_target_of_somebody_else_is_told_once() -> None:
    known: dict[str, Any] = {"ops": {}}
    quiet = [rule(ours=("ops",), ops={}), rule(known=known, ops={}), rule(Action.NO_OP, new={}), wanting(RULE), role()]
    assert not list(unheard.check(a_plan(*quiet)))
    told = rule(known=known, ours=("mine",), ops={}, mine={}, new={})
    for found in (unheard.check(a_plan(*quiet, told)), unheard.check(a_plan(told, *quiet))):
        (one,) = found
        assert (one.code, one.severity, one.subject) == (unheard.CODE, Severity.INFO, str(RULE))
        kept_out = "neither its policy nor its key may keep the role sales--dev--_alerts out"
        assert one.summary == f"the topic of the channel new is somebody else's: {kept_out}"
    (first,) = unheard.check(a_plan(role(), replace(told, actual=None, desired=rule(new={}).desired)))
    assert first.summary == one.summary
    (alone,) = unheard.check(a_plan(rule(new={})))
    assert alone.summary.endswith("may keep the role of the alerts out")
    other = replace(told, address=replace(RULE, kind="role"))
    assert not list(unheard.check(a_plan(other)))
