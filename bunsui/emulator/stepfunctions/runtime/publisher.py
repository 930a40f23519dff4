"""Tells others what happens to executions: events to EventBridge, the history to the log group, metrics to CloudWatch.

All three are best effort on AWS, and here: what goes wrong is logged, and the execution goes on.
Sources: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html,
https://docs.aws.amazon.com/step-functions/latest/dg/cloudwatch-log-level.html,
https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bunsui.aws.service_calls import ServiceFailure
from bunsui.emulator.stepfunctions.api.descriptions import describe_record, described_event
from bunsui.emulator.stepfunctions.store.arns import Location
from bunsui.emulator.stepfunctions.store.records import EXPRESS, RUNNING, ExecutionRecord, RegionStore
from bunsui.emulator.stepfunctions.tasks.pool import Pool
from bunsui.emulator.stepfunctions.tasks.services import Services
from bunsui.model.json import Json

_log = logging.getLogger("bunsui.emulator")

_INCLUDED_BYTES = 248 * 1024
"""Of input and output together, escaped: beyond, the input is left out of a status event; an output that is longer, too."""
_BATCH = 1_000
_FAREWELL_SECONDS = 3.0
_DATA = frozenset({"parameters", "assignedVariables", "assignedVariablesDetails"})
"""Execution data beside inputs and outputs."""
_FATAL = frozenset({"ExecutionAborted", "ExecutionFailed", "ExecutionTimedOut"})
_ERROR_ENDINGS = ("Failed", "Aborted", "TimedOut")
_METRICS: Mapping[str, str] = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "ABORTED": "ExecutionsAborted",
    "TIMED_OUT": "ExecutionsTimedOut",
}


class Publisher:
    """Listens to executions (`scheduler.ExecutionListener`) on a thread of its own: in order, and without keeping anyone."""

    def __init__(self, services: Services, *, put_event: Callable[[Location, Mapping[str, Any]], None]) -> None:
        """`put_event` puts an entry on the location's default bus, also one of a source that only AWS may use."""
        self._services = services
        self._put_event = put_event
        self._thread = Pool(1, "listener")
        self._streams: set[tuple[str, str]] = set()

    def status_changed(self, region_store: RegionStore, record: ExecutionRecord) -> None:
        """Tell EventBridge, for Standard machines, and count."""
        # The record goes on changing while this waits for its turn.
        detail = _status_detail(record) if record.type != EXPRESS else None
        metrics = _metrics(record)
        self._later(lambda: self._tell(region_store.location, record.arn, detail, metrics))

    def recorded(self, region_store: RegionStore, record: ExecutionRecord, events: Sequence[dict[str, Any]]) -> None:
        """Write the events that the log level asks for."""
        configuration = record.revision.logging
        level = configuration.get("level", "OFF")
        chosen = [event for event in events if _is_logged(event["type"], level)]
        if not chosen:
            return
        include = bool(configuration.get("includeExecutionData"))
        lines = [_log_line(record, event, include_data=include) for event in chosen]
        arn = configuration["destinations"][0]["cloudWatchLogsLogGroup"]["logGroupArn"]
        group = str(arn).split(":log-group:")[1].removesuffix(":*")
        started = datetime.fromtimestamp(record.started_at, UTC)
        stream = f"states/{record.machine_name}/{started:%Y-%m-%d-%H-%M}/{record.arn.rpartition(':')[2][:8]}"
        self._later(lambda: self._write(region_store.location, group, stream, lines))

    def close(self) -> None:
        """Tell what is left, as far as that is quickly done, and no more."""
        if not self._thread.drain(_FAREWELL_SECONDS):
            _log.warning("the embedded AWS stops; not everybody was told of every execution")
        self._thread.close()

    def _later(self, work: Callable[[], None]) -> None:
        def attempt() -> None:
            try:
                work()
            except ServiceFailure as failure:
                _log.warning("could not tell about an execution: %s", failure.message)
            except Exception:  # noqa: BLE001 - telling is best effort
                _log.exception("could not tell about an execution")

        self._thread.do(attempt)

    def _tell(
        self, location: Location, arn: str, detail: Mapping[str, Any] | None, metrics: Sequence[Mapping[str, Any]]
    ) -> None:
        if detail is not None:
            entry = {
                "Source": "aws.states",
                "DetailType": "Step Functions Execution Status Change",
                "Detail": json.dumps(detail),
                "Resources": [arn],
            }
            self._put_event(location, entry)
        request: dict[str, Json] = {"Namespace": "AWS/States", "MetricData": list(metrics)}
        self._services.call("cloudwatch", "putMetricData", request, account=location.account, region=location.region)

    def _write(self, location: Location, group: str, stream: str, lines: Sequence[Mapping[str, Any]]) -> None:
        about: dict[str, Json] = {"LogGroupName": group, "LogStreamName": stream}
        write = partial(self._services.call, "logs", account=location.account, region=location.region)
        if (group, stream) not in self._streams:
            try:
                write("createLogStream", about)
            except ServiceFailure as failure:
                if failure.code != "ResourceAlreadyExistsException":
                    raise
            self._streams.add((group, stream))
        for start in range(0, len(lines), _BATCH):
            write("putLogEvents", {**about, "LogEvents": lines[start : start + _BATCH]})


