"""Map runs in memory: what a test says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bunsui.errors import Missing
from bunsui.model.session import MapRunCounts
from bunsui.ports.execution import ExecutionSummary


@dataclass
class MemoryMapRuns:
    """Implements `bunsui.ports.execution.MapRunReader`."""

    runs: dict[str, MapRunCounts] = field(default_factory=dict)
    failed: Mapping[str, Sequence[ExecutionSummary]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    held_by: Mapping[str, str] = field(default_factory=dict)
    """The execution of each run."""

    def counts(self, map_run_arn: str) -> MapRunCounts:
        self.asked.append(map_run_arn)
        if map_run_arn not in self.runs:
            raise Missing("no-map-run", "gone")
        return self.runs[map_run_arn]

    def holder(self, map_run_arn: str) -> str:
        if map_run_arn not in self.held_by:
            raise Missing("no-map-run", "gone")
        return self.held_by[map_run_arn]

    def children(self, map_run_arn: str, *, limit: int) -> Sequence[ExecutionSummary]:
        return self.failed_children(map_run_arn, limit=limit)

    def succeeded_children(self, map_run_arn: str) -> Sequence[ExecutionSummary]:
        self.counts(map_run_arn)
        return ()

    def failed_children(self, map_run_arn: str, *, limit: int) -> Sequence[ExecutionSummary]:
        if map_run_arn not in self.failed:
            raise Missing("no-map-run", "gone")
        return self.failed[map_run_arn][:limit]
