"""Executions that the engine really runs, in the time of a clock that somebody else moves."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bunsui.emulator.stepfunctions.runtime.virtual_clock import ExecutionClock
from bunsui.engine.clock import EngineClock
from bunsui.engine.distributed.map_run import MapRun
from bunsui.engine.execution import EngineExecution, ExecutionNames, Status
from bunsui.engine.mocks import from_list
from bunsui.engine.tasks import TaskRunner
from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent, SessionStatus
from bunsui.testkit.standing import STOPPED, ExecutionStanding

__all__ = ["EnginePlay", "Work", "no_work"]

Work = Callable[[EngineClock], TaskRunner]
"""Returns who does the tasks of an execution, in the time of its clock."""

_STATUSES: Mapping[Status, SessionStatus] = {
    Status.RUNNING: SessionStatus.RUNNING,
    Status.SUCCEEDED: SessionStatus.SUCCEEDED,
    Status.FAILED: SessionStatus.FAILED,
    Status.TIMED_OUT: SessionStatus.TIMED_OUT,
    Status.ABORTED: SessionStatus.CANCELLED,
}


def no_work(clock: EngineClock) -> TaskRunner:
    """Return a runner for machines without tasks: every task fails and says that it has no mock."""
    return from_list([], clock)


class EnginePlay:
    """An execution of the engine (`bunsui.testkit.standing.Play`)."""

    def __init__(self, definition: Json, payload: Json, *, names: ExecutionNames, work: Work, started_at: datetime) -> None:
        """Start at the instant. Raises InvalidInput when the definition cannot be run."""
        self._lane = ExecutionClock(started_at)
        seed = zlib.crc32(names.arn.encode())  # so that no two executions have the same task tokens
        self._execution = EngineExecution(
            definition, payload, names=names, runner=work(self._lane), clock=self._lane, seed=seed
        )
        self._execution.start()

    def standing(self, now: datetime) -> ExecutionStanding:
        """Tell how it stands."""
        self._lane.advance(now)
        execution = self._execution
        return ExecutionStanding(
            status=_STATUSES[execution.status],
            stopped_at=execution.stopped_at,
            output=execution.output if execution.status is Status.SUCCEEDED else None,
            error=execution.error or "",
            cause=execution.cause or "",
            redrive_count=execution.redrive_count,
            redriven_at=execution.redriven_at,
        )

    def events(self, now: datetime) -> Sequence[HistoryEvent]:
        """Return the events up to now."""
        self._lane.advance(now)
        return [_event(event) for event in self._execution.events]

    def map_runs(self, now: datetime) -> Sequence[MapRun]:
        """Return the runs of its distributed Maps up to now."""
        self._lane.advance(now)
        return self._execution.map_runs

    def stop(self, now: datetime, reason: str) -> None:
        """Abort it; nothing when it has ended."""
        self._lane.advance(now)
        self._execution.stop(STOPPED, reason)

    def redrive(self, now: datetime) -> None:
        """Take it up where it failed; Refused when it cannot be redriven."""
        self._lane.advance(now)
        self._execution.redrive()


def _event(event: Mapping[str, Any]) -> HistoryEvent:
    details: Mapping[str, Json] = next((value for key, value in event.items() if key.endswith("EventDetails")), {})
    return HistoryEvent(
        id=event["id"], previous_id=event["previousEventId"], type=event["type"], at=event["timestamp"], details=details
    )
