"""An execution: one run of a definition, on an injected clock, with injected work."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bunsui.engine import redrive
from bunsui.engine.branch import ExecutionBranch
from bunsui.engine.clock import EngineClock, Timer, after
from bunsui.engine.context import ExecutionIdentity, Sources
from bunsui.engine.distributed.map_run import MapRun
from bunsui.engine.distributed.objects import NoObjects, Objects
from bunsui.engine.failures import RUNTIME, TIMEOUT, ExecutionFailure
from bunsui.engine.history import MOST_EVENTS, Event, ExecutionHistory, HistoryFull, payload
from bunsui.engine.history import payload_text as text_of
from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.limits import EXPRESS_EVENTS, EXPRESS_SECONDS, STANDARD_SECONDS
from bunsui.engine.names import ExecutionNames
from bunsui.engine.program import Program, State, prepare
from bunsui.engine.runtime import EnginePorts
from bunsui.engine.states import begin
from bunsui.engine.status import Status
from bunsui.engine.tasks import TaskRunner
from bunsui.errors import InvalidInput, Refused
from bunsui.model.json import Json

__all__ = ["EngineExecution", "ExecutionNames", "Status"]


class EngineExecution:
    """A run that can be started, watched, stopped and redriven. Everything happens in calls of its clock and its runner."""

    status: Status = Status.NOT_STARTED
    output: Json = None
    error: str | None = None
    cause: str | None = None
    started_at: datetime | None = None
    stopped_at: datetime | None = None
    redrive_count: int = 0
    redriven_at: datetime | None = None
    root: ExecutionBranch | None = None
    """The outermost line of control, once it has started."""
    _deadline: Timer | None = None
    _waiting: Status = Status.NOT_STARTED
    """How it stood before it waited for its redrive."""

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
        objects: Objects | None = None,
        path: tuple[tuple[str, int], ...] = (),
        is_awaited: bool = False,
    ) -> None:
        """Make it ready; nothing happens before `start`.

        `kind` is STANDARD or EXPRESS; `is_awaited` says that whoever started it waits for its end, as StartSyncExecution does.
        `payload_text` is the input as the caller wrote it, kept to the letter by the history. `objects` is where distributed
        Maps read and write. `path` are the Map iterations around a child execution.
        Raises InvalidInput when the definition cannot be run.
        """
        self.program = prepare(definition)
        self.payload = payload
        self.payload_text = compact(payload) if payload_text is None else payload_text
        self.names = names
        self.kind = kind
        self.is_awaited = is_awaited
        self.path = path
        self.history = ExecutionHistory(now=clock.now, most=MOST_EVENTS if kind == "STANDARD" else EXPRESS_EVENTS)
        sources = Sources(now=clock.now, chance=random.Random(seed))  # noqa: S311 - not for secrets
        self.ports = EnginePorts(runner=runner, clock=clock, objects=objects or NoObjects(), sources=sources)
        self._listeners: list[Callable[[EngineExecution], None]] = []
        self.decisions: set[tuple[str, int | None]] = set()
        """Choice states and the rules that they took; None stands for the default."""
        self.map_runs: list[MapRun] = []
        """The runs of its distributed Maps, in the order in which they began."""

    @property
    def events(self) -> Sequence[Event]:
        """The history so far."""
        return self.history.events

    def child(
        self, program: Program, payload: Json, *, names: ExecutionNames, kind: str, path: tuple[tuple[str, int], ...]
    ) -> EngineExecution:
        """Return a child execution of a distributed Map: same clock, same runner, chance drawn from this one's."""
        return EngineExecution(
            program,
            payload,
            names=names,
            runner=self.ports.runner,
            clock=self.ports.clock,
            seed=self.ports.sources.chance.getrandbits(63),
            kind=kind,
            objects=self.ports.objects,
            path=path,
            is_awaited=True,
        )

    def on_end(self, listener: Callable[[EngineExecution], None]) -> None:
        """Have the listener called once when the execution ends; at once when it has."""
        if self.status in {Status.NOT_STARTED, Status.RUNNING}:
            self._listeners.append(listener)
        else:
            listener(self)

    def start(self) -> None:
        """Record the start and go to the first state. Raises InvalidInput when it was started before."""
        if self.status is not Status.NOT_STARTED:
            raise InvalidInput("execution-started", "The execution was started already", execution=self.names.arn)
        self.started_at = self.names.start or self.ports.clock.now()
        self.identity = self._identity()
        self.status = Status.RUNNING
        self.history.add("ExecutionStarted", 0, {**text_of("input", self.payload_text), "roleArn": self.names.role_arn})
        self._limit_time()
        self.root = ExecutionBranch(self, self.program.graph, self, begin_state=begin, head=0, variables={}, path=self.path)
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
            # Recorded on 2024-07-15: Express executions that were started asynchronously have it, the others have not.
            redrive_count=self.redrive_count if self.kind == "STANDARD" or not self.is_awaited else None,
            redriven_at=self.redriven_at,
        )

    def _limit_time(self) -> None:
        longest: float = STANDARD_SECONDS if self.kind == "STANDARD" else EXPRESS_SECONDS
        if self.program.timeout_seconds is not None:
            longest = min(longest, self.program.timeout_seconds)
        self._deadline = after(self.ports.clock, longest, lambda: self.guarded(self._time_out))

    def refused_redrive(self) -> str | None:
        """Return the reason for which it cannot be redriven, None when it can."""
        return redrive.refusal(self, self.ports.clock.now())

    def redrive(self) -> None:
        """Go on where it failed, was stopped or timed out. Raises Refused when AWS would not allow it.

        The redrive is recorded at once; work begins in a call of the clock."""
        refusal = self.refused_redrive()
        if refusal is not None:
            raise Refused(
                "execution-not-redrivable", "The execution cannot be redriven", execution=self.names.arn, reason=refusal
            )
        assert self.root is not None
        self.redrive_count += 1
        self.redriven_at = self.ports.clock.now()
        self.identity = self._identity()
        self.status, self.error, self.cause, self.stopped_at = Status.RUNNING, None, None, None
        last = self.history.events[-1]["id"]
        self.root.head = self.history.add("ExecutionRedriven", last, {"redriveCount": self.redrive_count})
        self._limit_time()
        self.soon(self.root.resume)

    def await_redrive(self) -> None:
        """Say that the map run will redrive it as soon as there is a place."""
        self.status, self._waiting = Status.PENDING_REDRIVE, self.status

    def give_up_redrive(self) -> None:
        """Say that it will not be redriven after all."""
        if self.status is Status.PENDING_REDRIVE:
            self.status = self._waiting

    def soon(self, action: Callable[[], None]) -> None:
        """Do it at this instant, after what was planned before."""
        self.ports.clock.call_at(self.ports.clock.now(), lambda: self.guarded(action))

    def guarded(self, action: Callable[[], None]) -> None:
        """Do it, unless the execution is over; end the execution when its history is full."""
        if self.status is not Status.RUNNING:
            return
        try:
            action()
        except HistoryFull:
            if self.kind != "STANDARD":
                self._time_out()
                return
            cause = f"The execution reached the maximum number of history events ({MOST_EVENTS})."
            self._end_badly(ExecutionFailure(error=RUNTIME, cause=cause), 0)

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """Abort it from outside, as StopExecution does; nothing when it has ended."""
        if self.status is Status.RUNNING:
            failure = ExecutionFailure(error=error, cause=cause)
            self._end(Status.ABORTED, "ExecutionAborted", 0, failure.details(), failure)

    def branch_succeeded(self, branch: ExecutionBranch, output: Json) -> None:
        """The last state was left."""
        self.output = output
        self._end(Status.SUCCEEDED, "ExecutionSucceeded", branch.head, payload("output", output))

    def branch_failed(self, branch: ExecutionBranch, failure: ExecutionFailure, state: State) -> None:
        """A state failed and nothing took it."""
        self._end_badly(failure, branch.head)

    def _end_badly(self, failure: ExecutionFailure, head: int) -> None:
        self._end(Status.FAILED, "ExecutionFailed", head, failure.details(), failure)

    def _time_out(self) -> None:
        # The history alone has the error: DescribeExecution has none, as measured on AWS.
        head = self.root.head if self.root is not None else 0
        self._end(Status.TIMED_OUT, "ExecutionTimedOut", head, {"error": TIMEOUT})

    def _end(
        self, status: Status, event: str, head: int, details: Mapping[str, Any], failure: ExecutionFailure | None = None
    ) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        if self.root is not None:
            self.root.drop()
        self.history.add(event, head, details, last=True)
        self.status = status
        if failure is not None:
            self.error, self.cause = failure.error, failure.cause
        self.stopped_at = self.ports.clock.now()
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener(self)
