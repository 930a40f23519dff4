"""What an earlier attempt left as an object: the state that loads a job's outputs where its guard finds them in the bucket.

Each job loads its own. Step Functions takes 256 KiB of whatever a Task gives, so that no state could load one object that holds
everything; and what is loaded only where its job stands is held by no other branch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bunsui.asl.expressions import beginning_of, string_literal
from bunsui.asl.model import Catcher, Retrier, Rule, State, Task, code
from bunsui.compile.flow import Flow, restored_values
from bunsui.compile.values import path
from bunsui.model.bucket import Bucket, bucket_in
from bunsui.model.json import Json
from bunsui.model.names import STATE_NAME_LIMIT, fitted
from bunsui.model.pipeline import Job, Pipeline
from bunsui.model.resource import Scope
from bunsui.operations.contract import Permission
from bunsui.operations.integrations.arns import integration
from bunsui.operations.integrations.bucket import reading

SUFFIX = "restore"
TIMEOUT_SECONDS = 60
_STORED = "$resume.stored"
_RETRY = Retrier(errors=("States.TaskFailed", "States.Timeout"), interval_seconds=2, max_attempts=3, full_jitter=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RestorePlace:
    """Where a job of a compiled machine loads what an earlier attempt left."""

    job: str
    bucket: Bucket
    prefix: str
    """Stands before what the execution is told of the object's key."""


def restore_name(job: str) -> str:
    """Return the name of the state that loads a job's outputs."""
    return fitted(f"{job}.{SUFFIX}", STATE_NAME_LIMIT)


def can_restore(job: Job, scope: Scope) -> bool:
    """Tell whether outputs of the job may lie in the environment's bucket."""
    return bool(job.outputs and scope.bucket)


def restoring(
    job: str, *, pipeline: str, scope: Scope, flow: Flow, following: str, catch: tuple[Catcher, ...]
) -> tuple[Rule, State]:
    """Return the guard's way to the state that loads the job's outputs, and that state, which goes on to `following`."""
    bucket = bucket_in(scope)
    assert bucket is not None, "asked only where there is one"
    told, before = path(_STORED, job), restored_values(job)
    rule = Rule(
        condition=code(f"$exists({told})"), next=restore_name(job), comment="Done in an earlier attempt, and in the bucket"
    )
    state = Task(
        resource=integration(scope, "aws-sdk:s3:getObject"),
        arguments={
            "Bucket": bucket.name,
            "ExpectedBucketOwner": bucket.owner,
            "Key": code(f"{string_literal(bucket.resume_prefix(pipeline))} & {told}"),
        },
        output=flow.carried(job=job, status=before["status"], outputs="$parse($states.result.Body)"),
        retry=(_RETRY,),
        catch=catch,
        timeout_seconds=TIMEOUT_SECONDS,
        next=following,
        comment=f"Loads what the job {job} gave in an earlier attempt",
    )
    return rule, state


def restore_permissions(pipeline: Pipeline, scope: Scope) -> tuple[Permission, ...]:
    """Return what the machine's role needs to load what earlier attempts of its pipeline left, and nothing beside that."""
    bucket = bucket_in(scope)
    if bucket is None or not any(can_restore(job, scope) for job in pipeline.jobs):
        return ()
    return reading(bucket, bucket.resume_prefix(pipeline.name))


def restore_places(definition: Mapping[str, Json]) -> dict[str, RestorePlace]:
    """Return where the jobs of a compiled machine load what earlier attempts left, by job; empty where none does."""
    return {place.job: place for state in _states(definition) if (place := _place(state)) is not None}


def is_restoring(state: Mapping[str, Json]) -> bool:
    """Tell whether a state loads what an earlier attempt left of its job."""
    return _place(state) is not None


def _place(state: Mapping[str, Json]) -> RestorePlace | None:
    arguments = state.get("Arguments")
    key = arguments.get("Key") if isinstance(arguments, Mapping) else None
    if not isinstance(arguments, Mapping) or not isinstance(key, str) or _STORED not in key:
        return None
    bucket = Bucket(name=str(arguments.get("Bucket")), owner=str(arguments.get("ExpectedBucketOwner")), is_managed=False)
    text = key.removeprefix("{%").removesuffix("%}").strip()
    job = text.rpartition(f"{_STORED}.")[2].strip("`")
    return RestorePlace(job=job, bucket=bucket, prefix=beginning_of(text))


def _states(scope: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    states = scope.get("States")
    for state in states.values() if isinstance(states, Mapping) else ():
        if isinstance(state, Mapping):
            yield state
            branches = state.get("Branches")
            for branch in branches if isinstance(branches, (list, tuple)) else ():
                if isinstance(branch, Mapping):
                    yield from _states(branch)
