"""Decide which completed jobs a resume keeps: each is a checkpoint, and the new attempt is told of it.

A checkpoint is a completed job, read from the histories of the attempts so far; nothing extra runs in the machine for it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from bunsui.compile.fingerprints import NO_FINGERPRINTS, ToldFingerprints, read_fingerprints, what_changed
from bunsui.compile.reads import job_reads
from bunsui.model.json import Json
from bunsui.model.outcomes import Outcome
from bunsui.model.pipeline import Job
from bunsui.model.session import Checkpoint, HistoryEvent, JobStatus
from bunsui.operations.contract import OperationType
from bunsui.sessions.items.choice import NO_ITEMS, ItemChoice, ItemHistory, choose_items
from bunsui.sessions.items.reading import ItemPlan, read_items
from bunsui.sessions.progress import job_progress, restored_jobs
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.trace import read_trace

UNTOLD = "nobody can tell whether it changed: an earlier bunsui compiled what ran"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptHistory:
    """One attempt, as far as Step Functions still knows it."""

    number: int
    definition: Mapping[str, Json]
    """What it ran; empty when Step Functions forgot the execution."""
    events: Sequence[HistoryEvent]
    stored: Mapping[str, Json] = field(default_factory=dict)
    """Outputs that it was told of as objects, by job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeWishes:
    """What a person asks of a resume, beyond what follows from the files."""

    keep: frozenset[str] = frozenset()
    """Completed jobs that do not run again, whatever changed."""
    begin: frozenset[str] = frozenset()
    """Jobs that run again with all that depends on them, completed or not."""
    given: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)
    """Jobs that do not run, with the outputs that are taken for theirs."""


NO_WISHES = ResumeWishes()
NOTHING_NESTED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePlan:
    """What a new attempt keeps and runs."""

    restored: tuple[str, ...]
    to_run: tuple[str, ...]
    skipped: tuple[str, ...]
    """Skipped before; their conditions are asked again."""
    outdated: Mapping[str, str]
    """Completed jobs that run again all the same -> why."""
    payload: Mapping[str, Json]
    """The `resume` of the execution's input."""
    untold: tuple[str, ...] = ()
    """Restored although nobody can tell whether they changed: what ran them, or what runs now, says no fingerprints."""
    items: Mapping[str, ItemPlan] = field(default_factory=dict)
    """Of jobs with foreach that run and some of whose items succeeded before."""

    def with_items(self, items: Mapping[str, ItemPlan]) -> ResumePlan:
        """Return it with these items, told in the payload as far as any are kept."""
        told: dict[str, Json] = {name: item.payload for name, item in items.items() if item.kept}
        payload = {key: value for key, value in self.payload.items() if key != "items"}
        return replace(self, items=items, payload=payload | ({"items": told} if told else {}))


def checkpoints(attempts: Iterable[AttemptHistory]) -> Mapping[str, Checkpoint]:
    """Return the newest valid checkpoint of each job, skipped jobs included.

    An attempt that was not told to restore a job ran it again, so that older checkpoints of it no longer count.
    """
    found: dict[str, Checkpoint] = {}
    for attempt in attempts:
        kept = restored_jobs(read_trace(attempt.events))
        found = {**_told_by_input(attempt, kept), **{job: checkpoint for job, checkpoint in found.items() if job in kept}}
        found.update(_completed_jobs(attempt))
    return found


def item_history(attempts: Sequence[AttemptHistory], definition: Mapping[str, Json]) -> ItemHistory:
    """Return the items that the newest attempt left, for a machine with this definition. None where an older execution was
    revived since: then nobody can tell what its items were given."""
    if not attempts or attempts[-1].number != max(attempt.number for attempt in attempts):
        return NO_ITEMS
    return ItemHistory(found=read_items(attempts[-1].definition, attempts[-1].events), definition=definition)


def plan_resume(
    jobs: Sequence[Job],
    done: Mapping[str, Checkpoint],
    registry: Mapping[str, OperationType],
    *,
    applied: ToldFingerprints = NO_FINGERPRINTS,
    wishes: ResumeWishes = NO_WISHES,
    nested: Mapping[str, str] = NOTHING_NESTED,
    items: ItemHistory = NO_ITEMS,
    carry_all: bool = False,
) -> ResumePlan:
    """Decide which of today's jobs are restored and which run.

    A checkpoint is used only while the job does the same (`applied` says what it does now) and declares the same outputs, and
    what depends on a job that runs again runs too; `wishes` go before. `nested` says of jobs why a pipeline that they run is
    another one now, `items` which items of jobs that run succeeded. The payload carries only the outputs that a job still
    to run reads, and those that are the session's own result; all that are kept with `carry_all`.
    """
    outdated = {
        job.name: why
        for job in jobs
        if job.name in done
        and (why := _why_again(job, done[job.name], applied, wishes) or _why_nested(job, done[job.name], wishes, nested))
    }
    skipped = {job.name for job in jobs if job.name in done and done[job.name].outcome is Outcome.SKIPPED}
    kept = wishes.keep - outdated.keys()
    seeds = {job.name for job in jobs if job.name not in done or job.name in outdated or job.name in wishes.begin}
    again = _with_descendants(jobs, seeds, kept)
    for job in jobs:
        if job.name in again and job.name in done and job.name not in skipped:
            outdated.setdefault(job.name, "something that it depends on runs again")
    restored = [job.name for job in jobs if job.name not in again and job.name not in skipped]
    choice = ItemChoice(
        same=frozenset(restored) - wishes.given.keys(),
        begin=wishes.begin,
        keep=wishes.keep,
        nested=nested,
        applied=applied,
        every=frozenset(job.name for job in jobs),
    )
    running = [job for job in jobs if job.name in again and job.name not in done]
    plan = ResumePlan(
        restored=tuple(restored),
        to_run=tuple(job.name for job in jobs if job.name in again),
        skipped=tuple(job.name for job in jobs if job.name in skipped and job.name not in again),
        outdated=outdated,
        payload=_payload(jobs, restored, done, None if carry_all else registry, always=wishes.given.keys()),
        untold=tuple(name for name in restored if name not in kept and not (done[name].fingerprint and applied.jobs)),
    )
    return plan.with_items(choose_items(running, choice, items, registry, carry_all=carry_all))


