"""BS509: the environment is frozen on the day of the plan."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.model import Plan

CODE = "BS509"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find that the plan cannot be applied on that day without breaking the glass."""
    if plan.frozen and plan.pending:
        yield Diagnostic(
            code=CODE,
            severity=Severity.WARNING,
            summary=f"this environment is frozen: {plan.frozen}",
            hint='Apply when it is over; an emergency needs  --break-glass "REASON",  which is recorded.',
        )
