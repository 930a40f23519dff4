"""What becomes of the jobs of a run that has not begun: which run, which are skipped for certain, which only the run can tell.

The rule of `run_if` is the compiler's own (`decide_outcome`), over all outcomes that the jobs before may have.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass
from enum import Enum

from bunsui.compile.outcomes import decide_outcome
from bunsui.compile.structure.order import Cycle, bits, order_of
from bunsui.model.outcomes import ClosingPhase, Outcome, RunIf
from bunsui.model.pipeline import Job
from bunsui.services.running.known_values import ForeseenCondition, KnownValues

_RAN = frozenset({Outcome.SUCCEEDED, Outcome.FAILED})


class JobProspect(Enum):
    """What becomes of a job."""

    RUNS = "runs"
    """Unless the run ends before it is its turn."""
    SKIPPED = "skipped"
    """For certain."""
    FAILS = "fails"
    """For certain, when it is its turn: its `when` gives neither true nor false."""
    NOT_RUN = "not_run"
    """For certain: a job before it fails."""
    DEPENDS = "depends"
    """The run alone can tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeseenJob:
    """A job of a run that has not begun."""

    name: str
    level: int
    """From 1: one after the last job that it waits for."""
    depends_on: tuple[str, ...]
    prospect: JobProspect
    why: str = ""
    """Why it does not run for certain; empty where it does."""
    when: str = ""
    """Its condition as it was written; empty for none."""
    closing: ClosingPhase | None = None
    """Set for the jobs that run after all others."""


@dataclass(frozen=True, kw_only=True)
class _Foresight:
    """The outcomes that each job may have, by name, as far as was looked."""

    possible: dict[str, Set[Outcome]]
    """Whatever happens."""
    calm: dict[str, Set[Outcome]]
    """While no operation fails."""


def foresee_jobs(jobs: Collection[Job], values: KnownValues, *, skipping: Set[str] = frozenset()) -> tuple[ForeseenJob, ...]:
    """Return the jobs in the order in which they begin: by level, then as in the file.

    `skipping` names the jobs with an operation that may skip its job.
    """
    by_name = {job.name: job for job in jobs}
    order = order_of({job.name: job.depends_on for job in jobs})
    if isinstance(order, Cycle):
        raise ValueError(f"jobs depend on each other: {', '.join(order.jobs)}")
    seen = _Foresight(possible={}, calm={})
    found: list[ForeseenJob] = []
    for level, members in enumerate(order.levels(order.everything), start=1):
        for name in (order.names[number] for number in bits(members)):
            job, condition = by_name[name], values.judge(by_name[name].when)
            prospect = _foresee(job, condition, seen, may_skip=name in skipping)
            found.append(
                ForeseenJob(
                    name=name,
                    level=level,
                    depends_on=job.depends_on,
                    prospect=prospect,
                    why=_why(job, condition, prospect, {one.name: one.prospect for one in found}),
                    when=job.when.text if job.when is not None else "",
                    closing=job.closing,
                )
            )
    return tuple(found)


def _foresee(job: Job, condition: ForeseenCondition, seen: _Foresight, *, may_skip: bool) -> JobProspect:
    """Return what becomes of the job, and note the outcomes that it may have."""
    ways = _reachable(job, seen.possible)
    calm_ways = _reachable(job, seen.calm)
    seen.possible[job.name] = _outcomes(job, condition, ways, may_skip=may_skip, may_fail=True)
    seen.calm[job.name] = _outcomes(job, condition, calm_ways, may_skip=may_skip, may_fail=False)
    possible = seen.possible[job.name]
    if not possible & _RAN:
        return JobProspect.SKIPPED if Outcome.SKIPPED in possible else JobProspect.NOT_RUN
    if all(decide_outcome(job.run_if, way) is None for way in calm_ways):
        if condition is ForeseenCondition.HOLDS:
            return JobProspect.RUNS
        if condition is ForeseenCondition.NO_TRUTH:
            return JobProspect.FAILS
    return JobProspect.DEPENDS


def _reachable(job: Job, outcomes: Mapping[str, Set[Outcome]]) -> Set[frozenset[Outcome]]:
    """Return every set of outcomes that the jobs before may have together; there are at most 32."""
    found: set[frozenset[Outcome]] = {frozenset()}
    for name in dict.fromkeys(job.depends_on):
        found = {so_far | {outcome} for so_far in found for outcome in outcomes[name]}
    return found


def _outcomes(
    job: Job, condition: ForeseenCondition, ways: Set[frozenset[Outcome]], *, may_skip: bool, may_fail: bool
) -> Set[Outcome]:
    found = set()
    for way in ways:
        left = decide_outcome(job.run_if, way)
        if left is not None:
            found.add(left)
            continue
        match condition:
            case ForeseenCondition.HOLDS_NOT:
                found.add(Outcome.SKIPPED)
            case ForeseenCondition.NO_TRUTH:
                found.add(Outcome.FAILED)
            case _:
                is_open = condition is ForeseenCondition.OPEN
                found |= {Outcome.SUCCEEDED} | ({Outcome.SKIPPED} if is_open or may_skip else set())
                found |= {Outcome.FAILED} if may_fail else set()
    return found


def _why(job: Job, condition: ForeseenCondition, prospect: JobProspect, before: Mapping[str, JobProspect]) -> str:
    """Return why the job does not run for certain."""
    match prospect:
        case JobProspect.RUNS:
            return ""
        case JobProspect.FAILS:
            return "its when gives neither true nor false"
        case JobProspect.NOT_RUN:
            return f"{_join_names(job, before, JobProspect.FAILS, JobProspect.NOT_RUN)} before it cannot succeed"
        case JobProspect.SKIPPED if condition is ForeseenCondition.HOLDS_NOT:
            return "its when does not hold"
        case JobProspect.SKIPPED:
            return f"run_if: {job.run_if.value}, and {_join_names(job, before, JobProspect.SKIPPED)} is skipped"
        case _ if job.run_if is RunIf.ANY_FAILED:
            return "runs only when a job before it fails"
        case _ if condition is ForeseenCondition.OPEN:
            return "its when reads what the run alone knows"
        case _:
            return "a job before it may be skipped"


def _join_names(job: Job, before: Mapping[str, JobProspect], *wanted: JobProspect) -> str:
    """Return the names of the jobs right before that come to this."""
    return ", ".join(name for name in dict.fromkeys(job.depends_on) if before[name] in wanted)
