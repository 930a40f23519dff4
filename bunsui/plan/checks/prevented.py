"""BS508: a plan would take away what `lifecycle.prevent_destroy` protects."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.model import Plan, Reason
from bunsui.plan.prevention import LIFTING

CODE = "BS508"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find removals and replacements of what is protected; they forbid the apply, whatever a project's rules say."""
    for change in plan.refused:
        if change.reason is Reason.PREVENTED:
            yield Diagnostic(
                code=CODE,
                severity=Severity.ERROR,
                summary="lifecycle.prevent_destroy forbids to remove or replace it",
                hint=f"{LIFTING}.",
                subject=str(change.address),
            )
