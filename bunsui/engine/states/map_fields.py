"""The fields that the two kinds of Map share: what to iterate over, with what input, how many at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bunsui.engine import dataflow
from bunsui.engine.context import MapItem
from bunsui.engine.dataflow import FieldScope
from bunsui.engine.failures import RUNTIME, StateFailure
from bunsui.engine.jsonata import evaluate as jsonata
from bunsui.engine.jsonata.evaluate import EvaluationFailure
from bunsui.engine.jsonpath import templates
from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.state_execution import StateExecution
from bunsui.model.json import Json

__all__ = ["item_input", "items_of", "percentage", "tolerance", "whole_number"]


def items_of(seen: FieldScope, data: Json) -> Any:
    """Return what the Map goes over: Items or ItemsPath, the input by default. Raises StateFailure unless it is an array.

    A distributed Map goes over the fields of an object, too (developer guide, "ItemsPath (Map, JSONPath only)"); an inline
    one does not, as recorded."""
    fields = seen.state.fields
    if not seen.state.jsonata:
        path = fields.get("ItemsPath", "$")
        found = templates.select(path, seen.scope(data))
        if not isinstance(found, list) and not (seen.state.distributed and isinstance(found, Mapping)):
            # A path of the context object is told with one `$`, as recorded.
            shown = str(path).replace("$$", "$", 1)
            raise StateFailure(RUNTIME, f'Reference path "{shown}" must point to array.')
        return found
    items = fields.get("Items")
    if isinstance(items, str) and jsonata.is_expression(items) and not seen.state.distributed:
        return jsonata.evaluate_as("array", items, seen.bindings(), field="Items", sources=seen.sources)
    found = seen.input if items is None else seen.filled(items, "Items")
    if not isinstance(found, list) and not (seen.state.distributed and isinstance(found, Mapping)):
        raise EvaluationFailure(f"Map state input must be an array but was: {compact(found)}", "")
    return found


def item_input(visit: StateExecution, seen: FieldScope, data: Json, item: MapItem) -> Json:
    """Return the input of an iteration: the item, or ItemSelector (Parameters in old definitions). Raises StateFailure."""
    fields = visit.state.fields
    template: Any = fields.get("ItemSelector")
    if template is None and not seen.state.jsonata:
        template = fields.get("Parameters")
    if template is None:
        return item.value if item.key is None else {"Key": item.key, "Value": item.value}
    context: Mapping[str, Json] = {**seen.context, "Map": {"Item": _item_context(item)}}
    with_item = FieldScope(
        state=seen.state, input=seen.input, context=context, variables=seen.variables, sources=seen.sources, extra=seen.extra
    )
    if seen.state.jsonata:
        return with_item.filled(template, "ItemSelector")
    return templates.fill(template, with_item.scope(data))


def _item_context(item: MapItem) -> dict[str, Any]:
    told: dict[str, Any] = {"Index": item.index}
    if item.key is not None:
        told["Key"] = item.key
    told["Value"] = item.value
    if item.source is not None:
        told["Source"] = item.source
    return told


def tolerance(visit: StateExecution, seen: FieldScope, data: Json) -> tuple[int, float]:
    """Return the count and the percentage of tolerated failures, after the Map has started.

    What is wrong with them is reported as if it had not: AWS reads them that late. Raises StateFailure."""
    started, visit.branch.head = visit.branch.head, visit.entered_id
    count = whole_number(seen, "ToleratedFailureCount", data)
    share = percentage(seen, "ToleratedFailurePercentage", data)
    visit.branch.head = started
    return count, share or 0


def whole_number(seen: FieldScope, name: str, data: Json) -> int:
    """Return the count in a field of Map, 0 when it is not there; texts of digits count too, as recorded.

    Raises StateFailure."""
    value = percentage(seen, name, data, most=None)
    if value is not None and value != int(value):
        raise _no_number(seen, name, value, "integer")
    return int(value or 0)


def percentage(seen: FieldScope, name: str, data: Json, *, most: float | None = 100) -> float | None:
    """Return a number between 0 and `most`, None when it is not there. Raises StateFailure."""
    value = dataflow.number(seen, name, data)
    if value is None:
        return None
    if isinstance(value, str) and f"{name}Path" in seen.state.fields and _DIGITS.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise _no_number(seen, name, value, "integer" if most is None else "float")
    if most is not None and not 0 <= value <= most:
        raise dataflow.unusable(seen, name, f"{name} must be between 0 and {compact(most)}.")
    if value < 0:
        raise dataflow.unusable(seen, name, _negative(name, value))
    return value


def _negative(name: str, value: float) -> str:
    if name == "MaxConcurrency":
        return f"Expected non-negative integer for MaxConcurrency, got '{compact(value)}' instead."
    return f"{name} cannot be negative."


_DIGITS = re.compile(r"-?[0-9]{1,15}")


def _no_number(seen: FieldScope, name: str, value: Json, kind: str) -> StateFailure:
    path = seen.state.fields.get(f"{name}Path")
    shown = value if isinstance(value, str) else compact(value)
    where = f"The {name}Path field refers to value" if path is not None else f"The {name} field has the value"
    return dataflow.unusable(seen, name, f'{where} "{shown}" which is not a valid {kind}: {path or name}')
