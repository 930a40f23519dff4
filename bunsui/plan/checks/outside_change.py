"""BS503: somebody's change outside bunsui is about to be undone."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.model import Action, Plan

CODE = "BS503"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find changes that overwrite or delete what was changed outside."""
    for change in plan.changes:
        if change.drift and change.action in (Action.UPDATE, Action.REPLACE, Action.DELETE):
            yield Diagnostic(
                code=CODE,
                severity=Severity.WARNING,
                summary="it was changed outside bunsui, and apply undoes that",
                hint="To keep the outside change, write it into the YAML; the plan then adopts it.",
                subject=str(change.address),
            )
