"""Mocks of TestState: what a state may be told, checked against what its service really answers.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html; sentences as recorded from AWS.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bunsui.asl.sdk_names import java_name
from bunsui.aws.service_models import Shape, boto_name, operation_shape, service_model, service_names, shape
from bunsui.emulator.stepfunctions.errors import ApiError, invalid_value
from bunsui.engine.program import State
from bunsui.engine.states.task import resource_of
from bunsui.model.json import Json

Request = Mapping[str, Any]

_MOCKABLE = ("Task", "Map", "Parallel")
_ONLY_MOCKED = ("Map", "Parallel")
_SUPPORTED = "[Task, Wait, Pass, Succeed, Fail, Choice]"


def check_mock(request: Request, state: State) -> None:
    """Refuse a mock that the state cannot have, or the lack of one where it needs one."""
    mock = request.get("mock")
    if mock is None:
        if state.kind in _ONLY_MOCKED:
            raise ApiError(
                "InvalidDefinition",
                f"TestState API does not support Map or Parallel states. Supported state types include: {_SUPPORTED}",
            )
        if state.kind == "Task" and "roleArn" not in request:
            raise invalid_value("RoleArn must be specified when testing a Task state")
        return
    if "result" in mock and "errorOutput" in mock:
        raise invalid_value("A test mock should have only one of the following fields: [result, errorOutput].")
    if request.get("revealSecrets"):
        raise invalid_value("TestState does not support RevealSecrets when a mock is specified.")
    if state.kind not in _MOCKABLE:
        raise invalid_value(f"State type '{state.kind}' is not supported when a mock is specified")


def mocked_result(request: Request, state: State) -> Json:
    """Return the mock's result as a value. Refused when the state could never get it."""
    mock = request["mock"]
    try:
        result: Json = json.loads(mock["result"])
    except ValueError as problem:
        raise invalid_value("Mocked result must be valid JSON") from problem
    if state.kind == "Parallel":
        if not isinstance(result, list) or len(result) != len(state.fields["Branches"]):
            raise invalid_value("Mocked result must contain the same number of items as number of Parallel branches.")
    elif state.kind == "Map":
        if "ResultWriter" not in state.fields and not isinstance(result, list):
            raise invalid_value("Mocked result must be an array.")
    else:
        _check_fields(result, state, mock.get("fieldValidationMode", "STRICT"))
    return result


def _check_fields(result: Json, state: State, mode: str) -> None:
    resource = resource_of(str(state.fields["Resource"]))
    service, action = resource.service.removeprefix("aws-sdk:"), resource.action
    if mode == "NONE" or resource.family != "Task" or "." in action:
        return
    if resource.service == "lambda":
        if not isinstance(result, dict):
            return
        # What the function gives is any JSON here, and bytes in the model.
        result = {name: item for name, item in result.items() if name != "Payload"}
    boto = boto_name(service)
    if boto not in service_names():
        return
    operations = {name.lower(): name for name in service_model(boto)["operations"]}
    operation = operations.get(action.lower())
    name = operation_shape(boto, operation, "output") if operation else ""
    if name:
        _check(boto, shape(boto, name), result, "", strict=mode == "STRICT")


def _check(service: str, spec: Shape, value: Any, field: str, *, strict: bool) -> None:
    match spec["type"]:
        case "structure":
            _check_members(service, spec, value, field, strict=strict)
        case "list":
            if not isinstance(value, list):
                raise _bad(f"Field '{field}' must be an array")
            for item in value:
                _check(service, shape(service, spec["member"]["shape"]), item, field, strict=strict)
        case "map":
            if not isinstance(value, dict):
                raise _bad(f"Field '{field}' must be an object")
            for item in value.values():
                _check(service, shape(service, spec["value"]["shape"]), item, field, strict=strict)
        case "boolean":
            if not isinstance(value, bool):
                raise _bad(f"Field '{field}' must be a boolean")
        case "integer" | "long" | "float" | "double" | "bigdecimal":
            _check_number(spec, value, field)
        case _:
            _check_text(spec, value, field)


def _check_members(service: str, spec: Shape, value: Any, field: str, *, strict: bool) -> None:
    if not isinstance(value, dict):
        raise _bad(f"Field '{field}' must be an object" if field else "Mocked result must be an object")
    if strict:
        for name in spec.get("required", ()):
            if java_name(name) not in value:
                raise _bad(f"Required field '{java_name(name)}' is missing")
    for name, member in spec["members"].items():
        shown = java_name(name)
        if value.get(shown) is not None:
            _check(service, shape(service, member["shape"]), value[shown], shown, strict=strict)


def _check_number(spec: Shape, value: Any, field: str) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _bad(f"Field '{field}' must be a number")
    if value < spec.get("min", value):
        raise _bad(f"Field '{field}' is less than the minimum value")
    if value > spec.get("max", value):
        raise _bad(f"Field '{field}' exceeds the maximum value")


def _check_text(spec: Shape, value: Any, field: str) -> None:
    if not isinstance(value, str):
        raise _bad(f"Field '{field}' must be a string")
    if "enum" in spec and value not in spec["enum"]:
        raise _bad(f"Field '{field}' is not an expected value")
    if len(value) < spec.get("min", 0):
        raise _bad(f"Field '{field}' is smaller than the minimum length")
    if len(value) > spec.get("max", len(value)):
        raise _bad(f"Field '{field}' exceeds the maximum length")


def _bad(problem: str) -> ApiError:
    return invalid_value(f"Mock result schema validation error: {problem}")
