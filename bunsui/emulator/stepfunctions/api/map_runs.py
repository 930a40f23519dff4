"""Runs of distributed Maps as the API shows them, with their child executions.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-examine-map-run.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bunsui.emulator.stepfunctions.api.descriptions import described_event
from bunsui.emulator.stepfunctions.api.paging import list_answer, page
from bunsui.emulator.stepfunctions.api.request_context import RequestContext
from bunsui.emulator.stepfunctions.errors import invalid_value, no_execution, no_resource
from bunsui.emulator.stepfunctions.store.arns import parse_arn
from bunsui.emulator.stepfunctions.store.records import RUNNING, ExecutionRecord, MapRunRecord, RegionStore
from bunsui.engine.distributed.map_run import ChildExecution, MapRun
from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.status import Status

Request = Mapping[str, Any]


def list_map_runs(context: RequestContext, request: Request) -> dict[str, Any]:
    """Return the map runs of an execution, newest first."""
    arn = request["executionArn"]
    parse_arn(arn, "execution")
    if arn not in context.region_store.executions:
        raise no_execution(arn)
    context.runs.refresh()
    runs = sorted(
        (run for run in context.region_store.map_runs.values() if run.execution_arn == arn),
        key=lambda run: (-run.started_at, run.arn),
    )
    items, token = page(runs, request, about=("map runs", arn), key=lambda run: (-run.started_at, run.arn))
    return list_answer("mapRuns", ([_summary(run) for run in items], token))


def describe_map_run(context: RequestContext, request: Request) -> dict[str, Any]:
    """Return a map run."""
    run = _known_map_run(context, request["mapRunArn"])
    return {"mapRunArn": run.arn, "executionArn": run.execution_arn, "startDate": run.started_at, **run.details}


def update_map_run(context: RequestContext, request: Request) -> dict[str, Any]:
    """Change how many children run at once and how many may fail, while the map run lasts."""
    run = _known_map_run(context, request["mapRunArn"])
    changes = {
        member: request[member]
        for member in ("maxConcurrency", "toleratedFailurePercentage", "toleratedFailureCount")
        if member in request
    }
    if not changes:
        raise invalid_value("At least one of maxConcurrency, toleratedFailureCount, toleratedFailurePercentage is needed")
    if run.details["status"] != RUNNING:
        raise invalid_value(f"Map Run '{run.arn}' has completed and cannot be updated")
    context.runs.update_map_run(context.region_store.executions[run.execution_arn], run.arn, changes)
    return {}


def note_map_runs(region_store: RegionStore, parent: ExecutionRecord, runs: Sequence[MapRun]) -> None:
    """Bring the region's records of map runs and of their children up to date."""
    for run in runs:
        known = region_store.map_runs.get(run.arn)
        if known is not None and known.details["status"] == run.status.value != RUNNING:
            continue
        region_store.map_runs[run.arn] = MapRunRecord(
            arn=run.arn,
            execution_arn=run.execution_arn,
            machine_arn=run.child_machine_arn,
            started_at=run.started_at.timestamp(),
            details=_details(run),
        )
        for child in run.children.values():
            _note_child(region_store, parent, run, child)


def _details(run: MapRun) -> dict[str, Any]:
    details: dict[str, Any] = {
        "status": run.status.value,
        "maxConcurrency": run.max_concurrency,
        "toleratedFailurePercentage": run.tolerated_percentage,
        "toleratedFailureCount": run.tolerated_count,
        "itemCounts": dict(run.item_counts()),
        "executionCounts": dict(run.execution_counts()),
        "redriveCount": run.redrive_count,
    }
    if run.stopped_at is not None:
        details["stopDate"] = run.stopped_at.timestamp()
    if run.redriven_at is not None:
        details["redriveDate"] = run.redriven_at.timestamp()
    return details


def _note_child(region_store: RegionStore, parent: ExecutionRecord, run: MapRun, child: ChildExecution) -> None:
    arn = child.names.arn
    record = region_store.executions.get(arn)
    if record is not None and record.status != RUNNING and len(record.events) == len(child.events):
        return
    if record is None:
        record = region_store.executions[arn] = ExecutionRecord(
            arn=arn,
            name=child.names.name,
            machine_arn=child.names.machine_arn,
            machine_name=child.names.machine_name,
            type=child.kind,
            input=child.payload_text,
            revision=parent.revision,
            started_at=(child.started_at or run.started_at).timestamp(),
            map_run_arn=run.arn,
        )
    record.status = child.status.value
    record.redrive_count = child.redrive_count
    record.stopped_at = child.stopped_at.timestamp() if child.stopped_at is not None else None
    record.error, record.cause = child.error, child.cause
    record.output = compact(child.output) if child.status is Status.SUCCEEDED else None
    record.events.extend(described_event(event, include_data=True) for event in child.events[len(record.events) :])


def _summary(run: MapRunRecord) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "executionArn": run.execution_arn,
        "mapRunArn": run.arn,
        "stateMachineArn": run.machine_arn,
        "startDate": run.started_at,
    }
    return answer | ({"stopDate": run.details["stopDate"]} if "stopDate" in run.details else {})


def _known_map_run(context: RequestContext, arn: str) -> MapRunRecord:
    parse_arn(arn, "mapRun")
    context.runs.refresh()
    run = context.region_store.map_runs.get(arn)
    if run is None:
        raise no_resource(arn)
    return run
