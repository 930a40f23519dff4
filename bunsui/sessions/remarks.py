"""What the history of an execution says of its session beside how it stands: where it failed, that it succeeded without any of
its last jobs, and which jobs were warned of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bunsui.model.session import FailureNote, JobProgress, Session, SessionStatus
from bunsui.sessions.progress import COMPLETED
from bunsui.sessions.shape import MachineShape


@dataclass(frozen=True, slots=True, kw_only=True)
class Remarks:
    """What is said of a session beside its status."""

    failed_job: str = ""
    failure: FailureNote | None = None
    skipped: bool = False
    """It succeeded, and none of its last jobs ran."""
    warned: tuple[str, ...] = ()
    """The jobs of which a check warned."""
    tolerated: Mapping[str, int] = field(default_factory=dict)
    """How many items failed and were tolerated, by job."""

    def on(self, session: Session) -> Session:
        """Return the session with them; its row already names the job that failed."""
        return replace(session, skipped=self.skipped, warned=self.warned, tolerated=self.tolerated)


NOTHING = Remarks()


def may_have_remarks(shape: MachineShape) -> bool:
    """Tell whether a session of the machine can have any: otherwise nobody needs to read its history for them."""
    return bool(shape.last) or any(state.warns or state.tolerates for state in shape.states.values())


def remarks_of(shape: MachineShape, jobs: Sequence[JobProgress], status: SessionStatus) -> Remarks:
    """Return what is to be said, by the jobs of the session's latest execution."""
    ran = {job.name for job in jobs if job.status in COMPLETED}
    skipped = status is SessionStatus.SUCCEEDED and bool(shape.last) and ran.isdisjoint(shape.last)
    return Remarks(
        skipped=skipped,
        warned=tuple(job.name for job in jobs if job.warnings),
        tolerated={job.name: job.items_failed for job in jobs if job.items_failed and job.status in COMPLETED},
    )
