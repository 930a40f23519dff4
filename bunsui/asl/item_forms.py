"""What kind of value an expression is written to give: a list by its form, a field that may hold one, or a truth value.

Works over the raw tree of `jsonata-python`, as `bunsui.asl.sequences` does. Source: JSONata documentation, "Sequences": a list
in the data stays a list, while a path that goes over a list gives one value for a list of one, and nothing for an empty one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bunsui.asl.operands import Names
from bunsui.asl.sequences import picks_one

_GIVE_LISTS = frozenset(
    {"append", "distinct", "each", "filter", "keys", "list", "map", "reverse", "shuffle", "sort", "spread", "zip"}
)
"""Functions whose result is a list for any number of members, once it is kept from becoming its only member."""
_TRUTHS = frozenset({"=", "!=", "in", "and", "or"})
"""Operators that give true or false whatever stands beside them; `<` and its like give nothing beside nothing."""

_ORDERS = frozenset({"<", "<=", ">", ">="})


@dataclass(frozen=True, slots=True, kw_only=True)
class ListForm:
    """How an expression comes to a list."""

    kind: Literal["sequence", "field", "other"]
    """sequence: as many members as are found, one and none included. field: what a path of names leads to, a list or not.
    other: anything else."""
    root: Names = ()
    """field: the path. sequence: the path to what it goes over; empty when that is no path."""
    is_list: bool = False
    """True when it gives a list whatever there is: `$list(…)`, `$append(…)`, or one that is written out."""


def list_form(node: Any) -> ListForm:
    """Return how the expression comes to a list."""
    node = _inside(node)
    names = plain_path(node)
    if names:
        return ListForm(kind="field", root=names)
    if not _is_sequence(node):
        return ListForm(kind="other")
    is_list = node.type == "unary" or _called(node) in ("append", "list")
    return ListForm(kind="sequence", root=_root(node), is_list=is_list)


def gives_lists(node: Any) -> bool:
    """Tell whether each member of what the expression gives is a list by its form, as of a `$map` inside a `$map`."""
    node = _inside(node)
    if node.type != "function" or _called(node) != "map" or len(node.arguments) != 2:
        return False
    function = node.arguments[1]
    body = function.body if function.type == "lambda" else None
    while body is not None and body.type == "block":
        body = body.expressions[-1] if body.expressions else None
    return body is not None and body.type in ("unary", "function") and _is_sequence(body)


def is_truth(node: Any) -> bool:
    """Tell whether the expression gives true or false whatever the data is, or fails by itself."""
    node = _inside(node)
    match node.type:
        case "binary" if node.value in _ORDERS:
            return all(_is_there(side) for side in (node.lhs, node.rhs))
        case "binary":
            return node.value in _TRUTHS
        case "value":
            return isinstance(node.value, bool)
        case "function":
            name = _called(node)
            return name == "exists" or (name == "not" and len(node.arguments) == 1 and is_truth(node.arguments[0]))
        case "condition" if getattr(node, "_else", None) is not None and hasattr(node, "then"):
            return is_truth(node.then) and is_truth(node._else)  # noqa: SLF001 - the library has no other name for it
        case _:
            return False


def empty_value(node: Any) -> str:
    """Return, as JSONata, what a sum or a joined text is of nothing; empty for anything else."""
    node = _inside(node)
    return {"sum": "0", "count": "0", "join": "''"}.get(_called(node), "") if node.type == "function" else ""


def plain_path(node: Any) -> Names:
    """Return the variable and the fields of a path that is nothing else; empty for any other expression."""
    steps: list[str] = []
    while node.type == "binary" and node.value == "." and node.rhs.type in ("name", "string"):
        steps.append(str(node.rhs.value))
        node = node.lhs
    if node.type != "variable" or node.value in ("", "$"):
        return ()
    return (str(node.value), *reversed(steps))


def _is_there(node: Any) -> bool:
    """Tell whether the expression gives a value whatever the data is."""
    return node.type in ("number", "string") or _called(node) == "count"


def _inside(node: Any) -> Any:
    while node.type == "block" and len(node.expressions) == 1:
        node = node.expressions[0]
    return node


def _called(node: Any) -> str:
    return str(node.procedure.value) if node.type == "function" and node.procedure.type == "variable" else ""


def _is_sequence(node: Any) -> bool:
    if node.type == "unary":
        return bool(node.value == "[")
    if node.type == "function":
        return _called(node) in _GIVE_LISTS
    if node.type != "binary":
        return False
    match node.value:
        case "[":
            return not picks_one(node.rhs)
        case "^" | "@" | "#":
            return True
        case ".":
            name, tests = _step(node.rhs)
            return not name or not all(picks_one(test) for test in tests) or _is_sequence(_inside(node.lhs))
        case "~>":
            return _called(node.rhs) in _GIVE_LISTS or (node.rhs.type == "variable" and node.rhs.value in _GIVE_LISTS)
        case _:
            return False


def _step(node: Any) -> tuple[str, list[Any]]:
    """Return the field that a step of a path reads, empty when it is no plain name, and the predicates behind it."""
    tests = []
    while node.type == "binary" and node.value == "[":
        tests.append(node.rhs)
        node = node.lhs
    return (str(node.value) if node.type in ("name", "string") else ""), tests


def _root(node: Any) -> Names:
    node = _inside(node)
    names = plain_path(node)
    if names:
        return names
    if node.type == "function":
        return _root(node.arguments[0]) if node.arguments and _called(node) not in ("append", "list") else ()
    if node.type != "binary" or node.value not in ("[", "^", "@", "#", ".", "~>"):
        return ()
    root = _root(node.lhs)
    if node.value == "." and root and root == plain_path(node.lhs):
        name, tests = _step(node.rhs)
        return (*root, name) if name and tests else root
    return root
