"""The hints of the operation that failed, of no other: one name of an error means something else to each type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bunsui.model.pipeline import Job, Operation, Pipeline
from bunsui.operations.contract import OperationType

_TYPES: Mapping[str, tuple[str, ...]] = {
    "lambda": ("lambda",),
    "ecs": ("ecs_task",),
    "states": ("pipeline", "step_function"),
    "athena": ("athena_query",),
    "glue": ("glue_job",),
    "dynamodb": ("dynamodb",),
    "sqs": ("sqs_send",),
    "sns": ("sns_publish",),
    "http": ("http",),
    "aws-sdk:s3": ("s3",),
    "aws-sdk:athena": ("athena_query",),
}
"""Service, as a Task's resource names it, -> the types that call it, before `aws`, which calls all of them."""


class OperationHints:
    """Finds the hints of operations, by what the files say of them."""

    def __init__(self, registry: Mapping[str, OperationType], pipelines: Mapping[str, Pipeline]) -> None:
        """`pipelines` are by name; of one that is not there the service that was called tells the type."""
        self._registry = registry
        self._pipelines = pipelines

    def of(self, pipeline: str, *, job: str, state: str, service: str) -> Mapping[str, str]:
        """Return the hints by error name; none when it cannot be told which operation it was."""
        found = self._pipelines.get(pipeline)
        told = next((one for one in found.jobs if one.name == job), None) if found is not None else None
        known = _TYPES.get(service, ("aws",) if service else ())
        kind = self._type_in(told, state, known) if told is not None else next(iter(known), "")
        return self._registry[kind].hints if kind in self._registry else {}

    def _type_in(self, job: Job, state: str, known: tuple[str, ...]) -> str:
        operations = list(self._flattened(job.operations))
        named = state.removeprefix(f"{job.name}.").partition(".")[0]
        fitting = [one for one in operations if one.id == named] if "." in state else []
        calling = [one for one in operations if one.type in (*known, "aws")]
        for found in (fitting, calling if known else [], operations):
            if len({one.type for one in found}) == 1:
                return found[0].type
        return next((one.type for one in calling if one.type in known), next(iter(known), ""))

    def _flattened(self, operations: tuple[Operation, ...]) -> Iterator[Operation]:
        for operation in operations:
            yield operation
            if operation.type in self._registry:
                yield from self._flattened(tuple(self._registry[operation.type].operations(operation.params)))
