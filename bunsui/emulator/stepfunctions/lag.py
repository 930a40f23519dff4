"""What reads of Step Functions that lag behind tell of an execution.

AWS documents ListExecutions, DescribeExecution and their neighbours as eventually consistent. This service tells the truth at
once, unless a test asks for less: then each of them tells of the executions as they were some seconds ago.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from bunsui.emulator.stepfunctions.store.records import RUNNING, ExecutionRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How many seconds old answers are."""

    lists: float = 0.0
    """Of ListExecutions."""
    describes: float = 0.0
    """Of DescribeExecution."""
    starts: float = 0.0
    """Of what StartExecution knows of a machine's definition and role, and of where an alias leads."""


Value = TypeVar("Value")


@dataclass(slots=True)
class Replaced(Generic[Value]):
    """What was replaced lately, by ARN: executions that start right after may begin with it.

    Source: API reference of Step Functions, UpdateStateMachine and UpdateStateMachineAlias."""

    _kept: dict[str, list[tuple[float, Value]]] = field(default_factory=dict)

    def note(self, arn: str, before: Value, *, now: float, lag: float) -> None:
        """Keep what is replaced now."""
        if lag:
            self._kept[arn] = [*(one for one in self._kept.get(arn, ()) if now - one[0] < lag), (now, before)]

    def begun_with(self, arn: str, current: Value, *, now: float, lag: float) -> Value:
        """Return what an execution that starts now begins with."""
        return next((before for at, before in self._kept.get(arn, ()) if now - at < lag), current)


def as_of(record: ExecutionRecord, *, now: float, lag: float) -> ExecutionRecord | None:
    """Return the execution as it was `lag` seconds ago: None before its start, running before its end. How it had ended before
    it was redriven is not kept: between the redrive and now it is told as running."""
    instant = now - lag
    if not lag:
        return record
    if record.started_at > instant:
        return None
    if record.stopped_at is None or record.stopped_at <= instant:
        return record
    return replace(record, status=RUNNING, stopped_at=None, output=None, error=None, cause=None)