def _is_logged(kind: str, level: str) -> bool:
    match level:
        case "ALL":
            return True
        case "ERROR":
            return kind.endswith(_ERROR_ENDINGS)
        case "FATAL":
            return kind in _FATAL
        case _:
            return False


def _log_line(record: ExecutionRecord, event: Mapping[str, Any], *, include_data: bool) -> dict[str, Any]:
    shown = described_event(event, include_data=include_data)
    found: Mapping[str, Any] = next((value for key, value in shown.items() if key.endswith("EventDetails")), {})
    details = {key: value for key, value in found.items() if include_data or key not in _DATA}
    milliseconds = round(event["timestamp"] * 1000)
    message = {
        "id": str(event["id"]),
        "type": event["type"],
        "details": details,
        "previous_event_id": str(event["previousEventId"]),
        "event_timestamp": str(milliseconds),
        "execution_arn": record.arn,
        "redrive_count": str(record.redrive_count),
    }
    return {"Timestamp": milliseconds, "Message": json.dumps(message)}


def _status_detail(record: ExecutionRecord) -> dict[str, Any]:
    """Return the detail of the event: all members of DescribeExecution, null where there is none, instants in milliseconds."""
    shown = describe_record(record, record.stopped_at or record.started_at)
    members = (
        "executionArn", "stateMachineArn", "name", "status", "startDate", "stopDate", "input", "inputDetails", "output",
        "outputDetails", "stateMachineVersionArn", "stateMachineAliasArn", "redriveCount", "redriveDate", "redriveStatus",
        "redriveStatusReason", "error", "cause",
    )  # fmt: skip
    detail: dict[str, Any] = {member: shown.get(member) for member in members}
    for member in ("startDate", "stopDate", "redriveDate"):
        if detail[member] is not None:
            detail[member] = round(detail[member] * 1000)
    given, made = (0 if detail[member] is None else _escaped_size(detail[member]) for member in ("input", "output"))
    for member, bytes_ in (("input", given + made), ("output", made)):
        if detail[member] is not None and bytes_ > _INCLUDED_BYTES:
            detail[member], detail[f"{member}Details"] = None, {"included": False}
    return detail


def _escaped_size(text: str) -> int:
    """Return the bytes of a text as a string of JSON."""
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _metrics(record: ExecutionRecord) -> list[dict[str, Any]]:
    dimensions = [{"Name": "StateMachineArn", "Value": record.machine_arn}]
    if record.status == RUNNING:
        return [_metric("ExecutionsStarted", 1.0, "Count", dimensions)]
    took = ((record.stopped_at or record.started_at) - record.started_at) * 1000
    return [
        _metric(_METRICS[record.status], 1.0, "Count", dimensions),
        _metric("ExecutionTime", took, "Milliseconds", dimensions),
    ]


def _metric(name: str, value: float, unit: str, dimensions: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    return {"MetricName": name, "Value": value, "Unit": unit, "Dimensions": list(dimensions)}
