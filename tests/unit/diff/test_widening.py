from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given

from bunsui.diff.widening import widens
from bunsui.model.address import Address
from bunsui.model.values import Reference
from tests.unit.kinds.canonical.strategies import POLICIES

BUCKET = "arn:aws:s3:::data/*"


def allow(action: Any, resource: Any = BUCKET, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def policy(*statements: dict[str, Any]) -> Any:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@given(POLICIES)
def test_no_policy_is_wider_than_itself(found: Any) -> None:
    assert widens(found, found) == ()


@given(POLICIES)
def test_less_is_never_wider(found: Any) -> None:
    statements = found["Statement"] if isinstance(found["Statement"], list) else [found["Statement"]]
    fewer = [statement for statement in statements if statement["Effect"] == "Deny"]
    assert widens(found, {"Statement": fewer}) == ()


def test_a_new_action_is_wider() -> None:
    assert widens(policy(allow("s3:GetObject")), policy(allow(["s3:GetObject", "s3:PutObject"]))) == (("s3:PutObject", BUCKET),)


@pytest.mark.parametrize(
    "before",
    [allow("s3:*"), allow("*"), allow("S3:getobject"), allow("s3:Get*"), allow("s3:GetObject", "*"), allow("s3:Get?bject")],
)
def test_what_a_pattern_covered_is_not_new(before: Any) -> None:
    assert widens(policy(before), policy(allow("s3:GetObject"))) == ()


@pytest.mark.parametrize("after", [allow("s3:Get*"), allow("s3:GetObject", "arn:aws:s3:::*"), allow("s3:GetObject", "*")])
def test_a_pattern_is_wider_than_what_it_covers(after: Any) -> None:
    assert len(widens(policy(allow("s3:GetObject")), policy(after))) == 1


def test_a_condition_that_is_gone_is_wider_and_a_new_one_is_not() -> None:
    narrow = allow("s3:GetObject", Condition={"StringEquals": {"aws:SourceAccount": "1"}})
    assert widens(policy(narrow), policy(allow("s3:GetObject"))) == (("s3:GetObject", BUCKET),)
    assert widens(policy(allow("s3:GetObject")), policy(narrow)) == ()


def test_a_deny_that_is_gone_is_wider() -> None:
    deny = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": BUCKET}
    assert widens(policy(allow("s3:*"), deny), policy(allow("s3:*"))) == (("s3:GetObject", BUCKET),)


def test_all_but_is_covered_by_everything_and_by_itself_only() -> None:
    rest = {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}
    assert widens(policy(rest), policy(rest)) == ()
    assert widens(policy(allow("*", "*")), policy(rest)) == ()
    assert widens(policy(allow("s3:*", "*")), policy(rest)) == (("all but iam:*", "*"),)


def test_who_may_assume_a_role_counts_too() -> None:
    def trust(*services: str) -> Any:
        return policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": list(services)}})

    assert widens(trust("states.amazonaws.com"), trust("states.amazonaws.com", "lambda.amazonaws.com")) == (
        ("sts:AssumeRole", "Service:lambda.amazonaws.com"),
    )


def test_whom_a_topics_policy_lets_publish_counts_too() -> None:
    def publishing(principal: Any) -> Any:
        return policy({"Effect": "Allow", "Action": "sns:Publish", "Principal": principal, "Resource": "arn:topic"})

    ours, theirs = publishing({"Service": "events.amazonaws.com"}), publishing({"AWS": "111111111111"})
    assert widens(ours, ours) == ()
    assert widens(ours, theirs) == (("sns:Publish", "arn:topic"),)
    assert widens(publishing("*"), theirs) == ()
    assert widens(ours, publishing("*")) == (("sns:Publish", "arn:topic"),)


def test_a_resource_that_is_not_known_yet_counts_as_new() -> None:
    later = Reference(Address("lambda_function", "p", "a.b"), "arn")
    assert widens(policy(allow("s3:GetObject")), policy(allow("s3:GetObject", [later]))) == (("s3:GetObject", later),)
    assert widens(policy(allow("s3:GetObject", [later])), policy(allow("s3:GetObject", [later]))) == ()
    assert widens(policy(allow("s3:GetObject", "*")), policy(allow("s3:GetObject", [later]))) == ()


def test_nothing_is_wider_than_nothing() -> None:
    assert widens({}, {}) == ()
    assert widens({}, policy(allow("s3:GetObject"))) == (("s3:GetObject", BUCKET),)
