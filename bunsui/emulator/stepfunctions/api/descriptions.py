"""Executions as the API describes them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from bunsui.emulator.stepfunctions.store.records import RUNNING, STANDARD, ExecutionRecord

_REDRIVE_SECONDS = 14 * 24 * 3600.0
"""https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html"""
_REDRIVE_EVENTS = 24_999
_STEP_MILLISECONDS = 100
_STEP_MEGABYTES = 64
_DATA = ("input", "inputDetails", "output", "outputDetails")


def describe_record(record: ExecutionRecord, now: float) -> dict[str, Any]:
    """Return an execution as DescribeExecution, and StartSyncExecution, give it."""
    answer: dict[str, Any] = {
        "executionArn": record.arn,
        "stateMachineArn": record.machine_arn,
        "name": record.name,
        "status": record.status,
        "startDate": record.started_at,
        "input": record.input,
        "inputDetails": {"included": True},
    }
    if record.output is not None:
        answer |= {"output": record.output, "outputDetails": {"included": True}}
    optional = {
        "stopDate": record.stopped_at,
        "error": record.error,
        "cause": record.cause,
        "traceHeader": record.trace_header or None,
    }
    if record.type == STANDARD:
        status, reason = redrive_status(record, now)
        answer |= {"redriveCount": record.redrive_count, "redriveStatus": status}
        optional |= {
            "redriveStatusReason": reason or None,
            "redriveDate": record.redriven_at,
            "stateMachineVersionArn": record.version_arn or None,
            "stateMachineAliasArn": record.alias_arn or None,
            "mapRunArn": record.map_run_arn or None,
        }
    return answer | {key: value for key, value in optional.items() if value is not None}


def summary(record: ExecutionRecord) -> dict[str, Any]:
    """Return an execution as ListExecutions gives it."""
    answer: dict[str, Any] = {
        "executionArn": record.arn,
        "stateMachineArn": record.machine_arn,
        "name": record.name,
        "status": record.status,
        "startDate": record.started_at,
    }
    optional = {
        "stopDate": record.stopped_at,
        "mapRunArn": record.map_run_arn or None,
        "stateMachineVersionArn": record.version_arn or None,
        "stateMachineAliasArn": record.alias_arn or None,
        "redriveDate": record.redriven_at,
        "redriveCount": record.redrive_count or None,
    }
    return answer | {key: value for key, value in optional.items() if value is not None}


def redrive_status(record: ExecutionRecord, now: float) -> tuple[str, str]:
    """Return whether the execution can be redriven, and why not."""
    if record.status in (RUNNING, "SUCCEEDED", "PENDING_REDRIVE"):
        return "NOT_REDRIVABLE", f"Execution is {record.status} and cannot be redriven"
    if record.map_run_arn:
        return "REDRIVABLE_BY_MAP_RUN", ""
    if record.stopped_at is not None and now - record.stopped_at > _REDRIVE_SECONDS:
        return "NOT_REDRIVABLE", "Execution is older than 14 days and cannot be redriven"
    if len(record.events) >= _REDRIVE_EVENTS:
        return "NOT_REDRIVABLE", "Execution history event limit exceeded"
    return "REDRIVABLE", ""


def billing(record: ExecutionRecord) -> dict[str, int]:
    """Return what an Express execution costs: its time in steps of 100 ms, and the smallest memory there is.

    Source: https://aws.amazon.com/step-functions/pricing/"""
    milliseconds = ((record.stopped_at or record.started_at) - record.started_at) * 1000
    steps = max(1, math.ceil(milliseconds / _STEP_MILLISECONDS))
    return {"billedMemoryUsedInMB": _STEP_MEGABYTES, "billedDurationInMilliseconds": steps * _STEP_MILLISECONDS}


def described_event(event: Mapping[str, Any], *, include_data: bool) -> dict[str, Any]:
    """Return an event as GetExecutionHistory gives it; without inputs and outputs when they are not wanted."""
    answer = dict(event)
    if not isinstance(answer["timestamp"], (int, float)):
        answer["timestamp"] = round(answer["timestamp"].timestamp(), 3)
    if not include_data:
        for name, details in event.items():
            if isinstance(details, Mapping):
                answer[name] = {key: value for key, value in details.items() if key not in _DATA}
    return answer
