"""Conditions in a Choice of an operation: each gives true or false, or fails the job with a name that says so."""

from __future__ import annotations

from bunsui.asl.model import Fail, Rule, State, code
from bunsui.asl.truth import condition_cause, no_truth
from bunsui.model.failures import CONDITION
from bunsui.model.values import Expression
from bunsui.operations.contract import EmitContext


def truth_rules(condition: Expression, key: str, context: EmitContext) -> tuple[list[Rule], dict[str, State]]:
    """Return the rule by which a condition that is neither true nor false fails the job, to stand before the condition's own,
    and the state that it needs; nothing where the condition always is one of the two. `key` names it in the cause."""
    written = context.expression(condition)
    neither = no_truth(condition.text, written)
    if neither is None:
        return [], {}
    cause = condition_cause(f"{key} of {context.state}", written)
    comment = f"{key}: gives neither true nor false"
    if context.catch:
        # A Choice cannot catch: it goes where a failure of the operation would go, with the same data.
        found = f"{{'Error': '{CONDITION}', 'Cause': {cause}}}"
        output = code(f"$merge([$states.input, {{'error': {found}}}])")
        return [Rule(condition=code(neither), next=context.catch[0].next, output=output, comment=comment)], {}
    name = context.sub("no-truth")
    failing: dict[str, State] = {name: Fail(error=CONDITION, cause=code(cause))}
    return [Rule(condition=code(neither), next=name, comment=comment)], failing
