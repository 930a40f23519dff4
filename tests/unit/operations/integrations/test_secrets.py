"""Secrets by reference: what is handed over, and what may be read."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.model.values import Unknown
from bunsui.operations.integrations.secrets import secret_permissions
from tests.unit.operations.harness import kind_of, operation, the_task

SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db-AbC123"
NAMED = "arn:aws:secretsmanager:us-east-1:111122223333:secret:prod/db"
PARAMETER = "arn:aws:ssm:us-east-1:111122223333:parameter/prod/db"
CODE = {"path": "functions/a", "handler": "app.handler", "environment": {"A": "1"}}


def test_a_function_gets_the_address_and_may_read_the_value() -> None:
    made = operation({"type": "lambda", "code": {**CODE, "secrets": {"DB": SECRET, "KEY": PARAMETER}}})
    function = kind_of(made).function(made.params)
    assert function is not None
    assert function.environment == {"A": "1", "DB": SECRET, "KEY": PARAMETER}
    allowed = {(one.actions, one.resources) for one in function.permissions}
    assert allowed == {(("secretsmanager:GetSecretValue",), (SECRET,)), (("ssm:GetParameter",), (PARAMETER,))}


def test_a_secret_that_is_named_without_its_last_characters_is_allowed_with_any() -> None:
    assert [one.resources for one in secret_permissions([NAMED])] == [(f"{NAMED}-??????",)]


def test_a_reference_that_only_the_apply_knows_may_be_of_either_kind() -> None:
    later = Unknown("offline")
    (found,) = secret_permissions([later])
    assert (set(found.actions), found.resources) == ({"secretsmanager:GetSecretValue", "ssm:GetParameter"}, (later,))


def test_a_container_gets_the_address() -> None:
    container = {"name": "main", "environment": {"A": "1"}, "secrets": {"DB": SECRET}}
    ecs = {"type": "ecs_task", "cluster": "etl", "task_definition": "load:7", "launch": "ec2", "container": container}
    (override,) = the_task(ecs).arguments["Overrides"]["ContainerOverrides"]
    assert override["Environment"] == [{"Name": "A", "Value": "1"}, {"Name": "DB", "Value": SECRET}]


@pytest.mark.parametrize(
    ("secrets", "message"),
    [
        ({"DB": "hunter2"}, "DB is no reference to a secret"),
        ({"A": SECRET}, "A stands in environment too"),
        ({"a-b": SECRET}, "no name of an environment variable"),
        ({"DB": "{% $params.arn %}"}, "known by the time of the apply"),
    ],
)
def test_what_is_no_reference_is_refused_and_not_repeated(secrets: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message) as refused:
        operation({"type": "lambda", "code": {**CODE, "secrets": secrets}})
    assert "hunter2" not in str(refused.value).partition("[type=")[0]
