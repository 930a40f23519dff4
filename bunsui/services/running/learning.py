"""Learns how long jobs take from the runs of an environment, for `bunsui.durations.yaml`; nothing is written here."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from bunsui.document.lowering.learnt_durations import durations_text, read_durations
from bunsui.errors import InvalidInput
from bunsui.model.estimates.learnt_durations import DURATIONS_FILE, JobDurations, step_of
from bunsui.model.pipeline import Pipeline
from bunsui.model.session import SessionStatus
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.running.measured_runs import MeasuredRuns, RunMeter
from bunsui.services.session_context import SessionContext

MOST_RUNS = 10
"""Runs of each pipeline whose histories are read."""
_LOOKED_AT = 40
"""Rows of successes that are read to find them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntJob:
    """What was learnt of a job, where that is something else than before."""

    pipeline: str
    job: str
    before: int | None
    """Seconds, as the file has them; None when it says nothing."""
    after: int | None
    """None when the file will say nothing, since the job is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LearntPipeline:
    """From what it was learnt."""

    pipeline: str
    runs: int
    unread: int
    """Runs whose history is not known any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learning:
    """What was learnt, and the file that says it."""

    text: str
    """Of the file."""
    is_new: bool
    """True when it differs from what is there."""
    changes: tuple[LearntJob, ...]
    measured: tuple[LearntPipeline, ...]
    """Those that were asked for, by name."""
    calls: int
    """Calls of Step Functions."""


def learn_durations(context: SessionContext, names: Collection[str] = ()) -> Learning:
    """Measure the last runs of the named pipelines, all for none, and return what the file is to say then.

    Of pipelines without a run that tells something, and of those that are not named, it says what it said; what is gone from
    the project goes from it, too.

    Raises:
        NotFound: there is no such pipeline.
        InvalidInput: the file that is there cannot be read, a pipeline is raw, or is found in no file without errors.

    """
    read = read_durations(context.repository.source)
    if read.diagnostics:
        raise InvalidInput(
            "durations-unreadable",
            f"{DURATIONS_FILE} cannot be used as it is",
            hint="See what is wrong, or remove the file and learn anew:\n  bunsui validate",
            reason=read.diagnostics[0].summary,
        )
    chosen = [_with_jobs(context.pipeline(name)) for name in dict.fromkeys(names)] if names else _all_with_jobs(context)
    learnt: dict[str, JobDurations] = {name: dict(jobs) for name, jobs in read.pipelines.items() if not _is_gone(context, name)}
    told: list[LearntPipeline] = []
    calls = 0
    for pipeline in chosen:
        measured = _measure(context, pipeline)
        calls += measured.calls + 1
        told.append(LearntPipeline(pipeline=pipeline.name, runs=len(measured.runs), unread=measured.unread))
        learnt[pipeline.name] = _steps(pipeline, measured, read.pipelines.get(pipeline.name, {}))
    text = durations_text(learnt)
    return Learning(
        text=text,
        is_new=_differs(context, text, learnt),
        changes=tuple(_changes(read.pipelines, learnt)),
        measured=tuple(told),
        calls=calls,
    )


def _measure(context: SessionContext, pipeline: Pipeline) -> MeasuredRuns:
    context.rounds.visit([context.machine(pipeline.name)])
    query = SessionQuery(pipeline=pipeline.name, status=SessionStatus.SUCCEEDED.value, limit=_LOOKED_AT)
    rows = context.ports.sessions.find(query)
    return RunMeter(context.ports.execution, context.repository.registry).measure(pipeline, rows, most=MOST_RUNS)


def _steps(pipeline: Pipeline, measured: MeasuredRuns, before: JobDurations) -> dict[str, int]:
    """Return the steps of the jobs that there are: of those that ran what was measured, of others what was known."""
    found: dict[str, int] = {}
    for job in pipeline.jobs:
        seconds = measured.typical(job.name).seconds
        if seconds is not None:
            found[job.name] = step_of(seconds, before=before.get(job.name))
        elif job.name in before:
            found[job.name] = before[job.name]
    return found


def _differs(context: SessionContext, text: str, learnt: Mapping[str, JobDurations]) -> bool:
    source = context.repository.source
    if not source.holds(DURATIONS_FILE):
        return any(learnt.values())
    return source.read(DURATIONS_FILE) != text.encode()


def _changes(before: Mapping[str, JobDurations], after: Mapping[str, JobDurations]) -> Iterator[LearntJob]:
    for name in sorted({*before, *after}):
        old, new = before.get(name, {}), after.get(name, {})
        for job in sorted({*old, *new}):
            if old.get(job) != new.get(job):
                yield LearntJob(pipeline=name, job=job, before=old.get(job), after=new.get(job))


def _is_gone(context: SessionContext, name: str) -> bool:
    return name not in context.pipelines and name not in context.broken


def _all_with_jobs(context: SessionContext) -> list[Pipeline]:
    return [pipeline for _, pipeline in sorted(context.pipelines.items()) if not pipeline.is_raw]


def _with_jobs(pipeline: Pipeline) -> Pipeline:
    if pipeline.is_raw:
        raise InvalidInput(
            "raw-has-no-jobs",
            "a raw pipeline has states of its own, and no jobs that could be arranged",
            hint="Name a pipeline with jobs, or none to learn from all.",
            pipeline=pipeline.name,
        )
    return pipeline
