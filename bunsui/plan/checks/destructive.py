"""BS501: what a removal takes with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.model import Action, Plan

CODE = "BS501"

_LOSSES: Mapping[str, str] = {
    "state_machine": "its running executions end, and the history of all its executions goes",
    "log_group": "its logs go",
}
"""Kinds that hold something which no later apply can bring back."""


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find deletions and replacements that lose what cannot be made again."""
    for change in plan.changes:
        loss = _LOSSES.get(change.address.kind)
        if loss and change.action in (Action.DELETE, Action.REPLACE):
            yield Diagnostic(
                code=CODE,
                severity=Severity.WARNING,
                summary=f"with this {change.action.value}, {loss}",
                subject=str(change.address),
            )
