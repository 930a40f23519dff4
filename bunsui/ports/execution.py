"""Running pipelines: start, look, stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bunsui.model.session import HistoryEvent, MapRunCounts, SessionStatus
from bunsui.model.values import Json


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


class MapRunReader(Protocol):
    """The runs of distributed Maps."""

    def counts(self, map_run_arn: str) -> MapRunCounts:
        """Give how the items stand; Missing when Step Functions does not know the run (any more)."""
        ...

    def failed_children(self, map_run_arn: str, *, limit: int) -> Sequence[ExecutionSummary]:
        """Give child executions that failed or timed out, `limit` of the latest at most, the first to fail first."""
        ...


class ExecutionClient(Protocol):
    """Step Functions executions. Repeating a start with the same name and input gives the same execution."""

    def start(self, target_arn: str, *, name: str, payload: Mapping[str, Json]) -> str:
        """Start the machine, version or alias on the input `payload`; give the execution's ARN.

        Conflict when the name is taken by another input."""
        ...

    def describe(self, execution_arn: str) -> Execution:
        """Give the execution; Missing when Step Functions does not know it (any more)."""
        ...

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        """Give the events with an id above `after`, oldest first, all pages."""
        ...

    def executions(self, machine_arn: str, *, limit: int, status: SessionStatus | None = None) -> Sequence[ExecutionSummary]:
        """Give the latest executions, newest first."""
        ...

    def stop(self, execution_arn: str, *, reason: str) -> None:
        """Abort the execution; nothing happens when it already ended."""
        ...

    def definition(self, arn: str) -> Mapping[str, Json]:
        """Give the definition that the execution runs, or that an execution of the machine, version or alias would run now."""
        ...
