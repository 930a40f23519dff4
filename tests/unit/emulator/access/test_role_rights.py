"""Whom a role trusts."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.emulator.access.role_rights import trusts

FACTS = {"aws:sourcearn": ["arn:aws:states:eu-west-1:1:stateMachine:m"], "aws:sourceaccount": ["1"]}
SERVICES = ("states.amazonaws.com", "states.eu-west-1.amazonaws.com")


def trust(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole", **more}


@pytest.mark.parametrize(
    ("statement", "is_trusted"),
    [
        (trust(), True),
        (trust(Principal={"Service": ["lambda.amazonaws.com", "states.eu-west-1.amazonaws.com"]}), True),
        (trust(Action=["sts:*"]), True),
        (trust(Condition={"ArnLike": {"aws:SourceArn": "arn:aws:states:*:1:stateMachine:*"}}), True),
        (trust(Condition={"StringEquals": {"aws:SourceAccount": "2"}}), False),
        (trust(Condition={"StringEquals": {"aws:SourceOrgID": "o"}}), None),
        (trust(Principal={"Service": "lambda.amazonaws.com"}), False),
        (trust(Principal={"AWS": "arn:aws:iam::1:root"}), False),
        (trust(Action="sts:TagSession"), False),
        (trust(Effect="Deny"), False),
    ],
)
def test_a_role_trusts_whom_it_names_on_behalf_of_whom_it_names(statement: dict[str, Any], is_trusted: bool | None) -> None:
    assert trusts({"Statement": [statement]}, SERVICES, FACTS) is is_trusted
    assert trusts({"Statement": statement}, SERVICES, FACTS) is is_trusted