def _told_by_input(attempt: AttemptHistory, kept: Collection[str]) -> dict[str, Checkpoint]:
    """Return restored jobs with the outputs that the attempt was started with: all that there is of a job whose outputs were
    given, and of one whose own history is forgotten."""
    trace = read_trace(attempt.events)
    resume = trace.input.get("resume") if isinstance(trace.input, Mapping) else None
    told = resume.get("jobs") if isinstance(resume, Mapping) else None
    outputs = {**(told if isinstance(told, Mapping) else {}), **attempt.stored}
    fingerprints = read_fingerprints(attempt.definition)
    return {
        job: Checkpoint(
            job=job,
            outcome=Outcome.SUCCEEDED,
            outputs=found,
            at=attempt.events[0].at,
            attempt=attempt.number,
            fingerprint=fingerprints.jobs.get(job, ""),
            is_foreign=fingerprints.is_foreign,
        )
        for job, found in outputs.items()
        if job in kept and isinstance(found, Mapping)
    }


def _completed_jobs(attempt: AttemptHistory) -> dict[str, Checkpoint]:
    found = {}
    told = read_fingerprints(attempt.definition)
    for job in job_progress(machine_shape(attempt.definition), attempt.events):
        if job.status not in (JobStatus.SUCCEEDED, JobStatus.SKIPPED) or job.stopped_at is None:
            continue
        outputs = job.output if isinstance(job.output, Mapping) else {}
        if job.coarse and job.output is None and job.status is JobStatus.SUCCEEDED:
            continue
        found[job.name] = Checkpoint(
            job=job.name,
            outcome=Outcome.SKIPPED if job.status is JobStatus.SKIPPED else Outcome.SUCCEEDED,
            outputs=outputs,
            at=job.stopped_at,
            attempt=attempt.number,
            fingerprint=told.jobs.get(job.name, ""),
            is_foreign=told.is_foreign,
        )
    return found


def _why_again(job: Job, checkpoint: Checkpoint, applied: ToldFingerprints, wishes: ResumeWishes) -> str:
    """Return why a completed job runs again; empty when its checkpoint is used."""
    if job.name in wishes.begin:
        return "asked for"
    if checkpoint.outcome is Outcome.SKIPPED:
        return ""
    if set(checkpoint.outputs) != set(job.outputs):
        before, now = ", ".join(sorted(checkpoint.outputs)) or "none", ", ".join(sorted(job.outputs)) or "none"
        return f"its outputs were {before} and are now {now}"
    if job.name in wishes.keep:
        return ""
    if checkpoint.is_foreign or applied.is_foreign:
        return "another version of bunsui compiled it, so that nobody can tell whether it changed"
    now = applied.jobs.get(job.name, "")
    return what_changed(checkpoint.fingerprint, now) if checkpoint.fingerprint and now else ""


def _why_nested(job: Job, checkpoint: Checkpoint, wishes: ResumeWishes, nested: Mapping[str, str]) -> str:
    is_kept = job.name in wishes.keep or checkpoint.outcome is Outcome.SKIPPED
    return "" if is_kept else nested.get(job.name, "")


def _with_descendants(jobs: Sequence[Job], seeds: set[str], kept: frozenset[str]) -> set[str]:
    """Return the jobs with those that depend on them, apart from the kept ones and what only these lead to."""
    found = set(seeds)
    growing = True
    while growing:
        more = {job.name for job in jobs if job.name not in found | kept and found.intersection(job.depends_on)}
        found |= more
        growing = bool(more)
    return found


def _payload(
    jobs: Sequence[Job],
    restored: Sequence[str],
    done: Mapping[str, Checkpoint],
    registry: Mapping[str, OperationType] | None,
    *,
    always: Collection[str],
) -> dict[str, Json]:
    """Return the `resume` of the input; `registry` tells what jobs read, None carries everything. No history tells of the jobs
    that are `always` carried."""
    running = [job for job in jobs if job.name not in restored]
    every = frozenset(job.name for job in jobs)
    read = {name for job in running for name in job_reads(job, registry, every)} if registry is not None else every
    inner = {name for job in jobs for name in job.depends_on}
    carried = [name for name in restored if name in read or name not in inner or name in always]
    return {
        "jobs": {name: done[name].outputs for name in carried},
        "status": {name: done[name].outcome.value for name in restored},
    }
