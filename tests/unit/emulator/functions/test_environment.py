"""The variables of a function: what Lambda reserves wins, the function's own come before what it may set."""

from __future__ import annotations

import pytest

from bunsui.emulator.functions.environment import function_environment


def environment(variables: dict[str, str], *, scratch: str = "/tmp", **config: object) -> dict[str, str]:
    """Return those of a function with such variables."""
    return function_environment(
        {"FunctionName": "f", "Runtime": "python3.12", "Handler": "a.b", "Environment": {"Variables": variables}, **config},
        region="eu-west-1",
        credentials={"AWS_ACCESS_KEY_ID": "k"},
        endpoint_url="http://127.0.0.1:1",
        task_root="/var/task",
        runtime_dir="/var/runtime",
        scratch=scratch,
    )


def test_what_is_reserved_cannot_be_set_and_the_rest_can(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_OF_THE_MACHINE", "x")
    found = environment({"AWS_REGION": "mine", "_HANDLER": "mine", "TZ": "Asia/Tokyo", "LANG": "C"})
    assert (found["AWS_REGION"], found["_HANDLER"], found["TZ"], found["LANG"]) == ("eu-west-1", "a.b", "Asia/Tokyo", "C")
    assert found["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.12"
    assert "SECRET_OF_THE_MACHINE" not in found
    assert "TMPDIR" not in found


def test_a_temporary_folder_elsewhere_is_named() -> None:
    assert environment({}, scratch="/elsewhere")["TMPDIR"] == "/elsewhere"


def test_a_log_group_of_its_own_is_told() -> None:
    assert environment({}, LoggingConfig={"LogGroup": "/own"})["AWS_LAMBDA_LOG_GROUP_NAME"] == "/own"
    assert environment({})["AWS_LAMBDA_LOG_GROUP_NAME"] == "/aws/lambda/f"
