"""Fail: ends its scope badly."""

from __future__ import annotations

from bunsui.engine import dataflow
from bunsui.engine.failures import RUNTIME, Failure, StateFailure
from bunsui.engine.visit import Visit
from bunsui.model.values import Json


def begin(visit: Visit) -> None:
    """Fail with the Error and the Cause. Raises StateFailure when they cannot be told."""
    seen = visit.seen()
    error, cause = _told("Error", dataflow.text(seen, "Error")), _told("Cause", dataflow.text(seen, "Cause"))
    visit.fail(Failure(error=error, cause=cause))


def _told(field: str, value: Json) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise StateFailure(RUNTIME, f"The value of the field '{field}' is not a string")
