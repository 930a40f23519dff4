"""Succeed: ends its scope well."""

from __future__ import annotations

from bunsui.engine import dataflow
from bunsui.engine.state_execution import StateExecution


def begin(visit: StateExecution) -> None:
    """Leave with the input shaped. Raises StateFailure."""
    seen = visit.seen()
    variables = dataflow.assigned_variables(seen, visit.state.fields.get("Assign"), visit.input)
    if visit.state.jsonata:
        shaped = dataflow.output(seen, visit.input)
    else:
        shaped = dataflow.output_path(seen, dataflow.effective_input(seen))
    visit.leave(shaped, None, variables)
