"""BS502: a role that may do more than before."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.comparison import widens_permissions
from bunsui.plan.model import Action, Plan

CODE = "BS502"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find updates that widen permissions; a new role is judged with its pipeline, not here."""
    for change in plan.changes:
        if change.action is Action.UPDATE and widens_permissions(change.address.kind, change.diff):
            yield Diagnostic(
                code=CODE,
                severity=Severity.WARNING,
                summary="the role may do more than before",
                subject=str(change.address),
            )
