"""What a run is expected to cost: by what earlier runs used, else by its definition and what was learnt of its jobs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from bunsui.model.estimates.cost import CostEstimate, Usage, estimate_cost, middle_run
from bunsui.model.json import Json
from bunsui.model.pipeline import Job, Pipeline
from bunsui.operations.contract import OperationType
from bunsui.plan.transitions import transitions
from bunsui.project.repository import Repository
from bunsui.services.running.measured_runs import MeasuredRuns
from bunsui.sessions.history.usage import flat_operations, function_usage

_FREE = frozenset({"wait", "check", "choice", "fail"})
"""Types of operations for which only the states are billed."""


def expected_cost(
    measured: MeasuredRuns,
    pipeline: Pipeline,
    definition: Mapping[str, Json],
    *,
    repository: Repository,
) -> CostEstimate:
    """Return what a run of the definition is expected to cost in the repository's environment."""
    usage = middle_run((run.usage for run in measured.runs), repository.scope.region)
    if usage is not None:
        return replace(cost_in(repository, usage), runs=len(measured.runs))
    return foreseen_cost(pipeline, definition, {job.name for job in pipeline.jobs}, repository=repository)


def foreseen_cost(
    pipeline: Pipeline,
    definition: Mapping[str, Json],
    running: Collection[str],
    *,
    repository: Repository,
) -> CostEstimate:
    """Return what a run costs in which these jobs run, with no history read: the most states that it enters, and functions by
    the durations that were learnt."""
    counted = transitions(definition)
    used = Usage(transitions=counted.high, uncounted=("the states of each item",) if counted.each_item else ())
    if pipeline.is_raw:
        used += Usage(uncounted=("what its states call",))
    for job in pipeline.jobs:
        if job.name in running:
            used += _job_usage(job, pipeline.durations.get(job.name), repository.registry)
    return replace(cost_in(repository, used), is_foreseen=True)


def cost_in(repository: Repository, usage: Usage) -> CostEstimate:
    """Return what the usage costs in the repository's environment."""
    return estimate_cost(usage, repository.scope.region, is_local=repository.is_local)


def _job_usage(job: Job, seconds: int | None, registry: Mapping[str, OperationType]) -> Usage:
    billed = [one for one in flat_operations(job.operations, registry) if one.type not in _FREE]
    if not billed:
        return Usage()
    if len(billed) == 1 and billed[0].type in registry and job.foreach is None and seconds is not None:
        function = registry[billed[0].type].function(billed[0].params)
        if function is not None:
            return function_usage(function, seconds=seconds, requests=1)
    kinds = ", ".join(dict.fromkeys(one.type for one in billed))
    return Usage(uncounted=(f"{kinds} in {job.name}",))
