"""BS507: sessions that run on a machine while it changes, and what happens to each.

It needs to know what runs, which is asked only of the machines that change (`bunsui.plan.build.with_looked_up`).
"""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.model import Action, Plan

CODE = "BS507"
_NAMED = 5


def _fate(action: Action) -> str:
    if action in (Action.DELETE, Action.REPLACE):
        return "apply ends them"
    if action is Action.RETIRE:
        return "they go on, and the machine stays until they have ended"
    return "they go on with the version and the code that they started with"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find the sessions in flight: a removal ends them, an update lets them go on with what they started with."""
    for change in plan.pending:
        names = plan.running.get(change.address, ())
        ends = change.action in (Action.DELETE, Action.REPLACE)
        if names is None:
            yield Diagnostic(
                code=CODE,
                severity=Severity.WARNING if ends else Severity.INFO,
                summary=f"whether sessions are in flight is unknown; if there are, {_fate(change.action)}",
                hint="Give the caller states:ListExecutions, and plan again." if ends else "",
                subject=str(change.address),
            )
        if not names:
            continue
        shown = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
        fate = _fate(change.action)
        yield Diagnostic(
            code=CODE,
            severity=Severity.WARNING if ends else Severity.INFO,
            summary=f"sessions in flight, {fate}: {shown}",
            hint="Wait for them, or stop them with their reason:\n  bunsui sessions --status running" if ends else "",
            subject=str(change.address),
        )
