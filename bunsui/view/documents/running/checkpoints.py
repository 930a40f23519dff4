"""What a session completed, job by job, as a JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import ABSENT, Absent, Shape, member
from bunsui.model.outcomes import Outcome
from bunsui.model.session import Session
from bunsui.services.history.completed_jobs import JobCheckpoint, ResumeVerdict
from bunsui.view.documents.running.resumption import ItemPlanPart
from bunsui.view.documents.running.sessions import SessionPart


class JobCheckpointPart(ShapeOf[JobCheckpoint]):
    """One job."""

    job: str = member("Its name.")
    outcome: Outcome | None = member("How it completed; null when it did not.", of="checkpoint.outcome")
    completed_at: datetime | None = member("When; null when it did not.", of="checkpoint.at")
    attempt: int | None = member("In which attempt; null when it did not.", of="checkpoint.attempt")
    fingerprint: str | None = member(
        "What it did then, as a digest; empty when nobody can tell, null when it did not complete.", of="checkpoint.fingerprint"
    )
    resume: ResumeVerdict = member(
        "What a resume would do with it; empty when the session cannot be resumed now.", of="verdict"
    )
    why: str = member("Why it runs again, or why nobody can tell whether it should; empty otherwise.")
    items: ItemPlanPart | None | Absent = member(
        "What becomes of its items when it runs, where some succeeded before; null for no such job.", default=ABSENT
    )


class CheckpointsDocument(Shape, kind="checkpoints"):
    """Of `checkpoints`: what a session completed, and what a resume would keep."""

    session: SessionPart = member()
    jobs: tuple[JobCheckpointPart, ...] = member("In the order of the file.")


def checkpoints_document(session: Session, found: Sequence[JobCheckpoint]) -> CheckpointsDocument:
    """Return the document of `bunsui checkpoints --json`."""
    return CheckpointsDocument(session=SessionPart.of(session), jobs=tuple(map(JobCheckpointPart.of, found)))
