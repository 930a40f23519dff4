"""What an expression calculates with: operands of arithmetic, arguments of functions.

Works over the raw tree of `jsonata-python`. Source: JSONata documentation, "Numeric operators": both sides are numbers, or the
expression fails; "Function signatures": an argument of another type fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bunsui.asl.item_forms import plain_path
from bunsui.asl.operands import Names

_NUMERIC = frozenset({"+", "-", "*", "/", "%"})
_BINDING = frozenset({".", "[", "^", "{", "@", "#", ":="})
"""Operators behind which a name may be that of another value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calculated:
    """One operand of an arithmetic operator, or the first argument of a function."""

    by: str
    """The operator, or the function's name."""
    value: Names | str
    """A path, or the JSONata type of a literal."""
    is_call: bool


def calculations(node: Any) -> Iterator[Calculated]:
    """Return what is calculated with, wherever no lambda, block or path could have bound its variable."""
    if node.type == "binary" and node.value in _NUMERIC:
        for side in (node.lhs, node.rhs):
            if found := _value(side):
                yield Calculated(by=node.value, value=found, is_call=False)
    elif _is_call(node) and node.arguments and (found := _value(node.arguments[0])):
        yield Calculated(by=str(node.procedure.value), value=found, is_call=True)
    for part in _parts(node):
        yield from calculations(part)


def _parts(node: Any) -> tuple[Any, ...]:
    """Return the parts of an expression in which every variable means what it means around it."""
    match node.type:
        case "binary" if node.value not in _BINDING:
            return node.lhs, node.rhs
        case "block" if len(node.expressions) == 1:
            return tuple(node.expressions)
        case "unary" if node.value == "[":
            return tuple(node.expressions)
        case "function" if _is_call(node):
            return tuple(node.arguments)
        case "condition":
            parts = (node.condition, node.then, node._else)  # noqa: SLF001 - the library has no other name for it
            return tuple(part for part in parts if part is not None)
        case _:
            return ()


def _is_call(node: Any) -> bool:
    return bool(node.type == "function" and node.procedure.type == "variable")


def _value(node: Any) -> Names | str:
    return "string" if node.type == "string" else plain_path(node)
