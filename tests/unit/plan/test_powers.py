"""Which permissions reach beyond a pipeline's data, and that a new role with one is told as loudly as a widened one."""

from __future__ import annotations

import pytest

from bunsui.diff.powers import gives_power
from bunsui.model.address import Address
from bunsui.model.resource import DesiredResource
from bunsui.model.values import Value
from bunsui.plan.model import Action, Plan, Risk
from tests.fakes.project import Project

BUCKET = "arn:aws:s3:::orders/*"


@pytest.mark.parametrize(
    ("action", "target"),
    [
        ("iam:PassRole", "arn:aws:iam::111111111111:role/task"),
        ("IAM:passrole", "arn:aws:iam::111111111111:role/task"),
        ("iam:PutRolePolicy", "arn:aws:iam::111111111111:role/x"),
        ("sts:AssumeRole", "arn:aws:iam::222222222222:role/x"),
        ("sts:AssumeRole", "AWS:222222222222"),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:111111111111:secret:x"),
        ("ssm:GetParameter", "arn:aws:ssm:eu-west-1:111111111111:parameter/x"),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111111111111:key/x"),
        ("s3:*", BUCKET),
        ("s3:Get*", BUCKET),
        ("*", BUCKET),
        ("s3:PutObject", "*"),
        ("all but s3:DeleteObject", BUCKET),
        ("s3:GetObject", "all but arn:aws:s3:::secret"),
    ],
)
def test_what_gives_power(action: str, target: str) -> None:
    assert gives_power(action, target)


@pytest.mark.parametrize(
    ("action", "target"),
    [
        ("s3:GetObject", BUCKET),
        ("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:111111111111:function:load"),
        ("sts:AssumeRole", "Service:states.amazonaws.com"),
        ("iam:GetRole", "arn:aws:iam::111111111111:role/x"),
        ("logs:CreateLogDelivery", "*"),
        ("xray:PutTraceSegments", "*"),
        ("ecs:DescribeTasks", "*"),
    ],
)
def test_what_a_pipeline_needs_for_its_work_gives_none(action: str, target: str) -> None:
    assert not gives_power(action, target)


def a_role(*statements: dict[str, Value], trusted: str = "states.amazonaws.com") -> DesiredResource:
    trust: Value = {"Effect": "Allow", "Principal": {"Service": trusted}, "Action": "sts:AssumeRole"}
    return DesiredResource(
        address=Address("role", "orders"),
        physical_name="sales--dev--orders",
        attributes={
            "path": "/",
            "trust": {"Version": "2012-10-17", "Statement": [trust]},
            "policy": {"Version": "2012-10-17", "Statement": list(statements)},
        },
    )


def planned(role: DesiredResource) -> Plan:
    return Project().plan((role,))


def test_a_new_role_that_passes_roles_has_a_risk_and_a_finding() -> None:
    task = "arn:aws:iam::111111111111:role/task"
    plan = planned(
        a_role(
            {"Effect": "Allow", "Action": ["iam:PassRole"], "Resource": [task]},
            {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [BUCKET]},
        )
    )
    (change,) = plan.changes
    assert (change.action, change.risk) == (Action.CREATE, Risk.GRANTS_POWER)
    assert change.newly_allowed == (("iam:PassRole", task),)
    (found,) = (found for found in plan.diagnostics if found.code == "BS502")
    assert found.summary == f"a new role is allowed: iam:PassRole on {task}"


def test_a_new_role_that_only_works_has_neither() -> None:
    plan = planned(a_role({"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [BUCKET]}))
    assert plan.changes[0].risk is Risk.NONE
    assert plan.diagnostics == ()


def test_what_is_denied_gives_no_power() -> None:
    plan = planned(a_role({"Effect": "Deny", "Action": ["iam:*"], "Resource": ["*"]}))
    assert plan.changes[0].risk is Risk.NONE
