"""Runs of distributed Maps that the engine really ran, with their children, as Step Functions tells them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bunsui.engine.distributed.map_run import ChildExecution, MapRun
from bunsui.engine.status import Status
from bunsui.errors import Missing
from bunsui.model.session import MapRunCounts, SessionStatus
from bunsui.ports.execution import Execution, ExecutionSummary

__all__ = ["EngineMapRuns", "described_child", "with_inner_runs"]

_STATUSES = {
    Status.SUCCEEDED: SessionStatus.SUCCEEDED,
    Status.FAILED: SessionStatus.FAILED,
    Status.TIMED_OUT: SessionStatus.TIMED_OUT,
    Status.ABORTED: SessionStatus.CANCELLED,
}


@dataclass(frozen=True)
class EngineMapRuns:
    """Implements `bunsui.ports.execution.MapRunReader`; `runs` returns all that there are."""

    runs: Callable[[], Iterable[MapRun]]

    def counts(self, map_run_arn: str) -> MapRunCounts:
        """Return how the items stand; Missing when there is no such run."""
        run = self._run(map_run_arn)
        items = run.item_counts()
        return MapRunCounts(
            arn=map_run_arn,
            total=items["total"],
            done=items["succeeded"] + items["failed"] + items["timedOut"],
            failed=items["failed"] + items["timedOut"],
            is_final=run.status is not Status.RUNNING,
        )

    def holder(self, map_run_arn: str) -> str:
        """Return the ARN of the execution in which the run was started; Missing when there is no such run."""
        return self._run(map_run_arn).execution_arn

    def children(self, map_run_arn: str, *, limit: int) -> Sequence[ExecutionSummary]:
        """Return the latest child executions, `limit` at most."""
        return self._list(map_run_arn, *Status)[:limit]

    def failed_children(self, map_run_arn: str, *, limit: int) -> Sequence[ExecutionSummary]:
        """Return child executions that failed or timed out, `limit` of the latest at most, the first to fail first."""
        found = self._list(map_run_arn, Status.FAILED, Status.TIMED_OUT)[:limit]
        found.reverse()  # the newest is listed first, which decides where instants are the same
        return sorted(found, key=lambda one: one.stopped_at or one.started_at)

    def succeeded_children(self, map_run_arn: str) -> Sequence[ExecutionSummary]:
        """Return all child executions that succeeded."""
        return self._list(map_run_arn, Status.SUCCEEDED)

    def _list(self, map_run_arn: str, *statuses: Status) -> list[ExecutionSummary]:
        run = self._run(map_run_arn)
        children = (child for _, child in sorted(run.children.items(), reverse=True) if child.status in statuses)
        return [_summary(child) for child in children]

    def _run(self, arn: str) -> MapRun:
        found = next((run for run in self.runs() if run.arn == arn), None)
        if found is None:
            raise Missing("no-map-run", "there is no such map run", map_run=arn)
        return found


def with_inner_runs(runs: Iterable[MapRun]) -> Iterator[MapRun]:
    """Return the runs and those of their children."""
    for run in runs:
        yield run
        for child in run.children.values():
            yield from with_inner_runs(child.map_runs)


def described_child(runs: Iterable[MapRun], execution_arn: str) -> Execution | None:
    """Return a child of one of the runs as DescribeExecution tells it; None where it is none of theirs."""
    for run in runs:
        for child in run.children.values():
            if child.names.arn == execution_arn:
                return _describe(run, child)
    return None


def _summary(child: ChildExecution) -> ExecutionSummary:
    told = _describe(None, child)
    return ExecutionSummary(
        arn=told.arn, name=told.name, status=told.status, started_at=told.started_at, stopped_at=told.stopped_at
    )


def _describe(run: MapRun | None, child: ChildExecution) -> Execution:
    assert child.started_at is not None, "children are started when they are made"
    return Execution(
        arn=child.names.arn,
        name=child.names.name,
        machine_arn=child.names.machine_arn,
        status=_STATUSES.get(child.status, SessionStatus.RUNNING),
        started_at=child.started_at,
        stopped_at=child.stopped_at,
        input=json.loads(child.payload_text),
        output=child.output if child.status is Status.SUCCEEDED else None,
        error=child.error or "",
        cause=child.cause or "",
        redrive_count=child.redrive_count,
        redriven_at=child.redriven_at,
        map_run_arn=run.arn if run is not None else "",
    )
