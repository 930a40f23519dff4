"""What an operation of the API may reach for when it answers a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

from bunsui.emulator.stepfunctions.lag import Lag, Replaced
from bunsui.emulator.stepfunctions.roles import EveryRole, Roles
from bunsui.emulator.stepfunctions.store.records import ExecutionRecord, RegionStore, Revision
from bunsui.emulator.stepfunctions.tasks.activity_queue import ActivityQueue
from bunsui.emulator.stepfunctions.tasks.task import TaskWorker
from bunsui.engine.tasks import TaskReport


class RunningExecutions(Protocol):
    """The executions that run, or can run again."""

    @property
    def activity_queue(self) -> ActivityQueue:
        """The work that waits for workers of activities."""
        ...

    @property
    def redrive_tokens(self) -> dict[str, dict[str, float]]:
        """By execution, the client tokens of its redrives, each with the time of its first use."""
        ...

    def start(self, region_store: RegionStore, record: ExecutionRecord) -> None:
        """Begin an execution."""
        ...

    def stop(self, region_store: RegionStore, record: ExecutionRecord, *, error: str | None, cause: str | None) -> None:
        """Abort a running execution."""
        ...

    def redrive(self, region_store: RegionStore, record: ExecutionRecord) -> None:
        """Run the failed states of an ended execution again."""
        ...

    def events(self, record: ExecutionRecord) -> Sequence[dict[str, Any]]:
        """Return the history so far."""
        ...

    def ended(self, record: ExecutionRecord) -> Future[None]:
        """Return what is done when the execution ends."""
        ...

    def update_map_run(self, record: ExecutionRecord, arn: str, changes: Mapping[str, float]) -> None:
        """Change limits of a map run of a running execution, named as UpdateMapRun names them."""
        ...

    def refresh(self) -> None:
        """Bring the records of map runs and their children up to date."""
        ...

    def tell(self, token: str, report: TaskReport) -> str:
        """Hand a report to the task that waits for the token: "told"; "over" when it no longer waits, "unknown" otherwise."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestContext:
    """One caller's location, and what there is for everybody."""

    region_store: RegionStore
    runs: RunningExecutions
    now: Callable[[], float]
    """Seconds since 1970."""
    later: Callable[[float, Callable[[], None]], None]
    """Does something after some seconds."""
    post: Callable[[Callable[[], None]], None]
    """Has something done on the engine's thread; from any thread."""
    tasks: TaskWorker
    """Does the work of a single Task, for TestState."""
    has_log_group: Callable[[str], bool]
    """Tells whether there is a log group of that ARN, which ends in `:*`."""
    lag: Lag = field(default_factory=Lag)
    """How old what reads of executions tell is."""
    revisions: Replaced[Revision] = field(default_factory=Replaced)
    """What machines ran on until lately."""
    routes: Replaced[tuple[tuple[str, int], ...]] = field(default_factory=Replaced)
    """Where aliases led until lately."""
    roles: Roles = field(default_factory=EveryRole)
    """Judges what machines' roles permit."""
