"""BS503: somebody's change outside bunsui is about to be undone."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.model import Plan, Reason

CODE = "BS503"

_KEEP = "To keep it, write it into the YAML, where a key says it; to let others decide it, name it in `lifecycle.ignore`."
_KEEP_DELETED = "To leave it deleted, remove it from the YAML too."


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find changes that undo what was changed outside."""
    for change in plan.changes:
        if change.undoes_outside_change:
            how = "deleted" if change.reason is Reason.DELETED_OUTSIDE else "changed"
            yield Diagnostic(
                code=CODE,
                severity=Severity.WARNING,
                summary=f"it was {how} outside bunsui, and apply undoes that",
                hint=_KEEP_DELETED if change.reason is Reason.DELETED_OUTSIDE else _KEEP,
                subject=str(change.address),
            )
