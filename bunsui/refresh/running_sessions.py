"""Sessions in flight on the machines that a plan changes."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.errors import CloudError
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address, is_pipeline
from bunsui.model.session import SessionStatus
from bunsui.plan.model import Action, Plan
from bunsui.ports.execution import ExecutionClient

_LOOKED_AT = 20
"""How many machines are asked that are only updated: their sessions go on as they are."""
_SESSIONS = 20


def running_sessions(plan: Plan, execution: ExecutionClient | None) -> Mapping[Address, tuple[str, ...] | None]:
    """Return the names of running sessions by machine: of all that go, and of the first that change; None where they could not
    be listed. Nothing is decided by this."""
    if execution is None:
        return {}
    # No session runs on a machine that is no pipeline's, and Step Functions lists no Express executions
    pending = (change for change in plan.pending if change.address.kind == MACHINE and is_pipeline(change.address.pipeline))
    machines = [change for change in pending if change.actual is not None]
    going = [change for change in machines if change.action in (Action.DELETE, Action.REPLACE, Action.RETIRE)]
    changing = [change for change in machines if change.action is Action.UPDATE][:_LOOKED_AT]
    result: dict[Address, tuple[str, ...] | None] = {}
    for change in (*going, *changing):
        arn = change.actual.outputs.get("arn") if change.actual is not None else None
        if arn is None:
            continue
        try:
            found = execution.executions(arn, limit=_SESSIONS, status=SessionStatus.RUNNING)
        except CloudError:
            result[change.address] = None
            continue
        if found:
            result[change.address] = tuple(item.name for item in found)
    return result
