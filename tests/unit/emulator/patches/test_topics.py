"""Which rules a topic's policy lets publish."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.emulator.patches.topics import allows, facts_of, may_publish

RULE = "arn:aws:events:eu-west-1:111111111111:rule/shop--prod--orders--failed"
TOPIC = "arn:aws:sns:eu-west-1:111111111111:shop--prod--ops"
OURS: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Service": "events.amazonaws.com"},
    "Action": "sns:Publish",
    "Resource": TOPIC,
    "Condition": {
        "StringEquals": {"aws:SourceAccount": "111111111111"},
        "ArnLike": {"aws:SourceArn": "arn:aws:events:eu-west-1:111111111111:rule/shop--prod--*"},
    },
}


def test_the_policy_that_bunsui_writes_lets_its_rules_publish() -> None:
    assert may_publish({"Statement": [OURS]}, rule=RULE, topic=TOPIC)
    assert may_publish({"Statement": OURS}, rule=RULE, topic=TOPIC)


@pytest.mark.parametrize(
    "rule",
    [
        RULE.replace("prod", "dev"),
        RULE.replace("111111111111", "222222222222"),
        "",
    ],
)
def test_no_other_rule_may(rule: str) -> None:
    assert not may_publish({"Statement": [OURS]}, rule=rule, topic=TOPIC)


@pytest.mark.parametrize(
    "change",
    [
        {"Effect": "Deny"},
        {"Principal": {"Service": "lambda.amazonaws.com"}},
        {"Action": "sns:Subscribe"},
        {"Resource": f"{TOPIC}-other"},
        {"Condition": {"StringEquals": {"AWS:SourceOwner": "111111111111"}}},
    ],
)
def test_what_is_about_something_else_lets_nobody(change: dict[str, Any]) -> None:
    assert not may_publish({"Statement": [{**OURS, **change}]}, rule=RULE, topic=TOPIC)


def test_a_topics_own_policy_lets_no_service_publish() -> None:
    owner = {"StringEquals": {"AWS:SourceOwner": "111111111111"}}
    usual = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["SNS:Publish"], "Resource": TOPIC, "Condition": owner}
    assert not may_publish({"Statement": [usual]}, rule=RULE, topic=TOPIC)
    assert may_publish({"Statement": [{**usual, "Condition": {}}]}, rule=RULE, topic=TOPIC)


def test_a_denial_counts_whatever_else_is_allowed_and_whatever_it_asks() -> None:
    denial = {**OURS, "Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    assert not may_publish({"Statement": [OURS, denial]}, rule=RULE, topic=TOPIC)


@pytest.mark.parametrize("policy", [None, "", {}, {"Statement": "x"}, []])
def test_without_a_policy_nobody_may(policy: object) -> None:
    assert not may_publish(policy, rule=RULE, topic=TOPIC)


@pytest.mark.parametrize(
    ("change", "rule", "is_trusted"),
    [
        ({}, RULE, True),
        ({}, RULE.replace("prod", "dev"), False),
        ({"Effect": "Deny"}, RULE, False),
        ({"Principal": {"Service": "scheduler.amazonaws.com"}}, RULE, False),
        ({"Action": "sts:TagSession"}, RULE, False),
    ],
)
def test_whom_a_role_trusts_is_judged_alike_without_a_resource(change: dict[str, Any], rule: str, is_trusted: bool) -> None:
    trust = {key: value for key, value in OURS.items() if key != "Resource"} | {"Action": "sts:AssumeRole"} | change
    assert allows({"Statement": [trust]}, "sts:AssumeRole", facts_of(rule)) is is_trusted
