"""How the text begins that an expression gives, as far as that is written down.

Works over the raw tree of `jsonata-python`, as `bunsui.asl.sequences` does. Policies are made of it, so that nothing is
guessed: what is chosen in the run has no beginning.
"""

from __future__ import annotations

from typing import Any


def beginning(node: Any) -> str:
    """Return the text with which whatever the expression gives begins; empty when nothing is known of it."""
    match node.type:
        case "string":
            return str(node.value)
        case "block":
            return beginning(node.expressions[0]) if len(node.expressions) == 1 else ""
        case "binary" if node.value == "&":
            return beginning(node.lhs)
        case "function":
            return _after(node)
        case _:
            return ""


def _after(node: Any) -> str:
    """Of `$substringAfter(x, 'a')`, where x begins with `a`: what x begins with behind it."""
    if node.procedure.type != "variable" or node.procedure.value != "substringAfter" or len(node.arguments) != 2:
        return ""
    text, mark = node.arguments
    known = beginning(text)
    if mark.type != "string" or not known.startswith(str(mark.value)):
        return ""
    return known.removeprefix(str(mark.value))


def constant_parts(node: Any) -> tuple[str | None, ...]:
    """Return the text that the expression gives in parts, None for what only the run knows: `'in/' & $d & '.csv'` is
    `("in/", None, ".csv")`."""
    match node.type:
        case "string":
            return (str(node.value),)
        case "block" if len(node.expressions) == 1:
            return constant_parts(node.expressions[0])
        case "binary" if node.value == "&":
            return (*constant_parts(node.lhs), *constant_parts(node.rhs))
        case _:
            known = beginning(node)
            return (known, None) if known else (None,)
