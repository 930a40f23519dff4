"""Wait: lets time pass."""

from __future__ import annotations

from bunsui.engine import dataflow
from bunsui.engine.dataflow import FieldScope
from bunsui.engine.failures import RUNTIME, StateFailure
from bunsui.engine.jsonpath.choices import instant
from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.state_execution import StateExecution
from bunsui.model.json import Json

LONGEST_SECONDS = 99_999_999


def begin(visit: StateExecution) -> None:
    """Wait for the seconds or until the instant, then leave. Raises StateFailure."""
    seconds = _seconds(visit)
    visit.later(max(seconds, 0.0), lambda: _leave(visit))


def _leave(visit: StateExecution) -> None:
    seen = visit.seen()
    data = dataflow.effective_input(seen)
    variables = dataflow.assigned_variables(seen, visit.state.fields.get("Assign"), data)
    output = dataflow.output(seen, data) if visit.state.jsonata else dataflow.output_path(seen, data)
    visit.leave(output, visit.state.next, variables)


def _seconds(visit: StateExecution) -> float:
    seen = visit.seen()
    data = dataflow.effective_input(seen)
    for name in ("Seconds", "Timestamp"):
        path = visit.state.fields.get(f"{name}Path")
        if name not in visit.state.fields and path is None:
            continue
        try:
            value = dataflow.field_value(seen, name, data, kind="number" if name == "Seconds" else "string")
        except StateFailure as error:
            if path is None or error.error != RUNTIME:
                raise
            raise StateFailure(RUNTIME, f"The {name}Path parameter does not reference an input value: {path}") from error
        return _of_seconds(seen, value, path) if name == "Seconds" else _until(visit, seen, value, path)
    raise StateFailure(RUNTIME, "The Wait state has neither Seconds nor Timestamp")


def _of_seconds(seen: FieldScope, value: Json, path: str | None) -> float:
    if (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and 0 <= value <= LONGEST_SECONDS
        and value == int(value)
    ):
        return float(value)
    field = "Seconds" if path is None else "SecondsPath"
    shown = compact(value) if path is None else f"{path} == {compact(value)}"
    if isinstance(value, int) and not isinstance(value, bool) and value < 0:
        raise dataflow.unusable(seen, field, f"The {field} parameter references a negative value: {shown}")
    raise dataflow.unusable(seen, field, f"The {field} parameter cannot be parsed as a long value: {shown}")


def _until(visit: StateExecution, seen: FieldScope, value: Json, path: str | None) -> float:
    when = instant(value) if isinstance(value, str) else None
    if when is None:
        field = "Timestamp" if path is None else "TimestampPath"
        shown = value if isinstance(value, str) else compact(value)
        wanted = "ISO-8601 extended offset date-time format string"
        if seen.state.jsonata:
            raise dataflow.unusable(seen, field, f"The Timestamp field cannot be parsed as an {wanted}: {shown}")
        said = path or str(visit.state.fields.get("Timestamp"))
        raise StateFailure(RUNTIME, f"The {field} parameter does not reference a valid {wanted}: {said} == {shown}")
    return (when - visit.branch.execution.ports.clock.now()).total_seconds()
