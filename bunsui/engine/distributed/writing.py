"""Results of a distributed Map: shaped for the state's output, or exported as objects.

Source: developer guide, "ResultWriter (Map)": a child that failed is told in full whatever the transformation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from bunsui.engine.context import timestamp
from bunsui.engine.distributed.map_run import ChildExecution, MapRun
from bunsui.engine.distributed.objects import ObjectFailure, Objects
from bunsui.engine.failures import RESULT_WRITER, StateFailure
from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.status import Status
from bunsui.model.json import Json

__all__ = ["export", "results"]

COMPACT = "COMPACT"
FLATTEN = "FLATTEN"
NONE = "NONE"


def results(children: Iterable[ChildExecution], transformation: str) -> list[Json]:
    """Return the children's outputs in their order: alone (COMPACT), arrays taken apart (FLATTEN), or with the rest (NONE)."""
    found: list[Json] = []
    for child in children:
        if transformation == NONE or child.status is not Status.SUCCEEDED:
            found.append(_result_entry(child))
        elif transformation == FLATTEN and isinstance(child.output, list):
            found.extend(child.output)
        else:
            found.append(child.output)
    return found


def export(run: MapRun, objects: Objects, parameters: Mapping[str, Any], config: Mapping[str, Any]) -> dict[str, Json]:
    """Write the results and their manifest, and give the state's result. Raises StateFailure (States.ResultWriterFailed)."""
    bucket, prefix = parameters.get("Bucket"), parameters.get("Prefix", "")
    if not isinstance(bucket, str) or not isinstance(prefix, str):
        raise StateFailure(RESULT_WRITER, "The ResultWriter has no Bucket.")
    folder = "/".join(part for part in (prefix.strip("/"), run.arn.rsplit(":", 1)[-1]) if part)
    lines = config.get("OutputType") == "JSONL"
    files: dict[str, Json] = {}
    ordered = [run.children[place] for place in sorted(run.children)]
    for group, statuses in _GROUPS.items():
        members = [child for child in ordered if child.status in statuses]
        body = _body(results(members, str(config.get("Transformation", NONE))), lines=lines).encode(errors="replace")
        key = f"{folder}/{group}_0.{'jsonl' if lines else 'json'}"
        files[group] = [{"Key": key, "Size": len(body)}] if members else []
        if members:
            _write(objects, bucket, key, body)
            run.results_written += len(members)
    manifest: Json = {"DestinationBucket": bucket, "MapRunArn": run.arn, "ResultFiles": files}
    _write(objects, bucket, f"{folder}/manifest.json", compact(manifest).encode(errors="replace"))
    return {"MapRunArn": run.arn, "ResultWriterDetails": {"Bucket": bucket, "Key": f"{folder}/manifest.json"}}


_GROUPS: dict[str, frozenset[Status]] = {
    "FAILED": frozenset({Status.FAILED, Status.TIMED_OUT, Status.ABORTED}),
    "PENDING": frozenset({Status.NOT_STARTED, Status.RUNNING, Status.PENDING_REDRIVE}),
    "SUCCEEDED": frozenset({Status.SUCCEEDED}),
}


def _body(found: Sequence[Json], *, lines: bool) -> str:
    return "".join(compact(item) + "\n" for item in found) if lines else compact(list(found))


def _write(objects: Objects, bucket: str, key: str, body: bytes) -> None:
    try:
        objects.write(bucket, key, body)
    except ObjectFailure as error:
        raise StateFailure(RESULT_WRITER, str(error)) from error


def _result_entry(child: ChildExecution) -> dict[str, Json]:
    told: dict[str, Json] = {
        "ExecutionArn": child.names.arn,
        "Input": child.payload_text,
        "InputDetails": {"Included": True},
        "Name": child.names.name,
        "StateMachineArn": child.names.machine_arn,
        "Status": str(child.status),
    }
    if child.started_at is not None:
        told["StartDate"] = timestamp(child.started_at)
    if child.stopped_at is not None:
        told["StopDate"] = timestamp(child.stopped_at)
    if child.status is Status.SUCCEEDED:
        return {**told, "Output": compact(child.output), "OutputDetails": {"Included": True}}
    return {**told, "Error": child.error, "Cause": child.cause}
