"""The record of a distributed Map's run: its children and how they stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bunsui.engine.history import Event
from bunsui.engine.names import ExecutionNames
from bunsui.engine.status import Status
from bunsui.model.json import Json

__all__ = ["ChildExecution", "MapRun"]


class ChildExecution(Protocol):
    """A child execution, as the Map state that started it sees it."""

    names: ExecutionNames
    kind: str
    """STANDARD or EXPRESS."""
    status: Status
    payload: Json
    """Its input."""
    payload_text: str
    """The same, as JSON text."""
    output: Json
    error: str | None
    cause: str | None
    started_at: datetime | None
    stopped_at: datetime | None
    redrive_count: int
    redriven_at: datetime | None
    decisions: set[tuple[str, int | None]]
    map_runs: list[MapRun]

    @property
    def events(self) -> Sequence[Event]:
        """The history so far."""
        ...

    def on_end(self, listener: Callable[[ChildExecution], None]) -> None:
        """Have the listener called once when the execution ends; at once when it has."""
        ...

    def start(self) -> None:
        """Record the start and go to the first state."""
        ...

    def stop(self) -> None:
        """Abort it; nothing when it has ended."""
        ...

    def refused_redrive(self) -> str | None:
        """Return the reason for which it cannot be redriven, None when it can."""
        ...

    def redrive(self) -> None:
        """Go on where it failed, was stopped or timed out. Raises Refused when AWS would not allow it."""
        ...

    def await_redrive(self) -> None:
        """Say that it will be redriven as soon as there is a place."""
        ...

    def give_up_redrive(self) -> None:
        """Say that it will not be redriven after all."""
        ...


@dataclass(slots=True, kw_only=True, eq=False)
class MapRun:
    """What DescribeMapRun and ListExecutions of a map run are made of."""

    arn: str
    execution_arn: str
    """The parent's."""
    state: str
    """The Map state's name."""
    label: str
    child_machine_arn: str
    kind: str
    """STANDARD or EXPRESS: the children's."""
    started_at: datetime
    stopped_at: datetime | None = None
    status: Status = Status.RUNNING
    max_concurrency: int = 0
    tolerated_count: int = 0
    tolerated_percentage: float = 0
    items_of: dict[int, int] = field(default_factory=dict)
    """The number of items in each child's input; more than one when they are batched."""
    children: dict[int, ChildExecution] = field(default_factory=dict)
    """The child executions that were started, by their place."""
    total: int = 0
    """Child executions in all, those that wait included."""
    results_written: int = 0
    redrive_count: int = 0
    redriven_at: datetime | None = None

    changed: Callable[[], None] | None = None
    """Told after `update`; set by whoever runs the children."""

    def update(
        self, *, concurrency: int | None = None, tolerated_count: int | None = None, tolerated_percentage: float | None = None
    ) -> None:
        """Change what UpdateMapRun may change, while the run lasts; None leaves it as it is."""
        self.max_concurrency = self.max_concurrency if concurrency is None else concurrency
        self.tolerated_count = self.tolerated_count if tolerated_count is None else tolerated_count
        if tolerated_percentage is not None:
            self.tolerated_percentage = tolerated_percentage
        if self.changed is not None and self.status is Status.RUNNING:
            self.changed()

    def execution_counts(self) -> Mapping[str, int]:
        """Return the numbers of DescribeMapRun's `executionCounts`."""
        return self._counts(dict.fromkeys(range(self.total), 1))

    def item_counts(self) -> Mapping[str, int]:
        """Return the numbers of DescribeMapRun's `itemCounts`."""
        return self._counts(self.items_of)

    def _counts(self, weights: Mapping[int, int]) -> Mapping[str, int]:
        found: Counter[str] = Counter()
        for place, weight in weights.items():
            child = self.children.get(place)
            found[_WORDS[child.status] if child is not None else "pending"] += weight
        redrivable = 0
        if self.status not in {Status.RUNNING, Status.SUCCEEDED}:
            redrivable = sum(found[word] for word in ("failed", "timedOut", "aborted", "pending"))
        return {
            **{word: found[word] for word in ("pending", "running", "succeeded", "failed", "timedOut", "aborted")},
            "total": sum(weights.values()),
            "resultsWritten": self.results_written,
            "failuresNotRedrivable": 0,
            "pendingRedrive": found["pendingRedrive"] if self.status is Status.RUNNING else redrivable,
        }


_WORDS = {
    Status.NOT_STARTED: "pending",
    Status.RUNNING: "running",
    Status.SUCCEEDED: "succeeded",
    Status.FAILED: "failed",
    Status.TIMED_OUT: "timedOut",
    Status.ABORTED: "aborted",
    Status.PENDING_REDRIVE: "pendingRedrive",
}
