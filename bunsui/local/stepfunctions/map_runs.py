"""Runs of distributed Maps, and their child executions as the API shows them.

Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-examine-map-run.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from bunsui.engine.names import Status
from bunsui.engine.paths import compact
from bunsui.local.stepfunctions.arns import parsed
from bunsui.local.stepfunctions.descriptions import described_event
from bunsui.local.stepfunctions.desk import Desk
from bunsui.local.stepfunctions.paging import listed, page
from bunsui.local.stepfunctions.records import RUNNING, ExecutionRecord, MapRunRecord, Room
from bunsui.local.stepfunctions.refusals import invalid_value, no_execution, no_resource

if TYPE_CHECKING:
    from bunsui.engine.distributed.map_run import MapRun
    from bunsui.engine.execution import Execution

Request = Mapping[str, Any]


def list_map_runs(desk: Desk, request: Request) -> dict[str, Any]:
    """Give the map runs of an execution, newest first."""
    arn = request["executionArn"]
    parsed(arn, "execution")
    if arn not in desk.room.executions:
        raise no_execution(arn)
    desk.runs.refresh()
    runs = sorted(
        (run for run in desk.room.map_runs.values() if run.execution_arn == arn), key=lambda run: (-run.started_at, run.arn)
    )
    items, token = page(runs, request, about=("map runs", arn), key=lambda run: (-run.started_at, run.arn))
    return listed("mapRuns", ([_summary(run) for run in items], token))


def describe_map_run(desk: Desk, request: Request) -> dict[str, Any]:
    """Give a map run."""
    run = _known(desk, request["mapRunArn"])
    return {"mapRunArn": run.arn, "executionArn": run.execution_arn, "startDate": run.started_at, **run.details}


def update_map_run(desk: Desk, request: Request) -> dict[str, Any]:
    """Change how many children run at once and how many may fail, while the map run lasts."""
    run = _known(desk, request["mapRunArn"])
    changes = {
        member: request[member]
        for member in ("maxConcurrency", "toleratedFailurePercentage", "toleratedFailureCount")
        if member in request
    }
    if not changes:
        raise invalid_value("At least one of maxConcurrency, toleratedFailureCount, toleratedFailurePercentage is needed")
    if run.details["status"] != RUNNING:
        raise invalid_value(f"Map Run '{run.arn}' has completed and cannot be updated")
    desk.runs.update_map_run(desk.room.executions[run.execution_arn], run.arn, changes)
    return {}


def note_map_runs(room: Room, parent: ExecutionRecord, runs: Sequence[MapRun]) -> None:
    """Bring the room's records of map runs and of their children up to date."""
    for run in runs:
        known = room.map_runs.get(run.arn)
        if known is not None and known.details["status"] == run.status.value != RUNNING:
            continue
        room.map_runs[run.arn] = MapRunRecord(
            arn=run.arn,
            execution_arn=run.execution_arn,
            machine_arn=run.child_machine_arn,
            started_at=run.started_at.timestamp(),
            details=_details(run),
        )
        for child in run.children.values():
            _note_child(room, parent, run, child)


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


def _note_child(room: Room, parent: ExecutionRecord, run: MapRun, child: Execution) -> None:
    arn = child.names.arn
    record = room.executions.get(arn)
    if record is not None and record.status != RUNNING and len(record.events) == len(child.events):
        return
    if record is None:
        record = room.executions[arn] = ExecutionRecord(
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


def _known(desk: Desk, arn: str) -> MapRunRecord:
    parsed(arn, "mapRun")
    desk.runs.refresh()
    run = desk.room.map_runs.get(arn)
    if run is None:
        raise no_resource(arn)
    return run
