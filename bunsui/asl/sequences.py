"""Which expressions give a sequence: JSONata turns one of a single member into that member, and one of none into nothing.

Works over the raw tree of `jsonata-python`, as `bunsui.asl.scoping` does. Source: JSONata documentation, "Sequences", and
jsonata 2.0.6.
"""

from __future__ import annotations

from typing import Any

_OF_LISTS = frozenset({"append", "distinct", "filter", "map", "reverse", "shuffle", "sort"})
"""Functions that give a member for each of their first argument, or some of them."""
_PRIMARY = frozenset({"variable", "string", "number", "value", "function", "partial", "block", "regex"})
_LABEL = "label"
"""The key by which the results of a foreach are told apart."""


def is_operand(node: Any) -> bool:
    """Tell whether the expression binds tighter than any operator that may stand beside it, and binds no name outside itself:
    `$a.b` and `$f(x)` do, `$a & $b` and `$a := 1` do not."""
    if node.type == "unary":
        return node.value in ("[", "{")
    if node.type == "binary":
        return node.value in (".", "[")
    return node.type in _PRIMARY


def sequence_of(node: Any) -> str | None:
    """Return the variable whose list the expression goes over, giving as many members as it finds; None when it gives something
    else, such as one member by its place (`$result[0]`), by its label, or a sum."""
    return None if node.type == "variable" else _over(node)


def _over(node: Any) -> str | None:
    match node.type:
        case "variable":
            return str(node.value) if node.value not in ("", "$") else None
        case "block":
            return _over(node.expressions[0]) if len(node.expressions) == 1 else None
        case "function":
            return _over(node.arguments[0]) if _is_of_lists(node) and node.arguments else None
        case "binary":
            return _over_binary(node)
        case _:
            return None


def _over_binary(node: Any) -> str | None:
    match node.value:
        case "." | "^" | "@" | "#":
            return _over(node.lhs)
        case "[":
            return None if picks_one(node.rhs) else _over(node.lhs)
        case "~>":
            return _over(node.lhs) if _is_of_lists(node.rhs) else None
        case _:
            return None


def _is_of_lists(node: Any) -> bool:
    return node.type == "function" and node.procedure.type == "variable" and node.procedure.value in _OF_LISTS


def picks_one(node: Any) -> bool:
    """Tell whether a predicate is meant for one member: a place in the list, or the label that one item has."""
    match node.type:
        case "number" | "variable":
            return True
        case "unary":
            return bool(node.value == "-")
        case "block":
            return len(node.expressions) == 1 and picks_one(node.expressions[0])
        case "function":
            return node.procedure.type == "variable" and node.procedure.value not in _TESTS
        case "binary" if node.value == "=":
            return any(side.type == "name" and side.value == _LABEL for side in (node.lhs, node.rhs))
        case "binary" if node.value == "and":
            return any(picks_one(side) for side in (node.lhs, node.rhs) if side.type == "binary")
        case "binary" if node.value == ".":
            return picks_one(node.lhs)
        case "binary":
            return node.value in ("+", "-", "*", "/", "%")
        case _:
            return False


_TESTS = frozenset({"boolean", "contains", "exists", "not"})
"""Functions that give true or false."""
