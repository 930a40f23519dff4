"""The table of permissions names every call that bunsui makes to AWS, and none that it does not."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.session import Session

from bunsui.aws.dynamodb import TABLE_NAME
from bunsui.aws.permissions import GRANTS, Purpose, actions_of, grants, policy
from bunsui.model.resource import Scope
from tests.architecture.trees import nodes_of

AWS = Path(__file__).parents[2] / "bunsui" / "aws"
SCOPE = Scope(project="shop", environment="prod", account="111111111111", region="eu-west-1")
NO_CALL = {
    ("iam", "PassRole"),
    *(("kms", name) for name in ("CreateGrant", "Decrypt", "Encrypt", "GenerateDataKey")),
    *(("ec2", name) for name in ("DescribeVpcs",)),
    ("lambda", "GetLayerVersion"),
    *(
        ("lambda", name)
        for name in (
            *("DeleteAlias", "DeleteEventSourceMapping", "DeleteFunctionEventInvokeConfig", "DeleteFunctionUrlConfig"),
            *("DeleteProvisionedConcurrencyConfig", "RemovePermission"),
        )
    ),
    *(("events", "DisableRule"), ("sns", "Unsubscribe"), ("logs", "DeleteSubscriptionFilter")),
}
"""Permissions that are asked for by other calls, and calls that are made from the words of a command line
(`bunsui.aws.beside.removal`)."""


OF_CHANNELS = {("secretsmanager", "GetSecretValue"), ("sns", "Publish")}
"""What sending on a channel needs: no more than the channels of the environment, so that no purpose has it. The resident's role
does, on what they name."""


def _calls() -> Iterator[tuple[str, str]]:
    """Return service and operation of every call in `bunsui.aws`: each stands in `translated`, `pages` or `each_page`."""
    for path in sorted(AWS.rglob("*.py")):
        for node in nodes_of(path):
            match node:
                case ast.Call(
                    func=ast.Attribute(attr=called), args=[ast.Constant(value=str(service)), ast.Constant(value=str(name)), *_]
                ):
                    if called == "translated" and name != "connect":
                        yield service, name
                    elif called in {"pages", "each_page"}:
                        yield service, "".join(word.title() for word in name.split("_"))


def test_every_call_is_granted_to_some_purpose_and_nothing_else_is() -> None:
    granted = {(grant.service, name) for grant in GRANTS for name in grant.operations}
    assert set(_calls()) - OF_CHANNELS == granted - NO_CALL


def test_a_plan_may_only_read() -> None:
    words = {action.partition(":")[2] for grant in grants(Purpose.PLAN) for action in actions_of(grant)}
    assert {word for word in words if not word.startswith(("Describe", "Get", "List", "Lookup", "Query"))} == set()


_OF_THE_ACCOUNT = {
    *("ApprovalsTable", "ApprovalsKey", "ApprovalsKeyName", "ApprovalsKeyUse"),
    *("FunctionKeys", "FunctionLayers", "FunctionNetworks"),
    *("ExclusiveRules", "ExclusiveTriggers"),
}
"""Statements about what there is once in an account and region, or belongs to others, and that may be left out."""


def test_writes_reach_no_further_than_the_environment() -> None:
    reads = {grant.sid for grant in grants(Purpose.PLAN)}
    statements: Any = policy(Purpose.APPLY, SCOPE)["Statement"]
    for statement in statements:
        for resource in statement["Resource"] if statement["Sid"] not in reads | _OF_THE_ACCOUNT else ():
            ours = "shop--prod--" in resource or "/shop/prod/" in resource or resource.endswith(f"table/{TABLE_NAME}")
            assert ours or f":s3:::bunsui-{SCOPE.account}-{SCOPE.region}-shop-prod-" in resource


def test_a_call_that_takes_tags_may_also_tag() -> None:
    """Tags in a create call are checked by an action of their own; which calls take tags, the service models say."""
    session = Session()
    for grant in GRANTS:
        for name in set(grant.operations) - {name for _, name in NO_CALL}:
            shape = session.get_service_model(grant.service).operation_model(name).input_shape
            takes_tags = shape is not None and "tags" in {member.lower() for member in shape.members}
            if takes_tags and not name.startswith("Tag"):
                actions = actions_of(replace(grant, operations=(name,)))
                assert any(action.partition(":")[2].startswith("Tag") for action in actions), (grant.sid, name)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_names_of_statements_are_what_iam_takes(purpose: Purpose) -> None:
    names = [grant.sid for grant in grants(purpose)]
    assert len(set(names)) == len(names)
    assert all(name.isalnum() for name in names)
