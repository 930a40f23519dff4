"""Values that a service wants as text: objects become JSON text, in the compiler where it can, else in the run."""

from __future__ import annotations

import json

from bunsui.asl.model import code
from bunsui.model.values import Json, Value, leaves
from bunsui.operations.contract import EmitContext


def as_text(value: Value, context: EmitContext) -> Json:
    """Give the value as a text: a text as it is, anything else as compact JSON."""
    if isinstance(value, str):
        return value
    if all(leaf is None or isinstance(leaf, (bool, int, float, str)) for leaf in leaves(value)):
        return json.dumps(context.value(value), ensure_ascii=False, separators=(",", ":"))
    expression = context.expression(value)
    if isinstance(value, (dict, list, tuple)):
        return code(f"$string({expression})")
    return code(f"($value := {expression}; $type($value) = 'string' ? $value : $string($value))")
