"""Expressions of earlier files, where JSONata takes anything for a truth value, or a single value for a list of one.

A `when` used to compile to `(EXPRESSION) ? false : true`, and `items` to `[EXPRESSION]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.asl.expressions import check, form_of, gives_truth
from bunsui.document.upgrading.splices import Splice, SplicedText, children
from bunsui.document.yaml.tree import Document, DocumentNode
from bunsui.model.json import Json


def condition_splices(old: SplicedText) -> Iterator[Splice]:
    """Make a truth value of what may be none."""
    for name, job in children(children(old.document.root).get("jobs")).items():
        node = children(job).get("when")
        expression = expression_of(node)
        if node is not None and expression and not gives_truth(expression):
            summary = f"{name}: when counts what is no truth value as one, as it did"
            yield from old.replaced(node, expression, f"({expression}) ? true : false", ("jobs", name, "when"), summary)


def item_splices(old: SplicedText) -> Iterator[Splice]:
    """Make a list of what may be none: a single value is one item, and nothing none."""
    for name, job in children(children(old.document.root).get("jobs")).items():
        node = children(children(job).get("foreach")).get("items")
        expression = expression_of(node)
        if node is None or not expression or form_of(expression).kind == "sequence" or _is_array(old.document, expression):
            continue
        summary = f"{name}: items of a single value are one, and of nothing none, as they were"
        yield from old.replaced(node, expression, f"$list({expression})", ("jobs", name, "foreach", "items"), summary)


def expression_of(node: DocumentNode | None) -> str:
    """Return the expression of a text that is nothing but one, and that is valid; empty for any other value."""
    text = node.value.strip() if node is not None and isinstance(node.value, str) else ""
    if not (text.startswith("{%") and text.endswith("%}")) or "{%" in text[2:]:
        return ""
    inner = text[2:-2].strip()
    return "" if not inner or check(inner) is not None else inner


def _is_array(document: Document, expression: str) -> bool:
    """Tell whether the expression is a parameter that is declared as a list."""
    root = form_of(expression).root
    parameters: Json = document.data.get("parameters") if isinstance(document.data, dict) else None
    declared = parameters.get(root[1]) if isinstance(parameters, dict) and len(root) == 2 and root[0] == "params" else None
    return isinstance(declared, dict) and declared.get("type") == "array"
