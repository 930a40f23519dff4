"""Executions in memory: machines that play a script in virtual time."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bunsui.errors import Conflict, InvalidInput, Missing
from bunsui.model.session import HistoryEvent, SessionStatus
from bunsui.model.values import Json
from bunsui.ports.clock import Clock
from bunsui.ports.execution import Execution, ExecutionSummary

_LAST_EVENTS: Mapping[SessionStatus, tuple[str, str]] = {
    SessionStatus.SUCCEEDED: ("ExecutionSucceeded", "output"),
    SessionStatus.FAILED: ("ExecutionFailed", "error"),
    SessionStatus.TIMED_OUT: ("ExecutionTimedOut", "error"),
    SessionStatus.CANCELLED: ("ExecutionAborted", "error"),
}
_STOPPED = "Stopped"
_INPUT_LIMIT_BYTES = 262_144


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One event of a script."""

    after_seconds: float
    """Since the start of the execution; not less than in the step before."""
    type: str
    """As AWS names it, such as `TaskStateEntered`."""
    details: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What an execution does: its events without the first and the last, which follow from the rest, and how it ends."""

    steps: tuple[Step, ...] = ()
    ends_after_seconds: float | None = 0.0
    """None: it runs until it is stopped."""
    status: SessionStatus = SessionStatus.SUCCEEDED
    """How it ends: a final status."""
    output: Json = None
    error: str = ""
    cause: str = ""


Writer = Callable[[Mapping[str, Json]], Script]
"""Gives the script of an execution from its input."""


@dataclass(slots=True)
class _Run:
    arn: str
    name: str
    machine_arn: str
    version_arn: str
    definition: Mapping[str, Json]
    payload: Json
    script: Script
    started_at: datetime
    stopped: tuple[datetime, str] | None = None

    def stopped_at(self, now: datetime) -> datetime | None:
        if self.stopped is not None:
            return self.stopped[0]
        if self.script.ends_after_seconds is None:
            return None
        end = self.started_at + timedelta(seconds=self.script.ends_after_seconds)
        return end if end <= now else None

    def script_now(self) -> Script:
        if self.stopped is None:
            return self.script
        return replace(self.script, status=SessionStatus.CANCELLED, output=None, error=_STOPPED, cause=self.stopped[1])


class MemoryExecutionClient:
    """Implements `bunsui.ports.execution.ExecutionClient` for machines that were given with `machine`."""

    def __init__(self, clock: Clock) -> None:
        """Play on the clock's time."""
        self._clock = clock
        self._machines: dict[str, tuple[Mapping[str, Json], Writer]] = {}
        self._runs: dict[str, _Run] = {}
        self._lock = threading.Lock()

    def machine(self, arn: str, *, definition: Mapping[str, Json], writer: Writer) -> None:
        """Make a machine, or change what its next executions do."""
        self._machines[arn] = (definition, writer)

    def start(self, target_arn: str, *, name: str, payload: Mapping[str, Json]) -> str:
        """Start the machine, version or alias; the same name and input give the same execution."""
        machine_arn = ":".join(target_arn.split(":")[:7])
        if machine_arn not in self._machines:
            raise Missing("no-machine", "there is no such state machine", machine=target_arn)
        arn = f"{machine_arn.replace(':stateMachine:', ':execution:')}:{name}"
        text = json.dumps(payload, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        if len(text.encode()) > _INPUT_LIMIT_BYTES:
            raise InvalidInput("input-too-large", "the input of a run may have 256 KiB", limit=_INPUT_LIMIT_BYTES)
        kept: Json = json.loads(text)
        with self._lock:
            there = self._runs.get(arn)
            if there is not None and there.payload != kept:
                raise Conflict("execution-exists", "an execution of that name has another input", name=name)
            if there is None:
                definition, writer = self._machines[machine_arn]
                self._runs[arn] = _Run(
                    arn=arn,
                    name=name,
                    machine_arn=machine_arn,
                    version_arn=target_arn if target_arn.rpartition(":")[2].isdigit() else "",
                    definition=definition,
                    payload=kept,
                    script=writer(payload),
                    started_at=self._clock.now(),
                )
        return arn

    def describe(self, execution_arn: str) -> Execution:
        """Give the execution as it stands at the clock's time."""
        run = self._run(execution_arn)
        stopped_at = run.stopped_at(self._clock.now())
        script = run.script_now()
        ended = stopped_at is not None
        return Execution(
            arn=run.arn,
            name=run.name,
            machine_arn=run.machine_arn,
            status=script.status if ended else SessionStatus.RUNNING,
            started_at=run.started_at,
            stopped_at=stopped_at,
            input=run.payload,
            output=script.output if ended and script.status is SessionStatus.SUCCEEDED else None,
            error=script.error if ended else "",
            cause=script.cause if ended else "",
            version_arn=run.version_arn,
        )

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        """Give the events up to the clock's time with an id above `after`, oldest first."""
        run = self._run(execution_arn)
        stopped_at = run.stopped_at(self._clock.now())
        until = stopped_at or self._clock.now()
        happened: list[tuple[datetime, str, Mapping[str, Json]]] = [
            (run.started_at, "ExecutionStarted", {"input": json.dumps(run.payload)})
        ]
        for step in run.script.steps:
            at = run.started_at + timedelta(seconds=step.after_seconds)
            if at <= until:
                happened.append((at, step.type, step.details))
        if stopped_at is not None:
            happened.append((stopped_at, *_last(run.script_now())))
        return [
            HistoryEvent(id=number, previous_id=number - 1, type=kind, at=at, details=details)
            for number, (at, kind, details) in enumerate(happened, start=1)
            if number > after
        ]

    def executions(self, machine_arn: str, *, limit: int, status: SessionStatus | None = None) -> Sequence[ExecutionSummary]:
        """Give the latest executions, newest first."""
        with self._lock:
            latest = [run for run in reversed(self._runs.values()) if run.machine_arn == machine_arn]
        described = [self.describe(run.arn) for run in sorted(latest, key=lambda run: run.started_at, reverse=True)]
        return [
            ExecutionSummary(
                arn=each.arn, name=each.name, status=each.status, started_at=each.started_at, stopped_at=each.stopped_at
            )
            for each in described
            if status in (None, each.status)
        ][:limit]

    def stop(self, execution_arn: str, *, reason: str) -> None:
        """Abort the execution; nothing happens when it already ended."""
        run = self._run(execution_arn)
        with self._lock:
            now = self._clock.now()
            if run.stopped_at(now) is None:
                run.stopped = (now, reason)

    def definition(self, arn: str) -> Mapping[str, Json]:
        """Give the definition that the machine had when the execution started, or has now."""
        if ":stateMachine:" not in arn:
            return self._run(arn).definition
        machine = self._machines.get(":".join(arn.split(":")[:7]))
        if machine is None:
            raise Missing("no-machine", "there is no such state machine", machine=arn)
        return machine[0]

    def _run(self, execution_arn: str) -> _Run:
        run = self._runs.get(execution_arn)
        if run is None:
            raise Missing("no-execution", "there is no such execution", execution=execution_arn)
        return run


def _last(script: Script) -> tuple[str, Mapping[str, Json]]:
    kind, member = _LAST_EVENTS[script.status]
    if member == "output":
        return kind, {"output": json.dumps(script.output)}
    return kind, {"error": script.error, "cause": script.cause}
