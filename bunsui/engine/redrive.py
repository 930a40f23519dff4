"""Which executions may be redriven.

Source: developer guide, "Restarting state machine executions with redrive in Step Functions": Standard executions that did not
succeed, within 14 days of their end, while the history holds fewer than 24,999 events.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from bunsui.engine.names import Status

if TYPE_CHECKING:
    from bunsui.engine.execution import Execution

__all__ = ["MOST_EVENTS", "refusal"]

WITHIN = timedelta(days=14)
OPEN_WITHIN = timedelta(days=365)
MOST_EVENTS = 24_999
"""A history with this many events leaves no room for the redrive."""


def refusal(execution: Execution) -> str | None:
    """Give the reason for which the execution cannot be redriven, as DescribeExecution words it; None when it can."""
    if execution.kind != "STANDARD":
        return "Execution of type EXPRESS cannot be redriven"
    if execution.status in {Status.NOT_STARTED, Status.RUNNING}:
        return "Execution is RUNNING and cannot be redriven"
    if execution.status is Status.SUCCEEDED:
        return "Execution is SUCCEEDED and cannot be redriven"
    if len(execution.events) >= MOST_EVENTS:
        return "Execution history event limit exceeded"
    now = execution.clock.now()
    if execution.stopped_at is not None and now - execution.stopped_at > WITHIN:
        return "Execution has exceeded its redrivable period"
    if execution.started_at is not None and now - execution.started_at > OPEN_WITHIN:
        return "Execution has exceeded its maximum duration"
    return None
