"""The test that a condition gives true or false: JSONata in a Choice takes anything for a truth value, or fails namelessly."""

from __future__ import annotations

from bunsui.asl.expressions import gives_truth, string_literal


def no_truth(text: str, written: str) -> str | None:
    """Return the test, as JSONata, that a condition gives neither true nor false; None when it always does. `text` is the
    condition as it was written, `written` the same in the names of the machine."""
    return None if gives_truth(text) else f"$not({written} in [true, false])"


def condition_cause(what: str, written: str) -> str:
    """Return, as JSONata, what is wrong with a condition that is neither; `what` names it, such as `when of job load`."""
    words = string_literal(f"{what} must be true or false, and ")
    return f"{words} & ($exists({written}) ? 'is of the type ' & $type({written}) : 'gave nothing')"
