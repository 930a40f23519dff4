"""Fail: ends its scope badly."""

from __future__ import annotations

from bunsui.engine import dataflow
from bunsui.engine.failures import RUNTIME, ExecutionFailure, StateFailure
from bunsui.engine.state_execution import StateExecution
from bunsui.model.json import Json


def begin(visit: StateExecution) -> None:
    """Fail with the Error and the Cause. Raises StateFailure when they cannot be told."""
    seen = visit.seen()
    error, cause = _field_text("Error", dataflow.text(seen, "Error")), _field_text("Cause", dataflow.text(seen, "Cause"))
    visit.fail(ExecutionFailure(error=error, cause=cause))


def _field_text(field: str, value: Json) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise StateFailure(RUNTIME, f"The value of the field '{field}' is not a string")
