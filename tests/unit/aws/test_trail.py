"""Events of CloudTrail: what they mention, which are left out, and where they are asked for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bunsui.aws.trail import event_of, global_region

AT = datetime(2026, 3, 1, tzinfo=UTC)


def record(name: str, parameters: object, **more: object) -> dict[str, Any]:
    return {"EventName": name, "EventTime": AT, "CloudTrailEvent": json.dumps({"requestParameters": parameters, **more})}


@pytest.mark.parametrize(
    ("name", "parameters", "mentioned"),
    [
        ("UpdateStateMachine", {"stateMachineArn": "arn:aws:states:eu-west-1:1:stateMachine:shop--a"}, "shop--a"),
        ("UpdateStateMachineAlias", {"stateMachineAliasArn": "arn:aws:states:x:1:stateMachine:shop--a:live"}, "shop--a"),
        ("PutRolePolicy", {"roleName": "shop--prod--a", "policyName": "bunsui"}, "shop--prod--a"),
        ("TagResource", {"resourceArn": "arn:aws:logs:eu-west-1:1:log-group:/aws/lambda/shop--a:*"}, "/aws/lambda/shop--a"),
        ("TagResource", {"ResourceArn": "arn:aws:scheduler:eu-west-1:1:schedule-group/shop--a"}, "shop--a"),
        ("TagResource20170331v2", {"resource": "arn:aws:lambda:eu-west-1:1:function:shop--a"}, "shop--a"),
        ("CreateFunction20150331", {"functionName": "111111111111:function:shop--a"}, "shop--a"),
        ("UpdateSchedule", {"name": "daily", "groupName": "shop--a"}, "shop--a"),
    ],
)  # fmt: skip
def test_an_event_mentions_the_name_whatever_it_stands_in(name: str, parameters: object, mentioned: str) -> None:
    event = event_of(record(name, parameters))
    assert event is not None
    assert mentioned in event.subjects


def test_a_call_that_failed_changed_nothing() -> None:
    assert event_of(record("UpdateStateMachine", {"stateMachineArn": "a"}, errorCode="AccessDenied")) is None


@pytest.mark.parametrize("text", ["", "not json", "[]", "{}", '{"requestParameters": null}'])
def test_an_event_that_cannot_be_read_mentions_nothing(text: str) -> None:
    event = event_of({"EventName": "UpdateStateMachine", "EventTime": AT, "CloudTrailEvent": text})
    assert event is not None
    assert event.subjects == frozenset()


def test_documents_are_no_names() -> None:
    event = event_of(record("PutRolePolicy", {"roleName": "a", "policyDocument": "x:" * 2000}))
    assert event is not None
    assert event.subjects == {"a"}


def test_events_of_global_services_are_kept_in_one_region_of_the_partition() -> None:
    assert [global_region(region) for region in ("eu-west-1", "cn-northwest-1", "us-gov-east-1")] == [
        "us-east-1",
        "cn-north-1",
        "us-gov-west-1",
    ]


@pytest.mark.parametrize(
    ("more", "username", "who"),
    [
        ({"userIdentity": {"arn": "arn:aws:sts::1:assumed-role/ops/alice"}}, "alice", "arn:aws:sts::1:assumed-role/ops/alice"),
        ({"userIdentity": {"invokedBy": "cloudformation.amazonaws.com"}}, "", "cloudformation.amazonaws.com"),
        ({"userIdentity": "text"}, "alice", "alice"),
        ({}, "", ""),
    ],
)
def test_an_event_says_who_made_the_call(more: dict[str, Any], username: str, who: str) -> None:
    event = event_of({**record("PutRolePolicy", {"roleName": "a"}, **more), "Username": username, "EventId": "e-1"})
    assert event is not None
    assert (event.who, event.id) == (who, "e-1")
