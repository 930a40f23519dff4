"""Map, distributed: runs its processor as child executions, which have histories of their own.

Events as recorded. Source of thresholds and limits: developer guide, "Using Map state in Distributed mode".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from bunsui.engine import dataflow
from bunsui.engine.context import MapItem
from bunsui.engine.dataflow import FieldScope
from bunsui.engine.distributed.batching import batches
from bunsui.engine.distributed.reading import Reader, read_items
from bunsui.engine.distributed.writing import COMPACT
from bunsui.engine.failures import ITEM_READER, ExecutionFailure, StateFailure
from bunsui.engine.jsonpath import templates
from bunsui.engine.jsonpath.paths import compact
from bunsui.engine.state_execution import StateExecution
from bunsui.engine.states import map_fields
from bunsui.engine.states.map_children import MapChildren, Thresholds
from bunsui.model.json import Json


def begin(visit: StateExecution) -> None:
    """Read the items and start the children. Raises StateFailure."""
    seen = visit.seen()
    data = dataflow.effective_input(seen)
    concurrency = map_fields.whole_number(seen, "MaxConcurrency", data)
    reader = _reader(seen, data)
    given: Any = map_fields.items_of(seen, data) if reader is None else []
    visit.record("MapStateStarted", {"length": len(given)})
    count, percentage = map_fields.tolerance(visit, seen, data)
    thresholds = Thresholds(concurrency=concurrency, tolerated_count=count, tolerated_percentage=percentage)
    visit.closing = "MapStateFailed"
    children = MapChildren(visit, thresholds, _writer(seen, data))
    visit.record("MapRunStarted", {"mapRunArn": children.run.arn})
    try:
        items = given if reader is None else read_items(reader, visit.branch.execution.ports.objects)
        inputs = _inputs(visit, seen, data, _map_items(items, "STATE_DATA" if reader is None else reader.source))
    except StateFailure as error:
        children.fail(ExecutionFailure(error=error.error, cause=error.cause))
        return
    children.begin(inputs)


def _part(seen: FieldScope, name: str, data: Json) -> Mapping[str, Any] | None:
    """Return an object field such as ItemReader, its Arguments or Parameters evaluated."""
    part = seen.state.fields.get(name)
    if not isinstance(part, Mapping):
        return None
    if seen.state.jsonata:
        filled = seen.filled(part.get("Arguments", {}), f"{name}/Arguments")
    else:
        filled = templates.fill(part.get("Parameters", {}), seen.scope(data))
    return {**part, "Parameters": filled if isinstance(filled, Mapping) else {}}


def _reader(seen: FieldScope, data: Json) -> Reader | None:
    part = _part(seen, "ItemReader", data)
    if part is None:
        return None
    config = dict(part.get("ReaderConfig", {}))
    most = _number(seen, config, "MaxItems", "ItemReader/ReaderConfig", data)
    if most is not None:
        config["MaxItems"] = most
    return Reader(resource=str(part.get("Resource", "")), parameters=part["Parameters"], config=config)


def _number(seen: FieldScope, part: Mapping[str, Any], name: str, where: str, data: Json) -> int | None:
    value = part.get(name)
    if seen.state.jsonata and value is not None:
        value = seen.filled(value, f"{where}/{name}")
    elif f"{name}Path" in part:
        value = templates.select(part[f"{name}Path"], seen.scope(data))
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
        shown = value if isinstance(value, str) else compact(value)
        path = part.get(f"{name}Path")
        said = f"The field {where}/{name} has the value" if path is None else f"The {name}Path field refers to value"
        raise StateFailure(ITEM_READER, f'{said} "{shown}" which is not a valid integer: {path or name}')
    return int(value)


def _map_items(items: Sequence[Json] | Mapping[str, Json], source: str) -> Iterator[MapItem]:
    """Return the items as the context object tells them; the fields of an object have keys."""
    pairs = items.items() if isinstance(items, Mapping) else ((None, item) for item in items)
    for index, (key, value) in enumerate(pairs):
        yield MapItem(index=index, value=value, key=key, source=source)


def _inputs(visit: StateExecution, seen: FieldScope, data: Json, items: Iterable[MapItem]) -> list[tuple[Json, int]]:
    """Return each child's input and the number of items in it."""
    selected = [map_fields.item_input(visit, seen, data, item) for item in items]
    batcher = seen.state.fields.get("ItemBatcher")
    if not isinstance(batcher, Mapping):
        return [(item, 1) for item in selected]
    shared = batcher.get("BatchInput")
    if shared is not None:
        shared = (
            seen.filled(shared, "ItemBatcher/BatchInput") if seen.state.jsonata else templates.fill(shared, seen.scope(data))
        )
    grouped = batches(
        selected,
        most_items=_number(seen, batcher, "MaxItemsPerBatch", "ItemBatcher", data),
        most_bytes=_number(seen, batcher, "MaxInputBytesPerBatch", "ItemBatcher", data),
        shared=shared,
    )
    return [(batch, len(batch["Items"])) for batch in grouped if isinstance(batch["Items"], list)]


def _writer(seen: FieldScope, data: Json) -> Mapping[str, Any]:
    part = _part(seen, "ResultWriter", data) or {}
    config = {"Transformation": COMPACT} if "Resource" not in part else {}
    return {**part, "WriterConfig": {**config, **part.get("WriterConfig", {})}}
