"""Pass: shapes data and does nothing else."""

from __future__ import annotations

from bunsui.engine import dataflow
from bunsui.engine.state_execution import StateExecution


def begin(visit: StateExecution) -> None:
    """Return the Result, or the input shaped. Raises StateFailure."""
    fields = visit.state.fields
    if visit.state.jsonata:
        seen = visit.seen()
        variables = dataflow.assigned_variables(seen, fields.get("Assign"), visit.input)
        visit.leave(dataflow.output(seen, visit.input), visit.state.next, variables)
        return
    worked = dataflow.arguments(visit.seen())
    visit.finish(fields.get("Result", worked))
