"""BS502: a role that may do more than before."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.model import Plan

CODE = "BS502"


_NAMED = 3


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find updates that widen permissions; a new role is judged with its pipeline, not here."""
    for change in plan.changes:
        if change.newly_allowed:
            named = ", ".join(f"{action} on {resource}" for action, resource in change.newly_allowed[:_NAMED])
            more = len(change.newly_allowed) - _NAMED
            yield Diagnostic(
                code=CODE,
                severity=Severity.WARNING,
                summary=f"newly allowed: {named}{f' and {more} more' if more > 0 else ''}",
                subject=str(change.address),
            )
