"""What the policies of a role say of a call: nothing that AWS allows is refused, and what nobody allows is."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.emulator.access.permission import Ruling, denial, verdict

TABLE = "arn:aws:dynamodb:eu-west-1:111111111111:table/ledger"
READ = "dynamodb:GetItem"


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(**fields: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": READ, "Resource": TABLE, **fields}


def deny(**fields: Any) -> dict[str, Any]:
    return {**allow(**fields), "Effect": "Deny"}


@pytest.mark.parametrize(
    "statement",
    [
        allow(),
        allow(Action=["s3:GetObject", "DynamoDB:get*"]),
        allow(Action="*", Resource="*"),
        allow(Resource=["arn:aws:s3:::x", "arn:aws:dynamodb:*:*:table/led?er"]),
        allow(Resource="arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/team}"),
        allow(Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}),
        {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"},
        {"Effect": "Allow", "Action": READ, "NotResource": "arn:aws:dynamodb:*:*:table/other"},
    ],
)
def test_what_a_statement_allows_is_allowed(statement: dict[str, Any]) -> None:
    assert verdict([policy(), policy(statement)], READ, TABLE) is Ruling.ALLOWED


@pytest.mark.parametrize(
    "statement",
    [
        allow(Action="dynamodb:PutItem"),
        allow(Resource=f"{TABLE}/index/*"),
        allow(Resource="arn:aws:dynamodb:eu-west-1:111111111111:table/LEDGER"),
        {"Effect": "Allow", "NotAction": "dynamodb:*", "Resource": "*"},
        {"Effect": "Allow", "Action": READ, "NotResource": "arn:aws:dynamodb:*"},
        {"Action": READ, "Resource": TABLE},
    ],
)
def test_what_no_statement_allows_is_not(statement: dict[str, Any]) -> None:
    assert verdict([policy(statement)], READ, TABLE) is Ruling.NOT_ALLOWED
    assert verdict([{"Statement": statement}], READ, TABLE) is Ruling.NOT_ALLOWED, "a single statement needs no list"


def test_a_statement_that_denies_wins_unless_it_has_a_condition() -> None:
    everything = policy(allow(Action="*", Resource="*"))
    assert verdict([everything, policy(deny())], READ, TABLE) is Ruling.DENIED
    assert verdict([everything, policy(deny(Condition={"Bool": {}}))], READ, TABLE) is Ruling.ALLOWED
    elsewhere = {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::*"}
    assert verdict([everything, policy(elsewhere)], READ, TABLE) is Ruling.DENIED


def test_of_an_unknown_resource_only_the_action_is_judged() -> None:
    assert verdict([policy(allow())], READ, "") is Ruling.ALLOWED
    assert verdict([policy(allow(Action="*", Resource="*"), deny())], READ, "") is Ruling.ALLOWED
    assert verdict([policy(allow(Resource="*"), deny(Resource="*"))], READ, "") is Ruling.DENIED
    assert verdict([policy(allow())], "dynamodb:Scan", "") is Ruling.NOT_ALLOWED


_ACTIONS = st.sampled_from([READ, "dynamodb:*", "s3:GetObject", "*", "dynamodb:Put*"])
_RESOURCES = st.sampled_from([TABLE, "*", "arn:aws:s3:::x", f"{TABLE}*", "${aws:username}"])
_STATEMENTS = st.builds(
    lambda effect, action, resource, condition: {
        "Effect": effect,
        "Action": action,
        "Resource": resource,
        **({"Condition": {"Bool": {"aws:SecureTransport": "true"}}} if condition else {}),
    },
    st.sampled_from(["Allow", "Deny"]),
    _ACTIONS,
    _RESOURCES,
    st.booleans(),
)


@given(st.lists(_STATEMENTS, max_size=5), _STATEMENTS)
def test_another_allow_never_refuses_and_another_deny_never_allows(
    given_ones: list[dict[str, Any]], one: dict[str, Any]
) -> None:
    before = verdict([policy(*given_ones)], READ, TABLE)
    after = verdict([policy(*given_ones, one)], READ, TABLE)
    if one["Effect"] == "Allow":
        assert after is before or (before, after) == (Ruling.NOT_ALLOWED, Ruling.ALLOWED)
    else:
        assert after in (before, Ruling.DENIED)


def test_a_refusal_is_worded_as_aws_words_it() -> None:
    who = "arn:aws:sts::111111111111:assumed-role/etl/who"
    assert denial(who, READ, TABLE, Ruling.NOT_ALLOWED) == (
        f"User: {who} is not authorized to perform: {READ} on resource: {TABLE}"
        f" because no identity-based policy allows the {READ} action"
    )
    assert denial(who, READ, "", Ruling.DENIED).endswith(f"perform: {READ} with an explicit deny in an identity-based policy")
