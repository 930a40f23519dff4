"""BS501: what a removal takes with it."""

from __future__ import annotations

from collections.abc import Iterator

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.plan.model import Action, Plan, ResourceChange

CODE = "BS501"

_GOING = frozenset({Action.DELETE, Action.REPLACE})


def check(plan: Plan) -> Iterator[Diagnostic]:
    """Find what is lost for good, one finding a pipeline: executions with their history, and logs."""
    machines: dict[str, ResourceChange] = {}
    logs: dict[str, list[ResourceChange]] = {}
    for change in plan.changes:
        if change.action not in _GOING:
            continue
        if change.address.kind == "state_machine":
            machines[change.address.pipeline] = change
        elif change.address.kind == "log_group":
            logs.setdefault(change.address.pipeline, []).append(change)
    for pipeline in dict.fromkeys((*machines, *logs)):
        losses = []
        if pipeline in machines:
            losses.append("running executions end, the history of all executions goes")
        if pipeline in logs:
            count = len(logs[pipeline])
            losses.append(f"the logs in {count} log group{'s' if count > 1 else ''} go")
        subject = machines[pipeline] if pipeline in machines else logs[pipeline][0]
        yield Diagnostic(code=CODE, severity=Severity.WARNING, summary=", ".join(losses), subject=str(subject.address))
