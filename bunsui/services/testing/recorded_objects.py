"""The objects of S3 from which distributed Maps read their items, made again out of what their children were given.

Which object a Map reads, its expressions say: the machine is run on the answers that were recorded, over a store that holds
nothing yet, and what it asks for is put there, Map by Map.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bunsui.compile.foreach.recognized import batched_values
from bunsui.engine.distributed.objects import Listed, MemoryObjects
from bunsui.engine.run import ExecutionResult
from bunsui.model.json import Json
from bunsui.services.testing.recorded_items import MapItems
from bunsui.testing.objects import read_objects
from bunsui.testing.redaction import redact_value

_LIST, _GET = "listObjectsV2", "getObject"
_FORMATS = ("CSV", "JSON", "JSONL")

Rerun = Callable[["AskedObjects"], ExecutionResult]
"""Runs the machine over these objects."""


@dataclass(slots=True)
class AskedObjects:
    """A store that remembers what it was asked for."""

    told: Mapping[str, Json]
    asked: list[str] = field(default_factory=list)
    """Addresses in the order in which they were asked for; of a prefix that of its bucket."""
    _bodies: MemoryObjects = field(default_factory=MemoryObjects)

    def __post_init__(self) -> None:
        """Fill it."""
        self._bodies = read_objects(self.told)

    def read(self, bucket: str, key: str, version: str | None = None) -> bytes:
        """Return an object's body. Raises ObjectFailure."""
        self.asked.append(f"s3://{bucket}/{key}")
        return self._bodies.read(bucket, key, version)

    def list(self, bucket: str, prefix: str) -> Sequence[Listed]:
        """Return the objects whose keys begin so, in the order of their keys."""
        self.asked.append(f"s3://{bucket}/")
        return self._bodies.list(bucket, prefix)

    def write(self, bucket: str, key: str, body: bytes) -> None:
        """Store an object."""
        self._bodies.write(bucket, key, body)

    def refusal(self, action: str, resource: str) -> str:
        """Refuse nothing: roles are not tested here."""
        return ""


def make_objects(definition: Mapping[str, Json], items: Sequence[MapItems], rerun: Rerun) -> Mapping[str, Json] | None:
    """Return the objects by address; None when what the children were given does not tell what the objects held."""
    readers = dict(_readers(definition))
    waiting = {one.state: one for one in items if one.state in readers}
    objects: dict[str, Json] = {}
    while waiting:
        asked = AskedObjects(told=objects)
        runs = [run.state for run in rerun(asked).map_runs if run.state in readers]
        # A map run reads its items as soon as it begins, and all of them at once.
        reached = {state: address for state, address in zip(runs, asked.asked, strict=False) if state in waiting}
        if not reached or len(runs) != len(asked.asked):
            return None
        for state, address in reached.items():
            made = _objects(readers[state], waiting.pop(state), address)
            if made is None:
                return None
            objects |= made
    return objects


def _readers(scope: Mapping[str, Json]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    states = scope.get("States")
    for name, state in states.items() if isinstance(states, Mapping) else ():
        if not isinstance(state, Mapping):
            continue
        if isinstance(state.get("ItemReader"), Mapping):
            yield name, state
        branches = state.get("Branches")
        for inner in (*(branches if isinstance(branches, (list, tuple)) else ()), state.get("ItemProcessor")):
            if isinstance(inner, Mapping):
                yield from _readers(inner)


def _objects(state: Mapping[str, Any], told: MapItems, address: str) -> dict[str, Json] | None:
    reader = state["ItemReader"]
    config = reader.get("ReaderConfig", {})
    rows = list(_rows(state, told))
    action = str(reader.get("Resource", "")).rpartition(":")[2]
    if None in rows:
        return None
    if action == _LIST:
        return {f"{address}{row['Key']}": "" for row in rows if isinstance(row, Mapping) and "Key" in row} or None
    kind = str(config.get("InputType", "JSON"))
    if action != _GET or kind not in _FORMATS or "ItemsPointer" in config or "CSVDelimiter" in config:
        return None
    return {address: _content(kind, config, address, rows)}


def _rows(state: Mapping[str, Any], told: MapItems) -> Iterator[Json]:
    """Return the items; None among them where a child was given something else."""
    for given in told.inputs:
        if isinstance(given, Mapping) and "ItemBatcher" in state:
            batch = given.get("Items")
            yield from batched_values(batch) if isinstance(batch, list) else (None,)
        elif "ItemSelector" in state or "Parameters" in state:
            yield given.get("item") if isinstance(given, Mapping) and "label" in given else None
        else:
            yield given


def _content(kind: str, config: Mapping[str, Any], address: str, rows: Sequence[Json]) -> Json:
    """Return the object: as a list where a test's object of that name may be one, else as the text that it is."""
    if kind == "JSON" or (kind == "JSONL" and address.endswith(".jsonl")):
        return list(rows)
    safe = [redact_value(row) for row in rows]
    if kind == "JSONL":
        return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in safe)
    names = list(config.get("CSVHeaders", ())) or list(
        dict.fromkeys(name for row in safe if isinstance(row, Mapping) for name in row)
    )
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if config.get("CSVHeaderLocation") != "GIVEN":
        writer.writerow(names)
    for row in safe:
        writer.writerow([row.get(name, "") if isinstance(row, Mapping) else "" for name in names])
    return text.getvalue()
