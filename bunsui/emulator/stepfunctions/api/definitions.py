"""Validate definitions in requests: refused as AWS refuses them, and checked on request.

Source: https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinition.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from bunsui.asl.validation.answers import refusal, validation_answer
from bunsui.asl.validation.validate import validate
from bunsui.emulator.stepfunctions.api.request_context import RequestContext
from bunsui.emulator.stepfunctions.errors import ApiError
from bunsui.emulator.stepfunctions.store.records import EXPRESS

Request = Mapping[str, Any]


def check_definition(text: str, kind: str) -> None:
    """Refuse a definition with anything in it that AWS refuses, as InvalidDefinition."""
    problem = refusal(validate(text, kind=_kind(kind)))
    if problem is not None:
        raise ApiError("InvalidDefinition", problem)


def validate_state_machine_definition(_context: RequestContext, request: Request) -> dict[str, Any]:
    """Return what is wrong with a definition, without keeping anything."""
    return validation_answer(
        validate(request["definition"], kind=_kind(request.get("type", ""))),
        severity=request.get("severity", "ERROR"),
        max_results=request.get("maxResults", 0),
    )


def _kind(kind: str) -> Literal["STANDARD", "EXPRESS"]:
    return "EXPRESS" if kind == EXPRESS else "STANDARD"
