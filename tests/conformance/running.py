"""Run one recorded case on the engine."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from bunsui.engine.clock import VirtualClock
from bunsui.engine.distributed.objects import MemoryObjects
from bunsui.engine.mocks import from_list
from bunsui.engine.names import ExecutionNames
from bunsui.engine.run import ExecutionResult, run

_ARN = "arn:aws:states:us-east-1:111111111111:execution:machine:execution"
_START = "2024-01-01T00:00:00+00:00"


def is_case(document: Mapping[str, Any]) -> bool:
    """Tell whether a document is an execution with what came of it, rather than a request of another operation."""
    return "definition" in document and ("execution_arn" in document or "mocks" in document) and "op" not in document


def names_of(case: Mapping[str, Any]) -> ExecutionNames:
    """Return the names under which the case was recorded: of `...:execution:MACHINE:NAME` or `...:express:MACHINE:NAME:ID`."""
    arn = str(case.get("execution_arn") or _ARN)
    parts = arn.split(":")
    machine, name = (parts[6], parts[7]) if len(parts) > 7 else (parts[-1], parts[-1])
    role = "sfn_role_arn" if parts[5] == "express" else "snf_role_arn"
    return ExecutionNames(
        arn=arn,
        name=name,
        machine_arn=":".join([*parts[:5], "stateMachine", machine]),
        machine_name=machine,
        role_arn=role,
    )


def mocks_of(case: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the mocks with the Map iterations that are really around their states.

    A recorded `path` follows `previousEventId`, by which an iteration hangs on the one before it: only the last index of each
    enclosing Map counts."""
    around = dict(_enclosing(case["definition"], ()))
    mocks = []
    for mock in case.get("mocks") or []:
        last = dict(mock.get("path") or [])
        path = [[name, last[name]] for name in around.get(mock["state"], ()) if name in last]
        mocks.append({**mock, "path": path, "result": _result(mock)})
    return mocks


def _result(mock: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a try answered; one of which nothing was recorded, such as one that was aborted, never answered."""
    result = mock.get("result")
    known = isinstance(result, Mapping) and result.get("kind") in {"succeed", "fail"}
    return result if known and result is not None else {"kind": "timeout"}


def _enclosing(scope: Mapping[str, Any], maps: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, state in (scope.get("States") or {}).items():
        yield name, maps
        for branch in state.get("Branches", []):
            yield from _enclosing(branch, maps)
        processor = state.get("ItemProcessor", state.get("Iterator"))
        if processor is not None:
            yield from _enclosing(processor, (*maps, name))


def run_case(case: Mapping[str, Any]) -> ExecutionResult:
    """Run the case's definition with its input and mocks, at its time and under its names."""
    clock = VirtualClock(_aware(str(case.get("clock_start") or _START)))
    return run(
        case["definition"],
        case.get("input", {}),
        runner=from_list(mocks_of(case), clock),
        clock=clock,
        names=names_of(case),
        kind=str(case.get("type") or "STANDARD"),
        is_awaited=bool(case.get("sync")),
        objects=MemoryObjects({(each["Bucket"], each["Key"]): each["Body"].encode() for each in case.get("s3_objects") or []}),
    )


def _aware(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def line_of(case: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the runner prints of a case; JSON all through."""
    result = run_case(case)
    events = json.loads(json.dumps(list(result.events), default=lambda at: at.isoformat()))
    return {
        "name": case.get("name"),
        "status": str(result.status),
        "output": result.output,
        "error": result.error,
        "cause": result.cause,
        "events": events,
    }
