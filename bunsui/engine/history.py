"""The event history of an execution: what happened, in the shape of GetExecutionHistory.

Ids, `previousEventId` and details are as recorded on AWS; source of the field names: API reference, HistoryEvent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from bunsui.engine.jsonpath.paths import compact
from bunsui.model.json import Json

__all__ = ["MOST_EVENTS", "Event", "ExecutionHistory", "HistoryFull", "payload", "payload_text"]

Event: TypeAlias = dict[str, Any]
"""One event: `id`, `previousEventId`, `timestamp` (aware UTC), `type`, and its details under one key."""

MOST_EVENTS = 25_000
"""Events that a Standard execution may have, its last one included (developer guide, "Step Functions service quotas")."""

_NO_DETAILS = frozenset({
    "LambdaFunctionStarted", "MapRunSucceeded", "MapRunAborted", "MapStateAborted", "MapStateFailed", "MapStateSucceeded",
    "ParallelStateAborted", "ParallelStateFailed", "ParallelStateStarted", "ParallelStateSucceeded", "TaskStateAborted",
    "WaitStateAborted",
})  # fmt: skip


class HistoryFull(Exception):
    """The execution has as many events as it may have."""


@dataclass(slots=True)
class ExecutionHistory:
    """The recorder."""

    now: Callable[[], datetime]
    most: int | None = MOST_EVENTS
    """None: no limit, as for Express executions."""
    events: list[Event] = field(default_factory=list)
    listener: Callable[[Event], None] | None = None
    """Told of every event."""

    def add(self, kind: str, previous: int, details: Mapping[str, Any] | None = None, *, last: bool = False) -> int:
        """Record an event and give its id. Raises HistoryFull unless it is the execution's last one."""
        number = len(self.events) + 1
        if self.most is not None and number >= self.most and not last:
            raise HistoryFull
        event: Event = {"timestamp": self.now(), "type": kind, "id": number, "previousEventId": previous}
        if kind not in _NO_DETAILS:
            event[details_key(kind)] = dict(details or {})
        self.events.append(event)
        if self.listener is not None:
            self.listener(event)
        return number


def details_key(kind: str) -> str:
    """Return the name of the field that holds an event type's details."""
    if kind.endswith("StateEntered"):
        return "stateEnteredEventDetails"
    if kind.endswith("StateExited"):
        return "stateExitedEventDetails"
    return kind[0].lower() + kind[1:] + "EventDetails"


def payload(name: str, value: Json) -> dict[str, Any]:
    """Return the pair of fields that tell an input or an output: its JSON text, and that nothing was cut off."""
    return payload_text(name, compact(value))


def payload_text(name: str, text: str) -> dict[str, Any]:
    """Return the same for a value whose JSON text is known."""
    return {name: text, f"{name}Details": {"truncated": False}}
