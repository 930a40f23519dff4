"""What going on would keep: told from a session's row, the fingerprints of two versions, without any history."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from bunsui.compile.fingerprints import ToldFingerprints
from bunsui.model.json import Json
from bunsui.model.outcomes import Outcome
from bunsui.model.pipeline import Job, Operation
from bunsui.model.recovery import Strategy
from bunsui.model.session import Checkpoint
from bunsui.operations.contract import OperationType
from bunsui.sessions.checkpoints import NO_WISHES, ResumePlan, ResumeWishes, plan_resume

_WHENEVER = datetime.fromtimestamp(0, tz=UTC)


def foresee_resume(
    jobs: Sequence[Job],
    completed: Collection[str],
    registry: Mapping[str, OperationType],
    *,
    ran: ToldFingerprints,
    applied: ToldFingerprints,
    wishes: ResumeWishes = NO_WISHES,
) -> ResumePlan:
    """Return what becomes of the jobs when a session goes on that completed these; the payload is that of nobody.

    `ran` is what the session's last attempt says of its jobs, `applied` what is applied now.
    """
    done_here = {*completed, *wishes.given}
    done = {
        job.name: Checkpoint(
            job=job.name,
            outcome=Outcome.SUCCEEDED,
            # Other outputs are another definition, which the fingerprint tells.
            outputs=dict.fromkeys(job.outputs),
            at=_WHENEVER,
            attempt=1,
            fingerprint=ran.jobs.get(job.name, ""),
            is_foreign=ran.is_foreign,
        )
        for job in jobs
        if job.name in done_here
    }
    wishes = replace(wishes, keep=wishes.keep | wishes.given.keys())
    return plan_resume(jobs, done, registry, applied=applied, wishes=wishes)


def resume_wishes(strategy: Strategy, job: str, output: Mapping[str, Json]) -> ResumeWishes:
    """Return what a resume is told so that it does what the strategy says."""
    match strategy:
        case Strategy.RESTART_FROM:
            return ResumeWishes(begin=frozenset((job,)))
        case Strategy.SKIP:
            return ResumeWishes(given={job: output})
        case _:
            return NO_WISHES


def starts_pipelines(job: Job, registry: Mapping[str, OperationType]) -> bool:
    """Tell whether the job runs other pipelines."""
    return any(_starts(operation, registry) for operation in job.operations)


def undeclared_operations(
    jobs: Sequence[Job], begun: Collection[str], registry: Mapping[str, OperationType]
) -> tuple[str, ...]:
    """Return the operations of these jobs, as JOB.OPERATION, that call something and do not say that calling it twice does no
    harm; `begun` are the jobs that may have been at work before."""
    return tuple(
        f"{job.name}.{name}"
        for job in jobs
        if job.name in begun
        for operation in job.operations
        for name in _find_undeclared(operation, registry)
    )


def _find_undeclared(operation: Operation, registry: Mapping[str, OperationType]) -> Iterator[str]:
    """Return the ids of what calls something without saying so: the operation, or those in it."""
    kind = registry[operation.type]
    if operation.idempotent:
        return
    if kind.default_timeout_seconds is not None:
        yield operation.id
    for inner in kind.operations(operation.params):
        yield from _find_undeclared(inner, registry)


def _starts(operation: Operation, registry: Mapping[str, OperationType]) -> bool:
    kind = registry[operation.type]
    return bool(kind.calls_pipelines(operation.params)) or any(
        _starts(one, registry) for one in kind.operations(operation.params)
    )
