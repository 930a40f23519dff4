"""Which executions may be redriven.

Source: developer guide, "Restarting state machine executions with redrive in Step Functions": Standard executions that did not
succeed, within 14 days of their end, while the history holds fewer than 24,999 events.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from bunsui.engine.history import Event
from bunsui.engine.status import Status

__all__ = ["MOST_EVENTS", "Redrivable", "refusal"]

WITHIN = timedelta(days=14)
OPEN_WITHIN = timedelta(days=365)
MOST_EVENTS = 24_999
"""A history with this many events leaves no room for the redrive."""


class Redrivable(Protocol):
    """What decides whether an execution may be redriven."""

    kind: str
    """STANDARD or EXPRESS."""
    status: Status
    started_at: datetime | None
    stopped_at: datetime | None

    @property
    def events(self) -> Sequence[Event]:
        """The history so far."""
        ...


def refusal(execution: Redrivable, now: datetime) -> str | None:
    """Return the reason for which the execution cannot be redriven now, as DescribeExecution words it; None when it can."""
    if execution.kind != "STANDARD":
        return "Execution of type EXPRESS cannot be redriven"
    if execution.status in {Status.NOT_STARTED, Status.RUNNING}:
        return "Execution is RUNNING and cannot be redriven"
    if execution.status is Status.SUCCEEDED:
        return "Execution is SUCCEEDED and cannot be redriven"
    if len(execution.events) >= MOST_EVENTS:
        return "Execution history event limit exceeded"
    if execution.stopped_at is not None and now - execution.stopped_at > WITHIN:
        return "Execution has exceeded its redrivable period"
    if execution.started_at is not None and now - execution.started_at > OPEN_WITHIN:
        return "Execution has exceeded its maximum duration"
    return None
