"""An execution: one run of a definition, on an injected clock, with injected work."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bunsui.engine.clock import EngineClock, Timer, after
from bunsui.engine.context import ExecutionIdentity, Sources
from bunsui.engine.failures import RUNTIME, Failure
from bunsui.engine.history import MOST_EVENTS, Event, History, HistoryFull, payload
from bunsui.engine.history import payload_text as text_of
from bunsui.engine.limits import EXPRESS_SECONDS, STANDARD_SECONDS
from bunsui.engine.paths import compact
from bunsui.engine.program import Program, State, prepare
from bunsui.engine.states import begin
from bunsui.engine.strand import Strand
from bunsui.engine.tasks import TaskRunner
from bunsui.engine.visit import Visit
from bunsui.errors import InvalidInput
from bunsui.model.values import Json

__all__ = ["Execution", "ExecutionNames", "Status"]


class Status(StrEnum):
    """What DescribeExecution says; NOT_STARTED is before the first event."""

    NOT_STARTED = "NOT_STARTED"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    ABORTED = "ABORTED"
    PENDING_REDRIVE = "PENDING_REDRIVE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionNames:
    """Who the execution is, as its context object and history tell."""

    arn: str
    name: str
    machine_arn: str
    machine_name: str
    role_arn: str
    start: datetime | None = None
    """When it started; the clock's time when it is not given."""

    @property
    def region(self) -> str:
        """The region in the machine's ARN."""
        parts = self.machine_arn.split(":")
        return parts[3] if len(parts) > 3 else ""


class Execution:
    """A run that can be started, watched, stopped and redriven. Everything happens in calls of its clock and its runner."""

    def __init__(
        self,
        definition: Json | Program,
        payload: Json,
        *,
        names: ExecutionNames,
        runner: TaskRunner,
        clock: EngineClock,
        seed: int = 0,
        kind: str = "STANDARD",
        payload_text: str | None = None,
    ) -> None:
        """Make it ready; nothing happens before `start`. `payload_text` is the input as the caller wrote it, which the history
        keeps to the letter. Raises InvalidInput when the definition cannot be run."""
        self.program = prepare(definition)
        self.payload = payload
        self.payload_text = compact(payload) if payload_text is None else payload_text
        self.names = names
        self.runner = runner
        self.clock = clock
        self.kind = kind
        self.history = History(now=clock.now, most=MOST_EVENTS if kind == "STANDARD" else None)
        self.sources = Sources(now=clock.now, chance=random.Random(seed))  # noqa: S311 - not for secrets
        self.status = Status.NOT_STARTED
        self.output: Json = None
        self.error: str | None = None
        self.cause: str | None = None
        self.started_at: datetime | None = None
        self.stopped_at: datetime | None = None
        self._listeners: list[Callable[[Execution], None]] = []
        self._deadline: Timer | None = None
        self.root: Strand | None = None

    @property
    def events(self) -> Sequence[Event]:
        """The history so far."""
        return self.history.events

    def on_end(self, listener: Callable[[Execution], None]) -> None:
        """Have the listener called once when the execution ends; at once when it has."""
        if self.status in {Status.NOT_STARTED, Status.RUNNING}:
            self._listeners.append(listener)
        else:
            listener(self)

    def start(self) -> None:
        """Record the start and go to the first state. Raises InvalidInput when it was started before."""
        if self.status is not Status.NOT_STARTED:
            raise InvalidInput("execution-started", "The execution was started already", execution=self.names.arn)
        self.started_at = self.names.start or self.clock.now()
        self.identity = self._identity()
        self.status = Status.RUNNING
        self.history.add("ExecutionStarted", 0, {**text_of("input", self.payload_text), "roleArn": self.names.role_arn})
        self._limit_time()
        self.root = Strand(self, self.program.graph, self, head=0, variables={})
        self.root.begin(self.payload, self.payload_text)

    def _identity(self) -> ExecutionIdentity:
        assert self.started_at is not None
        return ExecutionIdentity(
            id=self.names.arn,
            name=self.names.name,
            role_arn=self.names.role_arn,
            input=self.payload,
            started_at=self.started_at,
            state_machine_id=self.names.machine_arn,
            state_machine_name=self.names.machine_name,
            redrive_count=0 if self.kind == "STANDARD" else None,
        )

    def _limit_time(self) -> None:
        longest: float = STANDARD_SECONDS if self.kind == "STANDARD" else EXPRESS_SECONDS
        if self.program.timeout_seconds is not None:
            longest = min(longest, self.program.timeout_seconds)
        self._deadline = after(self.clock, longest, lambda: self.guarded(self._time_out))

    def enter(self, visit: Visit) -> None:
        """Do a try of the visited state."""
        visit.attempted(lambda: begin(visit))

    def soon(self, action: Callable[[], None]) -> None:
        """Do it at this instant, after what was planned before."""
        self.clock.call_at(self.clock.now(), lambda: self.guarded(action))

    def guarded(self, action: Callable[[], None]) -> None:
        """Do it, unless the execution is over; end the execution when its history is full."""
        if self.status is not Status.RUNNING:
            return
        try:
            action()
        except HistoryFull:
            cause = f"The execution reached the maximum number of history events ({MOST_EVENTS})."
            self._end_badly(Failure(error=RUNTIME, cause=cause), 0)

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """Abort it from outside, as StopExecution does; nothing when it has ended."""
        if self.status is Status.RUNNING:
            failure = Failure(error=error, cause=cause)
            self._end(Status.ABORTED, "ExecutionAborted", 0, failure.details(), failure)

    def strand_succeeded(self, strand: Strand, output: Json) -> None:
        """The last state was left."""
        self.output = output
        self._end(Status.SUCCEEDED, "ExecutionSucceeded", strand.head, payload("output", output))

    def strand_failed(self, strand: Strand, failure: Failure, state: State) -> None:
        """A state failed and nothing took it."""
        self._end_badly(failure, strand.head)

    def _end_badly(self, failure: Failure, head: int) -> None:
        self._end(Status.FAILED, "ExecutionFailed", head, failure.details(), failure)

    def _time_out(self) -> None:
        head = self.root.head if self.root is not None else 0
        self._end(Status.TIMED_OUT, "ExecutionTimedOut", head, {})

    def _end(self, status: Status, event: str, head: int, details: Mapping[str, Any], failure: Failure | None = None) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        if self.root is not None:
            self.root.drop()
        self.history.add(event, head, details, last=True)
        self.status = status
        if failure is not None:
            self.error, self.cause = failure.error, failure.cause
        self.stopped_at = self.clock.now()
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener(self)
