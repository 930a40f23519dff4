"""BS550: a resource that somebody else owns as yet is compared, never written."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.command_line import command_line
from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.model import Action, Plan, Reason

CODE = "BS550"


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Name the owner of each resource that is observed: a warning where the files want it otherwise."""
    for change in plan.changes:
        if change.reason is not Reason.OBSERVED or change.desired is None:
            continue
        owner = change.desired.lifecycle.observed
        differs = change.action is Action.REFUSE
        hint = f"Change it there, or take it over:\n  {command_line('import', change.physical_name, '--handover')}"
        yield Diagnostic(
            code=CODE,
            severity=Severity.WARNING if differs else Severity.INFO,
            summary=f"{owner} owns it as yet, so bunsui does not write it" + (", and it is otherwise" if differs else ""),
            hint=hint,
            subject=str(change.address),
        )
