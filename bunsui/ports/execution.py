"""Running pipelines: start, look, stop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent, MapRunCounts, SessionStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionSummary:
    """One execution in a list."""

    arn: str
    name: str
    status: SessionStatus
    started_at: datetime
    stopped_at: datetime | None
    version_arn: str = ""
    """The version of the machine that it runs on; empty when it was started on the machine itself."""
    redrive_count: int = 0
    redriven_at: datetime | None = None
    """When it was last redriven."""

    @property
    def changed_at(self) -> datetime:
        """When it last changed: its end, or as long as it runs its last redrive or start. Lists are in this order."""
        return self.stopped_at or self.redriven_at or self.started_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """One execution, described."""

    arn: str
    name: str
    machine_arn: str
    status: SessionStatus
    started_at: datetime
    stopped_at: datetime | None
    input: Json
    output: Json
    error: str
    cause: str
    version_arn: str = ""
    redrive_count: int = 0
    """How often somebody revived it after it had ended."""
    redriven_at: datetime | None = None
    """When that was last; None when nobody did."""
    map_run_arn: str = ""
    """Of the run of a distributed Map whose item it works on; empty for any other."""


class MapRunReader(Protocol):
    """The runs of distributed Maps."""

    def counts(self, map_run_arn: str) -> MapRunCounts:
        """Return how the items stand; Missing when Step Functions does not know the run (any more)."""
        ...

    def holder(self, map_run_arn: str) -> str:
        """Return the ARN of the execution in which the run was started; Missing when Step Functions does not know the run."""
        ...

    def children(self, map_run_arn: str, *, limit: int) -> Sequence[ExecutionSummary]:
        """Return the latest child executions, `limit` at most; which those are, Step Functions says."""
        ...

    def failed_children(self, map_run_arn: str, *, limit: int) -> Sequence[ExecutionSummary]:
        """Return child executions that failed or timed out, `limit` of the latest at most, the first to fail first."""
        ...

    def succeeded_children(self, map_run_arn: str) -> Sequence[ExecutionSummary]:
        """Return all child executions that succeeded, a page of 1,000 by one call; Missing when Step Functions does not know
        the run (any more)."""
        ...


class ExecutionClient(Protocol):
    """Step Functions executions. Repeating a start with the same name and input gives the same execution."""

    def start(self, target_arn: str, *, name: str, payload: Mapping[str, Json]) -> str:
        """Start the machine, version or alias on the input `payload`; give the execution's ARN.

        Conflict when the name is taken by another input."""
        ...

    def describe(self, execution_arn: str) -> Execution:
        """Return the execution; Missing when Step Functions does not know it (any more)."""
        ...

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        """Return the events with an id above `after`, oldest first, all pages. In place of a gate's task token stands a digest
        (`bunsui.sessions.history.gates.hide_token`)."""
        ...

    def executions(self, machine_arn: str, *, limit: int, status: SessionStatus | None = None) -> Sequence[ExecutionSummary]:
        """Return the latest executions, newest start first. Which are the latest, Step Functions says: by start or redrive as
        long as they run, by their end afterwards. So `limit` may leave out one that has run for long, though it runs, where
        many ended meanwhile. What happened a moment ago may not show yet."""
        ...

    def stop(self, execution_arn: str, *, reason: str) -> None:
        """Abort the execution; nothing happens when it already ended."""
        ...

    def definition(self, arn: str) -> Mapping[str, Json]:
        """Return the definition that the execution runs, or that an execution of the machine, version or alias would run
        now."""
        ...


class ExecutionLists(Protocol):
    """All executions of a machine, page by page."""

    def pages(
        self, machine_arn: str, *, status: SessionStatus | None = None, size: int = 1000
    ) -> Iterator[Sequence[ExecutionSummary]]:
        """Return the executions in pages of at most `size`, one call each: by `changed_at`, the newest change first, as well as
        Step Functions manages; what happened a moment ago may not show yet. Missing when there is no such machine."""
        ...


class ExecutionRedriver(Protocol):
    """Revives executions that ended badly."""

    def redrive(self, execution_arn: str, *, token: str) -> None:
        """Let the execution go on at the state that failed, on the definition that it ran; nothing more happens when this was
        done with the same `token` in the last minutes.

        Refused when it cannot be redriven; the error says why. Missing when Step Functions does not know it (any more)."""
        ...


class SessionExecutions(ExecutionClient, ExecutionLists, ExecutionRedriver, Protocol):
    """What sessions ask of Step Functions."""
