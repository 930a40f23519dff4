"""More of one pipeline: its own last runs, its jobs with the critical path, what a run costs, how many tests it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bunsui.compile.structure.decompose import structured
from bunsui.compile.structure.order import Cycle, order_of
from bunsui.errors import CloudError, Missing
from bunsui.model.estimates.cost import CostEstimate
from bunsui.model.estimates.learnt_durations import with_assumed
from bunsui.model.estimates.typical_duration import TypicalDuration
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.graph import PipelineGraph, graph_of
from bunsui.services.overview.runs import SHOWN, RecentRuns, recent_runs
from bunsui.services.running.durations import MEASURED
from bunsui.services.running.expected_cost import expected_cost
from bunsui.services.running.measured_runs import MeasuredRuns, RunMeter
from bunsui.services.session_context import SessionContext


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineDetails:
    """What is known of one pipeline beside how it stands."""

    name: str
    read_at: datetime
    runs: RecentRuns
    """Of its own rows, so that none is missing."""
    pipeline: Pipeline | None = None
    """As its file says; None where there is none without errors."""
    graph: PipelineGraph | None = None
    """None for one without jobs."""
    is_measured: bool = False
    """True when the durations of the graph are medians of the last successes; else they were learnt, or count jobs."""
    durations: Mapping[str, TypicalDuration] = field(default_factory=dict)
    """How long each job takes, by name, by the last successes."""
    cost: CostEstimate | None = None
    """What a run is expected to cost; None where that cannot be told."""
    why_no_cost: str = ""
    """Why its definition cannot be read; empty when it could, and when nothing was applied yet."""
    tests: int = 0
    """How many tests it has. What became of them the last time is kept nowhere."""


def pipeline_details(context: SessionContext, name: str) -> PipelineDetails:
    """Read one pipeline's rows, the definition that is applied, and the histories of `MEASURED` of its successes."""
    now = context.ports.clock.now()
    rows = context.ports.sessions.find(SessionQuery(pipeline=name, limit=SHOWN))
    runs = recent_runs(rows, is_whole=True)
    pipeline = context.pipelines.get(name)
    if pipeline is None or name in context.unread:
        return PipelineDetails(name=name, read_at=now, runs=runs)
    repository = context.repository
    measured = RunMeter(context.ports.execution, repository.registry).measure(pipeline, rows, most=MEASURED)
    definition, why = _definition(context, name)
    durations = {job.name: measured.typical(job.name) for job in pipeline.jobs}
    return PipelineDetails(
        name=name,
        read_at=now,
        runs=runs,
        pipeline=pipeline,
        graph=_graph(pipeline, durations),
        is_measured=bool(measured.runs),
        durations=durations,
        cost=_cost(measured, pipeline, definition, context),
        why_no_cost=why,
        tests=context.tests.get(name, 0),
    )


def _definition(context: SessionContext, name: str) -> tuple[Mapping[str, Json], str]:
    """Return the definition that is applied, empty with the reason where it cannot be read."""
    try:
        return context.ports.execution.definition(context.machine(name).alias_arn), ""
    except Missing:
        return {}, ""  # nothing of it was applied
    except CloudError as error:
        return {}, error.summary


def _cost(
    measured: MeasuredRuns, pipeline: Pipeline, definition: Mapping[str, Json], context: SessionContext
) -> CostEstimate | None:
    if not measured.runs and not definition:
        return None
    return expected_cost(measured, pipeline, definition, repository=context.repository)


def _graph(pipeline: Pipeline, durations: Mapping[str, TypicalDuration]) -> PipelineGraph | None:
    """Return the jobs as the file has them; how long they take by the runs that were measured, else as it was learnt."""
    known = {job: max(round(one.seconds), 1) for job, one in durations.items() if one.seconds is not None}
    known = known or dict(pipeline.durations)
    names = [job.name for job in pipeline.jobs]
    order = order_of({job.name: job.depends_on for job in pipeline.jobs}, durations=with_assumed(names, known))
    if not names or isinstance(order, Cycle):
        return None
    return graph_of(pipeline.name, pipeline.jobs, structured(order), pipeline.about, learnt=known)
