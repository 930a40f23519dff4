"""What the embedded AWS cannot run, said by name before anything starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bunsui.command_line import command_line
from bunsui.errors import Unsupported
from bunsui.model.pipeline import Operation, Pipeline
from bunsui.operations.contract import OperationType


def refuse_what_cannot_run_locally(
    pipeline: Pipeline,
    registry: Mapping[str, OperationType],
    pipelines: Mapping[str, Pipeline],
    *,
    allowed: frozenset[str] = frozenset(),
) -> None:
    """Raise Unsupported when the pipeline, or one that it starts, has operations that the embedded AWS does not run.

    `allowed` are the settings of bunsui.yaml that are on and make a type run all the same (`OperationType.local_setting`)."""
    found: dict[str, str] = {}
    settings: dict[str, str] = {}
    for name in _started_pipelines(pipeline, registry, pipelines):
        for job in pipelines[name].jobs if name != pipeline.name else pipeline.jobs:
            for operation in _operations(job.operations, registry):
                kind = registry[operation.type]
                why, setting = kind.not_local or kind.never_local(operation.params), kind.local_setting
                if why and setting not in allowed:
                    where = f"{job.name}.{operation.id}"
                    found[where if name == pipeline.name else f"{name}: {where}"] = f"{operation.type}: {why}"
                    settings[operation.type] = setting
    if found:
        first = next(iter(found.values())).partition(":")[0]
        facts: dict[str, Any] = {f"operation {where}": why for where, why in found.items()}
        raise Unsupported(
            "not-local",
            f"{first} cannot run on the embedded AWS yet",
            hint=_hint(pipeline.name, settings),
            **facts,
        )


def _hint(pipeline: str, settings: Mapping[str, str]) -> str:
    elsewhere = f"run the pipeline in an environment with an account:\n  {command_line('run', pipeline, '--env', 'NAME')}"
    if all(settings.values()):
        wanted = ", ".join(dict.fromkeys(settings.values()))
        how = "as a process of yours, without a container" if all("ecs" in one for one in settings.values()) else "all the same"
        return f"Write  {wanted}  in bunsui.yaml to run it here {how}; or {elsewhere}"
    return f"Validate, plan and apply work here; {elsewhere}"


def _started_pipelines(
    pipeline: Pipeline, registry: Mapping[str, OperationType], pipelines: Mapping[str, Pipeline]
) -> Iterator[str]:
    """Return the pipeline and the ones that it starts, directly or not, each once."""
    known = {**pipelines, pipeline.name: pipeline}
    seen: set[str] = set()
    waiting = [pipeline.name]
    while waiting:
        name = waiting.pop(0)
        if name in seen or name not in known:
            continue
        seen.add(name)
        yield name
        for job in known[name].jobs:
            for operation in _operations(job.operations, registry):
                waiting.extend(registry[operation.type].calls_pipelines(operation.params))


def _operations(operations: Sequence[Operation], registry: Mapping[str, OperationType]) -> Iterator[Operation]:
    for operation in operations:
        if operation.type in registry:
            yield operation
            yield from _operations(registry[operation.type].operations(operation.params), registry)
