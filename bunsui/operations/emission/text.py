"""Values as texts: what a service wants as text, JSON in the compiler where it can, else in the run; whole fields."""

from __future__ import annotations

import json

from bunsui.asl.model import code
from bunsui.model.json import Json
from bunsui.model.values import Value, leaves
from bunsui.operations.contract import EmitContext


def whole(value: Value, context: EmitContext) -> str:
    """Return the text or expression as a field of its own: `context.expression` is for one that stands inside a larger one."""
    found = context.value(value)
    assert isinstance(found, str), "the field takes a text or an expression"
    return found


def as_text(value: Value, context: EmitContext) -> Json:
    """Return the value as a text: a text as it is, anything else as compact JSON."""
    if isinstance(value, str):
        return value
    if all(leaf is None or isinstance(leaf, (bool, int, float, str)) for leaf in leaves(value)):
        return json.dumps(context.value(value), ensure_ascii=False, separators=(",", ":"))
    expression = context.expression(value)
    if isinstance(value, (dict, list, tuple)):
        return code(f"$string({expression})")
    return code(f"($value := {expression}; $type($value) = 'string' ? $value : $string($value))")
