"""BS502: a role that may do more than before, or a new one that is given power."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.model import Action, Plan

CODE = "BS502"


_NAMED = 3


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find updates that widen permissions, and new roles that reach beyond the data of their pipeline."""
    for change in plan.changes:
        if change.newly_allowed:
            named = ", ".join(f"{action} on {resource}" for action, resource in change.newly_allowed[:_NAMED])
            more = len(change.newly_allowed) - _NAMED
            what = "a new role is allowed" if change.action is Action.CREATE else "newly allowed"
            yield Diagnostic(
                code=CODE,
                severity=Severity.WARNING,
                summary=f"{what}: {named}{f' and {more} more' if more > 0 else ''}",
                subject=str(change.address),
            )
