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


FACTS = {"aws:requestedregion": ["us-east-1"], "states:statemachinequalifier": []}


@pytest.mark.parametrize(
    ("statement", "ruling"),
    [
        (allow(Condition={"StringEquals": {"aws:RequestedRegion": "us-east-1"}}), Ruling.ALLOWED),
        (allow(Condition={"StringLike": {"AWS:requestedRegion": ["eu-*", "us-*"]}}), Ruling.ALLOWED),
        (allow(Condition={"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}), Ruling.NOT_ALLOWED),
        (allow(Condition={"StringNotEquals": {"aws:RequestedRegion": "us-east-1"}}), Ruling.NOT_ALLOWED),
        (allow(Condition={"StringEquals": {"states:StateMachineQualifier": "live"}}), Ruling.NOT_ALLOWED),
        (allow(Condition={"StringEqualsIfExists": {"states:StateMachineQualifier": "live"}}), Ruling.ALLOWED),
        (allow(Condition={"Null": {"states:StateMachineQualifier": "true"}}), Ruling.ALLOWED),
        (allow(Condition={"ForAllValues:StringEquals": {"states:StateMachineQualifier": "live"}}), Ruling.ALLOWED),
        (allow(Condition={"ForAnyValue:StringNotEquals": {"states:StateMachineQualifier": "live"}}), Ruling.NOT_ALLOWED),
        (allow(Condition={"ForAnyValue:StringLike": {"aws:RequestedRegion": ["eu-*", "us-*"]}}), Ruling.ALLOWED),
        (allow(Condition={"ForAllValues:StringNotLike": {"aws:RequestedRegion": "us-*"}}), Ruling.NOT_ALLOWED),
        (allow(Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}}), Ruling.UNDECIDED),
        (allow(Condition={"StringEquals": {"aws:RequestedRegion": "${aws:username}"}}), Ruling.UNDECIDED),
        (allow(Condition={"DateLessThan": {"aws:RequestedRegion": "x"}}), Ruling.UNDECIDED),
        (allow(Resource="arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/team}"), Ruling.UNDECIDED),
    ],
)
def test_conditions_are_judged_where_they_are_known(statement: dict[str, Any], ruling: Ruling) -> None:
    assert verdict([policy(statement)], READ, TABLE, FACTS) is ruling


def test_a_statement_that_denies_wins_where_its_condition_holds() -> None:
    everything = policy(allow(Action="*", Resource="*"))
    assert verdict([everything, policy(deny())], READ, TABLE) is Ruling.DENIED
    here = {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}
    assert verdict([everything, policy(deny(Condition=here))], READ, TABLE, FACTS) is Ruling.DENIED
    assert verdict([everything, policy(deny(Condition={"Bool": {"aws:MultiFactorAuthPresent": "false"}}))], READ, TABLE) is (
        Ruling.UNDECIDED
    )
    elsewhere = {"Effect": "Deny", "Action": "*", "NotResource": "arn:aws:s3:::*"}
    assert verdict([everything, policy(elsewhere)], READ, TABLE) is Ruling.DENIED


def test_of_an_unknown_resource_only_what_names_everything_is_certain() -> None:
    assert verdict([policy(allow())], READ, "") is Ruling.UNDECIDED
    assert verdict([policy(allow(Action="*", Resource="*"))], READ, "") is Ruling.ALLOWED
    assert verdict([policy(allow(Action="*", Resource="*"), deny())], READ, "") is Ruling.UNDECIDED
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
    rank = {Ruling.DENIED: 0, Ruling.NOT_ALLOWED: 1, Ruling.UNDECIDED: 2, Ruling.ALLOWED: 3}
    before = rank[verdict([policy(*given_ones)], READ, TABLE)]
    after = rank[verdict([policy(*given_ones, one)], READ, TABLE)]
    assert after >= before if one["Effect"] == "Allow" else after <= before


def test_a_refusal_is_worded_as_aws_words_it() -> None:
    who = "arn:aws:sts::111111111111:assumed-role/etl/who"
    assert denial(who, READ, TABLE, Ruling.NOT_ALLOWED) == (
        f"User: {who} is not authorized to perform: {READ} on resource: {TABLE}"
        f" because no identity-based policy allows the {READ} action"
    )
    assert denial(who, READ, "", Ruling.DENIED).endswith(f"perform: {READ} with an explicit deny in an identity-based policy")
