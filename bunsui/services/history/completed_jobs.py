"""Lists what a session completed, job by job, with what would become of each if it went on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from bunsui.model.outcomes import Outcome
from bunsui.model.session import Checkpoint, Session, SessionStatus
from bunsui.services.resume import Resumption, completed_jobs, plan_resumption
from bunsui.services.session_context import SessionContext
from bunsui.sessions.checkpoints import UNTOLD
from bunsui.sessions.items.reading import ItemPlan


class ResumeVerdict(Enum):
    """What would become of a job if the session went on."""

    KEPT = "kept"
    RUNS_AGAIN = "runs again"
    RUNS = "runs"
    ASKED_AGAIN = "asked again"
    """It was skipped: its conditions are looked at once more."""
    NONE = ""
    """Nothing: the session is not one that can be resumed now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCheckpoint:
    """One job of a session."""

    job: str
    verdict: ResumeVerdict
    checkpoint: Checkpoint | None = None
    """None when it did not complete."""
    why: str = ""
    """Why it runs again, or why nobody can tell whether it should."""
    items: ItemPlan | None = None
    """What becomes of its items when it runs, where some succeeded before."""


def session_checkpoints(context: SessionContext, session: Session) -> tuple[Session, tuple[JobCheckpoint, ...]]:
    """Return the session as it stands now, and its jobs in the order of the file, those that are gone from it last."""
    synced = context.manager.sync(session, target_arn=context.machine(session.pipeline).alias_arn)
    names = [job.name for job in context.pipeline(session.pipeline).jobs]
    if synced.status in (SessionStatus.SUCCEEDED, SessionStatus.PENDING, SessionStatus.RUNNING):
        done = completed_jobs(context, synced)
        found = [JobCheckpoint(job=name, verdict=ResumeVerdict.NONE, checkpoint=done.get(name)) for name in names]
    else:
        resumption = plan_resumption(context, synced)
        done = resumption.checkpoints
        found = [_judge_job(name, resumption, done) for name in names]
    gone = [
        JobCheckpoint(job=name, verdict=ResumeVerdict.NONE, checkpoint=one, why="the pipeline has no such job any more")
        for name, one in done.items()
        if name not in names
    ]
    return synced, (*found, *gone)


def _judge_job(name: str, resumption: Resumption, done: Mapping[str, Checkpoint]) -> JobCheckpoint:
    plan, checkpoint = resumption.plan, done.get(name)
    if name in plan.restored:
        why = UNTOLD if name in plan.untold else ""
        return JobCheckpoint(job=name, verdict=ResumeVerdict.KEPT, checkpoint=checkpoint, why=why)
    if name in plan.skipped:
        return JobCheckpoint(job=name, verdict=ResumeVerdict.ASKED_AGAIN, checkpoint=checkpoint)
    completed = checkpoint is not None and checkpoint.outcome is not Outcome.SKIPPED
    verdict = ResumeVerdict.RUNS_AGAIN if completed else ResumeVerdict.RUNS
    return JobCheckpoint(
        job=name, verdict=verdict, checkpoint=checkpoint, why=plan.outdated.get(name, ""), items=plan.items.get(name)
    )
