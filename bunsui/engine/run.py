"""Run a definition to its end on a clock whose hours cost nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bunsui.engine.clock import VirtualClock
from bunsui.engine.distributed.map_run import ChildExecution, MapRun
from bunsui.engine.distributed.objects import Objects
from bunsui.engine.execution import EngineExecution
from bunsui.engine.history import Event
from bunsui.engine.names import ExecutionNames
from bunsui.engine.program import Program
from bunsui.engine.status import Status
from bunsui.engine.tasks import TaskRunner
from bunsui.model.json import Json

__all__ = ["ExecutionResult", "run", "simulated_names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionResult:
    """How it ended."""

    status: Status
    output: Json
    error: str | None
    cause: str | None
    events: Sequence[Event]
    decisions: frozenset[tuple[str, int | None]] = frozenset()
    """Choice states and the places of the rules that they took, those of children included; None stands for the default."""
    map_runs: Sequence[MapRun] = ()
    """The runs of distributed Maps, those of children included."""

    @property
    def children(self) -> Sequence[Sequence[Event]]:
        """The events of the child executions of distributed Maps, in the order of their items."""
        return tuple(run.children[place].events for run in self.map_runs for place in sorted(run.children))


def run(
    definition: Json | Program,
    payload: Json,
    *,
    runner: TaskRunner,
    clock: VirtualClock | None = None,
    names: ExecutionNames | None = None,
    kind: str = "STANDARD",
    is_awaited: bool = False,
    seed: int = 0,
    objects: Objects | None = None,
) -> ExecutionResult:
    """Run it; `is_awaited` as an Express execution that StartSyncExecution started. Raises InvalidInput when the definition
    cannot be run."""
    clock = clock or VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
    execution = EngineExecution(
        definition,
        payload,
        names=names or simulated_names(),
        runner=runner,
        clock=clock,
        seed=seed,
        kind=kind,
        objects=objects,
        is_awaited=is_awaited,
    )
    execution.start()
    while execution.status is Status.RUNNING and clock.step():
        pass
    map_runs = tuple(_map_runs(execution))
    children = [child for map_run in map_runs for child in map_run.children.values()]
    return ExecutionResult(
        status=execution.status,
        output=execution.output,
        error=execution.error,
        cause=execution.cause,
        events=execution.events,
        decisions=frozenset(execution.decisions).union(*(child.decisions for child in children)),
        map_runs=map_runs,
    )


def _map_runs(execution: ChildExecution) -> Iterator[MapRun]:
    for map_run in execution.map_runs:
        yield map_run
        for child in map_run.children.values():
            yield from _map_runs(child)


def simulated_names(machine: str = "simulated", execution: str = "simulation") -> ExecutionNames:
    """Return names that look like AWS's and belong to nobody."""
    account = "arn:aws:states:us-east-1:123456789012"
    return ExecutionNames(
        arn=f"{account}:execution:{machine}:{execution}",
        name=execution,
        machine_arn=f"{account}:stateMachine:{machine}",
        machine_name=machine,
        role_arn="arn:aws:iam::123456789012:role/simulated",
    )
