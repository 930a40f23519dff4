"""Choice: goes to the first rule that holds.

Without one, and without a default, AWS reports States.Runtime, not the States.NoChoiceMatched of the guide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bunsui.engine import dataflow
from bunsui.engine.dataflow import FieldScope
from bunsui.engine.failures import RUNTIME, StateFailure
from bunsui.engine.jsonata import evaluate as jsonata
from bunsui.engine.jsonpath import choices
from bunsui.engine.state_execution import StateExecution
from bunsui.model.json import Json


def begin(visit: StateExecution) -> None:
    """Find the rule, or the default. Raises StateFailure, also when neither is there."""
    fields = visit.state.fields
    seen = visit.seen()
    if visit.state.jsonata:
        place = _first_true(fields["Choices"], seen)
        data: Json = visit.input
    else:
        data = dataflow.effective_input(seen)
        place = choices.first_match(fields["Choices"], seen.scope(data))
    if place is None and "Default" not in fields:
        raise StateFailure(RUNTIME, "Failed to transition out of the state. The state does not point to a next state.")
    visit.branch.execution.decisions.add((visit.state.name, place))
    taken: Mapping[str, Any] = fields if place is None else fields["Choices"][place]
    following = str(fields["Default"]) if place is None else str(taken["Next"])
    variables = dataflow.assigned_variables(seen, taken.get("Assign"), data)
    if not visit.state.jsonata:
        output = dataflow.output_path(seen, data)
    elif "Output" in taken:
        output = seen.filled(taken["Output"], "Output" if place is None else f"Choices[{place}]/Output")
    else:
        output = visit.input
    visit.leave(output, following, variables)


def _first_true(rules: Sequence[Mapping[str, Any]], seen: FieldScope) -> int | None:
    for place, rule in enumerate(rules):
        condition = rule.get("Condition")
        if condition is True:
            return place
        if isinstance(condition, str) and jsonata.is_expression(condition):
            field = f"Choices[{place}]/Condition"
            if jsonata.evaluate_as("boolean", condition, seen.bindings(), field=field, sources=seen.sources) is True:
                return place
    return None
