"""Requests against the published model of the API: required members, lengths, ranges, enumerations and patterns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bunsui.aws.constraints.requests import broken_rules, validation_message
from bunsui.emulator.stepfunctions.errors import invalid_value


def check(operation: str, request: Mapping[str, Any]) -> None:
    """Refuse a request that breaks the model, naming every constraint that it breaks."""
    found = list(broken_rules("stepfunctions", operation, request))
    if found:
        raise invalid_value(validation_message(found))
