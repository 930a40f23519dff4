"""BS504: a resource that could not be read, so that nobody knows whether it is in sync."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.model import Plan, Reason

CODE = "BS504"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find resources that could not be read."""
    for change in plan.changes:
        if change.reason is Reason.UNREADABLE:
            yield Diagnostic(
                code=CODE,
                severity=Severity.WARNING,
                summary="it could not be read, so whether it is in sync is unknown",
                detail=change.actual.unreadable if change.actual is not None else "",
                hint="Give the caller the permission to read it, then plan again.",
                subject=str(change.address),
            )
