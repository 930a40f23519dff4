"""What the embedded AWS refuses of values, as AWS does."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.emulator.patches.refused_values import refusals, role_request, with_check

FUNCTION = {"FunctionName": "a", "Role": "arn:aws:iam::111111111111:role/r", "Code": {"ZipFile": "eA=="}}


def of_function(**variables: str) -> list[str]:
    return [code for code, _ in refusals("lambda", "CreateFunction", {**FUNCTION, "Environment": {"Variables": variables}})]


def test_lambda_refuses_what_its_model_does_not_take_and_what_it_sets_itself() -> None:
    assert of_function(TABLE="rows") == []
    assert of_function(Q="x")[0] == "ValidationException"
    assert of_function(AWS_REGION="x") == ["InvalidParameterValueException"]
    assert of_function(LARGE="x" * 5000) == ["InvalidParameterValueException"]


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ([("department", "R&D")], "ValidationException"),
        ([("aws:team", "x")], "InvalidInput"),
        ([("Name", "a"), ("name", "b")], "InvalidInput"),
        ([("bunsui:project", "case"), ("部署", "営業")], ""),
    ],
)
def test_iam_refuses_tags(tags: list[tuple[str, str]], code: str) -> None:
    form = {"RoleName": ["r"], "AssumeRolePolicyDocument": ["{}"], "Path": "/"}
    request = role_request(form, [{"Key": key, "Value": value} for key, value in tags])
    assert next((found for found, _ in refusals("iam", "CreateRole", request)), "") == code


def test_what_is_refused_never_reaches_the_emulator() -> None:
    made: list[Any] = []

    def refuse(code: str, message: str) -> str:
        return f"{code}: {message}"

    create = with_check(made.append, "logs", "CreateLogGroup", lambda data: data, refuse)
    told = create({"logGroupName": "a b"})
    assert told.startswith("ValidationException: 1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy")
    assert made == []
    assert create({"logGroupName": "a"}) is None
    assert made == [{"logGroupName": "a"}]
