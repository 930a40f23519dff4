"""What the parts of the engine know of the execution that they run in.

Distributed Maps and branches hold a `Runtime`, a state its `RunningBranch`; what runs them, they do not know. The one
implementation is `bunsui.engine.execution.EngineExecution`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from bunsui.engine.clock import EngineClock
from bunsui.engine.context import ExecutionIdentity, MapItem, Sources
from bunsui.engine.distributed.map_run import ChildExecution, MapRun
from bunsui.engine.distributed.objects import Objects
from bunsui.engine.failures import ExecutionFailure
from bunsui.engine.history import ExecutionHistory
from bunsui.engine.names import ExecutionNames
from bunsui.engine.program import Program, State
from bunsui.engine.tasks import TaskRunner
from bunsui.model.json import Json

__all__ = ["EnginePorts", "RunningBranch", "Runtime"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnginePorts:
    """What an execution asks of the world around it; its children ask the same, but for their chance."""

    runner: TaskRunner
    """Does the work of Task states."""
    clock: EngineClock
    objects: Objects
    """Where distributed Maps read and write."""
    sources: Sources
    """Time and chance for expressions."""


class Runtime(Protocol):
    """An execution, as its parts see it."""

    names: ExecutionNames
    identity: ExecutionIdentity
    ports: EnginePorts
    history: ExecutionHistory
    decisions: set[tuple[str, int | None]]
    """Choice states and the rules that they took; None stands for the default."""
    map_runs: list[MapRun]
    """The runs of its distributed Maps, in the order in which they began."""

    def child(
        self, program: Program, payload: Json, *, names: ExecutionNames, kind: str, path: tuple[tuple[str, int], ...]
    ) -> ChildExecution:
        """Return a child execution that has not started; `path` are the Map iterations around it."""
        ...

    def soon(self, action: Callable[[], None]) -> None:
        """Do it at this instant, after what was planned before."""
        ...

    def guarded(self, action: Callable[[], None]) -> None:
        """Do it, unless the execution is over; end the execution when its history is full."""
        ...


class RunningBranch(Protocol):
    """The line of control that a state is in, as the state sees it."""

    execution: Runtime
    head: int
    """The event that its next one follows."""
    variables: dict[str, Json]
    path: tuple[tuple[str, int], ...]
    """The Map iterations around it: the state's name and the item's place."""
    item: MapItem | None

    def left(self, following: str | None, output: Json, text: str, variables: Mapping[str, Json]) -> None:
        """Go on after a state was left; `following=None` ends the branch. Assignments count from now on."""
        ...

    def failed(self, failure: ExecutionFailure, state: State) -> None:
        """End badly: a state failed for good."""
        ...
