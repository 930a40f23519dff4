"""Mocked results of TestState are held against the model of the call."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bunsui.emulator.stepfunctions.api.mocks import mocked_result
from bunsui.emulator.stepfunctions.errors import ApiError
from bunsui.engine.program import prepare
from bunsui.model.json import Json

TASK: Json = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "f"}, "End": True}
STATE = prepare({"StartAt": "A", "States": {"A": TASK}}).graph.states["A"]


def mocked(result: Any, mode: str = "STRICT") -> Any:
    return mocked_result({"mock": {"result": json.dumps(result), "fieldValidationMode": mode}}, STATE)


@pytest.mark.parametrize("mode", ["STRICT", "PRESENT"])
def test_the_answer_of_a_function_is_checked_but_for_what_the_function_gives(mode: str) -> None:
    assert mocked({"StatusCode": 200, "Payload": {"any": [1]}}, mode)["Payload"] == {"any": [1]}
    with pytest.raises(ApiError, match="Field 'StatusCode' must be a number"):
        mocked({"StatusCode": "200", "Payload": 1}, mode)


def test_nothing_is_checked_where_nobody_wants_it() -> None:
    assert mocked({"StatusCode": "200"}, "NONE") == {"StatusCode": "200"}
