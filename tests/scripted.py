"""Executions on a virtual clock whose work is scripted, for tests of the engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bunsui.engine.clock import VirtualClock, after
from bunsui.engine.distributed.objects import MemoryObjects
from bunsui.engine.execution import EngineExecution, Status
from bunsui.engine.run import simulated_names
from bunsui.engine.tasks import TaskFailed, TaskReport, TaskRequest, TaskSucceeded

START = datetime(2026, 3, 1, tzinfo=UTC)
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:work"
Step = TaskReport | float
"""A report, or seconds that pass before the next one."""


@dataclass(slots=True)
class Script:
    """Does the work of states as told: for each state a list of tries, each a list of steps; a last try goes on for ever."""

    clock: VirtualClock
    tries: Mapping[str, Sequence[Sequence[Step]]] = field(default_factory=dict)
    requests: list[TaskRequest] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    """Seconds since the start, for every request."""
    stopped: list[str] = field(default_factory=list)
    """States whose work was stopped."""

    def start(self, request: TaskRequest, report: Callable[[TaskReport], None]) -> Callable[[], None]:
        """Play the steps of the next try; without any, give the arguments back."""
        self.times.append((self.clock.now() - START).total_seconds())
        made = sum(earlier.state == request.state for earlier in self.requests)
        self.requests.append(request)
        tries = self.tries.get(request.state)
        steps = [TaskSucceeded(output=request.arguments)] if tries is None else tries[min(made, len(tries) - 1)]
        seconds = 0.0
        for step in steps:
            if isinstance(step, (int, float)):
                seconds += step
            else:
                after(self.clock, seconds, lambda step=step: report(step))  # type: ignore[misc]
        return lambda: self.stopped.append(request.state)


@dataclass(slots=True)
class Played:
    """An execution and what is around it."""

    execution: EngineExecution
    clock: VirtualClock
    script: Script
    objects: MemoryObjects

    @property
    def status(self) -> Status:
        """How it stands."""
        return self.execution.status

    @property
    def output(self) -> Any:
        """What came out."""
        return self.execution.output

    @property
    def types(self) -> list[str]:
        """The types of its events, in order."""
        return [event["type"] for event in self.execution.events]

    @property
    def entered(self) -> list[str]:
        """The states that were entered, in order."""
        return [
            event["stateEnteredEventDetails"]["name"] for event in self.execution.events if "stateEnteredEventDetails" in event
        ]

    @property
    def seconds(self) -> float:
        """How long it took, to its last event."""
        last: datetime = self.execution.events[-1]["timestamp"]
        return (last - START).total_seconds()

    def details(self, kind: str) -> list[dict[str, Any]]:
        """Return the details of all events of a type."""
        return [
            next((event[key] for key in event if key.endswith("EventDetails")), {})
            for event in self.execution.events
            if event["type"] == kind
        ]

    def drain(self) -> None:
        """Let time pass until it has ended or nothing is left to happen."""
        while self.execution.status is Status.RUNNING and self.clock.step():
            pass

    def pass_seconds(self, seconds: float) -> None:
        """Let that much time pass."""
        until: list[bool] = []
        after(self.clock, seconds, lambda: until.append(True))
        while not until:
            self.clock.step()


def played(
    definition: Mapping[str, Any],
    payload: Any = None,
    *,
    kind: str = "STANDARD",
    is_awaited: bool = False,
    seed: int = 0,
    objects: Mapping[tuple[str, str], bytes] | None = None,
    **tries: Sequence[Sequence[Step]],
) -> Played:
    """Start a definition and let it run to its end."""
    found = begun(definition, payload, kind=kind, is_awaited=is_awaited, seed=seed, objects=objects, **tries)
    found.drain()
    return found


def begun(
    definition: Mapping[str, Any],
    payload: Any = None,
    *,
    kind: str = "STANDARD",
    is_awaited: bool = False,
    seed: int = 0,
    objects: Mapping[tuple[str, str], bytes] | None = None,
    **tries: Sequence[Sequence[Step]],
) -> Played:
    """Start a definition; nothing has happened yet but its start."""
    clock = VirtualClock(START)
    script = Script(clock, tries)
    store = MemoryObjects(dict(objects or {}))
    execution = EngineExecution(
        definition,
        {} if payload is None else payload,
        names=simulated_names(),
        runner=script,
        clock=clock,
        seed=seed,
        kind=kind,
        is_awaited=is_awaited,
        objects=store,
    )
    execution.start()
    return Played(execution, clock, script, store)


def machine(**states: Mapping[str, Any]) -> dict[str, Any]:
    """Return a JSONPath machine of the states in their order: each without Next goes to the one after it."""
    return {"StartAt": next(iter(states)), "States": scope(states)}


def scope(states: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return states that follow each other."""
    names = list(states)
    linked: dict[str, Any] = {}
    for place, (name, fields) in enumerate(states.items()):
        last = place == len(names) - 1
        ends = fields["Type"] in {"Succeed", "Fail", "Choice"} or "Next" in fields
        linked[name] = dict(fields) if ends else {**fields, **({"End": True} if last else {"Next": names[place + 1]})}
    return linked


def task(**fields: Any) -> dict[str, Any]:
    """Return a Task state of a function."""
    return {"Type": "Task", "Resource": FUNCTION, **fields}


def fails(error: str = "Broken", cause: str = "why", *, after_seconds: float = 0) -> list[Step]:
    """Return a try that fails."""
    return [after_seconds, TaskFailed(error=error, cause=cause)]


def gives(output: Any = None, *, after_seconds: float = 0) -> list[Step]:
    """Return a try that succeeds."""
    return [after_seconds, TaskSucceeded(output=output)]
