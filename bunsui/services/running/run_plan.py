"""Tell what a run would do; nothing is started, nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bunsui.asl.validation.views import machines, whole
from bunsui.compile.jobs import skipped_name
from bunsui.model.estimates.cost import CostEstimate
from bunsui.model.estimates.typical_duration import TypicalDuration
from bunsui.model.json import Json
from bunsui.model.pipeline import Pipeline
from bunsui.model.references import without_values
from bunsui.model.session import Session, SessionStatus
from bunsui.services.run import PreparedRun, RunRequest, find_started, prepare_run
from bunsui.services.running.durations import MEASURED, KnownRuns, known_runs, read_successes
from bunsui.services.running.expected_cost import expected_cost
from bunsui.services.running.foreseen_jobs import ForeseenJob, foresee_jobs
from bunsui.services.running.known_values import KnownValues, read_known_values
from bunsui.services.running.measured_runs import RunMeter
from bunsui.services.session_context import SessionContext
from bunsui.sessions.applied import differing_jobs
from bunsui.sessions.payload import execution_input

COUNTED = 100
"""Executions that are counted at most, which is one page of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What a run would do."""

    pipeline: str
    slot: datetime
    date: str
    """The slot's, in the pipeline's time zone."""
    timezone: str
    is_slot_given: bool
    """False: the slot follows from the time of the start, and a later start has a later one."""
    params: Mapping[str, Json]
    """By name, defaults included; what may not be shown is hidden."""
    open_params: tuple[str, ...]
    """Parameters whose defaults the run alone can tell."""
    is_raw: bool
    """True for a definition of its own, which has states and no jobs."""
    jobs: tuple[ForeseenJob, ...]
    """In the order in which they begin."""
    existing: Session | None
    """The session that the key stands for already: the same run starts nothing where it ever began."""
    history: KnownRuns
    running: int
    """Executions of it that run now, up to `COUNTED`."""
    unapplied: tuple[str, ...]
    """Jobs that the files say differently from what is applied, which is what runs; `""` stands for what is between jobs."""
    durations: Mapping[str, TypicalDuration] = field(default_factory=dict)
    """How long each job takes, by name."""
    cost: CostEstimate | None = None
    """None where the run starts nothing."""

    @property
    def starts(self) -> bool:
        """Tell whether the run would start something: also what a start that was cut short left."""
        found = self.existing
        return found is None or not (found.attempts or found.status is SessionStatus.CANCELLED)


def plan_run(context: SessionContext, request: RunRequest) -> RunPlan:
    """Return what the run would do, after the checks and with the refusals of the run itself.

    It asks AWS for the definition, the running executions, the last successes and the histories of `MEASURED` of them, and with
    a key for its session.

    Raises:
        NotFound, Refused, InvalidInput, Unsupported: as `bunsui.services.run.prepare_run`.
        InvalidInput: the key was used for something else, or the input is too large.

    """
    pipeline = context.pipeline(request.pipeline)
    prepared = prepare_run(context, request)
    intent = prepared.intent
    existing = find_started(context, request, intent)
    # What stands for the key already is what would be: with no slot given, its own is meant.
    session = existing or intent.new_session("", at=prepared.at)
    known = _known_values(pipeline, session, prepared)
    ports = context.ports
    listed = ports.execution.executions(intent.machine.arn, limit=COUNTED, status=SessionStatus.RUNNING)
    compiled = context.compiled(pipeline.name)
    successes = read_successes(ports.sessions, pipeline.name)
    repository = context.repository
    measured = RunMeter(ports.execution, repository.registry).measure(pipeline, successes, most=MEASURED)
    return RunPlan(
        pipeline=pipeline.name,
        slot=session.slot,
        date=session.date,
        timezone=pipeline.timezone,
        is_slot_given=bool(request.slot) or existing is not None,
        params=without_values(known.params, intent.machine.sensitive),
        open_params=known.open_params,
        is_raw=pipeline.is_raw,
        jobs=foresee_jobs(pipeline.jobs, known, skipping=_self_skipping(pipeline, prepared.applied)),
        existing=existing,
        history=known_runs(successes),
        running=len(listed),
        unapplied=differing_jobs(compiled, prepared.applied) if compiled is not None and prepared.applied else (),
        durations={job.name: measured.typical(job.name) for job in pipeline.jobs},
        cost=expected_cost(measured, pipeline, prepared.applied, repository=repository),
    )


def _known_values(pipeline: Pipeline, session: Session, prepared: PreparedRun) -> KnownValues:
    payload = execution_input(session, 1, is_raw=pipeline.is_raw)
    return KnownValues(params=payload) if pipeline.is_raw else read_known_values(pipeline, payload, at=prepared.at)


def _self_skipping(pipeline: Pipeline, applied: Mapping[str, Json]) -> frozenset[str]:
    """Return the jobs of which an operation may skip its job: the applied machine has a state for that."""
    if pipeline.is_raw or not applied:
        return frozenset()
    states = {state.name for machine in machines(whole(applied, "STANDARD")) for state in machine.views()}
    return frozenset(job.name for job in pipeline.jobs if skipped_name(job.name) in states)
