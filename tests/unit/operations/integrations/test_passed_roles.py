"""Roles in the arguments of calls, and the service that they are passed to."""

from __future__ import annotations

from bunsui.operations.integrations.passed_roles import passed_roles

ROLE = "arn:aws:iam::111122223333:role/x"


def test_the_role_is_passed_to_the_service_that_takes_it_on() -> None:
    (found,) = passed_roles("emr-serverless:startJobRun", {"ExecutionRoleArn": ROLE})
    assert (found.actions, found.resources) == (("iam:PassRole",), (ROLE,))
    assert found.condition == {"StringEquals": {"iam:PassedToService": "emr-serverless.amazonaws.com"}}
    (anywhere,) = passed_roles("thingsof2030:make", [ROLE, ROLE])
    assert (anywhere.resources, anywhere.condition) == ((ROLE,), {})


def test_what_is_no_role_or_is_handed_to_nobody_needs_nothing() -> None:
    assert (
        passed_roles("sagemaker:createTrainingJob", {"RoleArn": "{% $r %}", "Number": 1, "User": "arn:aws:iam::1:user/x"}) == ()
    )
    assert passed_roles("emr-containers:startJobRun", {"ExecutionRoleArn": ROLE}) == ()
