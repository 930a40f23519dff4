"""Which pipelines a partial plan needs besides those that were named."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bunsui.model.pipeline import Operation, Pipeline
from bunsui.operations.contract import OperationType


def started(pipeline: Pipeline, registry: Mapping[str, OperationType]) -> frozenset[str]:
    """Return the names of the pipelines that this one starts."""
    operations = (operation for job in pipeline.jobs for operation in job.operations)
    return frozenset(_called_pipelines(operations, registry))


def closed(names: Iterable[str], known: Mapping[str, Pipeline], registry: Mapping[str, OperationType]) -> frozenset[str]:
    """Return the names and all pipelines that they start, directly or not; unknown names are left out."""
    result: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name in known and name not in result:
            result.add(name)
            waiting.extend(started(known[name], registry))
    return frozenset(result)


def _called_pipelines(operations: Iterable[Operation], registry: Mapping[str, OperationType]) -> Iterator[str]:
    for operation in operations:
        kind = registry[operation.type]
        yield from kind.calls_pipelines(operation.params)
        yield from _called_pipelines(kind.operations(operation.params), registry)
