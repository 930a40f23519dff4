"""What it takes to go on with a session: how long the jobs take that run, by what that is known, and what it costs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from graphlib import TopologicalSorter

from bunsui.errors import Missing
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline
from bunsui.model.recovery import Strategy
from bunsui.services.recovery.cases import CaseReader
from bunsui.services.resume import Resumption, ResumptionEstimate
from bunsui.services.running.durations import MEASURED, read_successes
from bunsui.services.running.expected_cost import foreseen_cost
from bunsui.services.running.measured_runs import RunMeter
from bunsui.services.session_context import SessionContext


def with_estimates(context: SessionContext, planned: Resumption) -> Resumption:
    """Return it with how long takes what runs, from the histories of the last successes of the pipeline and else from what was
    learnt, and with what that costs at most."""
    session, runs = planned.session, planned.plan.to_run
    pipeline = context.pipeline(session.pipeline)
    successes = read_successes(context.ports.sessions, session.pipeline)
    meter = RunMeter(context.ports.execution, context.repository.registry)
    measured = meter.measure(pipeline, successes, most=MEASURED)
    durations = {job: measured.typical(job) for job in runs}
    known = {job: takes.seconds for job, takes in durations.items() if takes.seconds is not None}
    seconds = longest_way(pipeline, known) if runs and len(known) == len(runs) else None
    is_learnt = seconds is None
    if is_learnt:
        seconds = CaseReader(context).learnt_seconds(session.pipeline, runs)
    definition = _what_runs(context, planned)
    cost = foreseen_cost(pipeline, definition, runs, repository=context.repository) if definition else None
    estimate = ResumptionEstimate(seconds=seconds, is_learnt=is_learnt and seconds is not None, cost=cost)
    return replace(planned, durations=durations, estimate=estimate)


def longest_way(pipeline: Pipeline, seconds: Mapping[str, float]) -> float:
    """Return how long these jobs take together, each behind those that it depends on and the others beside it."""
    depends = {job.name: _within(job.depends_on, seconds) for job in pipeline.jobs if job.name in seconds}
    ends: dict[str, float] = {}
    for name in TopologicalSorter(depends).static_order():
        ends[name] = seconds[name] + max((ends[before] for before in depends[name]), default=0.0)
    return max(ends.values(), default=0.0)


def _within(names: Collection[str], some: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name in some)


def _what_runs(context: SessionContext, planned: Resumption) -> Mapping[str, Json]:
    """Return the definition that would run; empty where Step Functions does not know it any more."""
    if planned.definition:
        return planned.definition
    arn = context.machine(planned.session.pipeline).alias_arn
    if planned.strategy is Strategy.REDRIVE and planned.session.latest is not None:
        arn = planned.session.latest.execution_arn
    try:
        return context.ports.execution.definition(arn)
    except Missing:
        return {}
