"""Runs of distributed Maps in Step Functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.stepfunctions import summary_of
from bunsui.model.session import MapRunCounts
from bunsui.ports.execution import ExecutionSummary

_DONE = ("succeeded", "failed", "timedOut")
_PAGE = 1000


class StepFunctionsMapRuns:
    """Implements `bunsui.ports.execution.MapRunReader`."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def counts(self, map_run_arn: str) -> MapRunCounts:
        """Return how the items stand; Missing when Step Functions does not know the run (any more)."""
        with self._connection.translated("stepfunctions", "DescribeMapRun", map_run=map_run_arn):
            answer = self._connection.reader("stepfunctions").describe_map_run(mapRunArn=map_run_arn)
        items: Mapping[str, Any] = answer["itemCounts"]
        return MapRunCounts(
            arn=map_run_arn,
            total=int(items["total"]),
            done=sum(int(items[name]) for name in _DONE),
            failed=sum(int(items[name]) for name in ("failed", "timedOut")),
            is_final=answer["status"] != "RUNNING",
        )

    def holder(self, map_run_arn: str) -> str:
        """Return the ARN of the execution in which the run was started; Missing when Step Functions does not know the run."""
        with self._connection.translated("stepfunctions", "DescribeMapRun", map_run=map_run_arn):
            answer = self._connection.reader("stepfunctions").describe_map_run(mapRunArn=map_run_arn)
        return str(answer["executionArn"])

    def children(self, map_run_arn: str, *, limit: int) -> Sequence[ExecutionSummary]:
        """Return the latest child executions, `limit` at most; which those are, Step Functions says."""
        return self._list_executions(map_run_arn, limit=limit)

    def failed_children(self, map_run_arn: str, *, limit: int) -> Sequence[ExecutionSummary]:
        """Return child executions that failed or timed out, `limit` of the latest at most, the first to fail first."""
        found = [
            one
            for status in ("FAILED", "TIMED_OUT")
            for one in self._list_executions(map_run_arn, limit=limit, statusFilter=status)
        ]
        # Step Functions lists the newest first, which decides where instants are the same.
        found.reverse()
        return sorted(found, key=lambda one: one.stopped_at or one.started_at)[:limit]

    def succeeded_children(self, map_run_arn: str) -> Sequence[ExecutionSummary]:
        """Return all child executions that succeeded, a page of 1,000 by one call."""
        return self._list_executions(map_run_arn, statusFilter="SUCCEEDED")

    def _list_executions(self, map_run_arn: str, *, limit: int | None = None, **filters: str) -> list[ExecutionSummary]:
        with self._connection.translated("stepfunctions", "ListExecutions", map_run=map_run_arn):
            pages = self._connection.reader("stepfunctions").get_paginator("list_executions")
            config = {"MaxItems": limit, "PageSize": min(limit or _PAGE, _PAGE)}
            answers = list(pages.paginate(mapRunArn=map_run_arn, PaginationConfig=config, **filters))
        return [summary_of(item) for page in answers for item in page["executions"]]
