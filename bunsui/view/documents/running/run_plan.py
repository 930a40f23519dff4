"""What a run would do, as a JSON document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import ABSENT, Absent, member
from bunsui.model.json import Json
from bunsui.model.outcomes import ClosingPhase
from bunsui.model.session import Session, SessionStatus
from bunsui.services.running.foreseen_jobs import ForeseenJob, JobProspect
from bunsui.services.running.run_plan import COUNTED, RunPlan
from bunsui.view.commands import Offering
from bunsui.view.documents.estimates import CostEstimatePart, TypicalDurationPart


class ForeseenJobPart(ShapeOf[ForeseenJob]):
    """A job, as far as it can be foreseen."""

    name: str = member("The job's name.")
    level: int = member("From 1: one after the last job that it waits for.")
    depends_on: tuple[str, ...] = member("The jobs that it waits for.")
    prospect: JobProspect = member(
        "`runs`; `skipped` for certain; `fails` and `not_run` for certain, since a condition is neither true nor false;"
        " `depends` on the run. All of them while the run does not end before."
    )
    why: str = member("Why it does not run for certain; empty where it does.")
    when: str = member("Its condition as it was written; empty for none.")
    closing: ClosingPhase | None = member("Where the jobs stand that run after all others; null for the others.")


class ExistingSessionPart(ShapeOf[Session]):
    """The session that the idempotency key stands for already; null when there is none."""

    session: str = member("Its id.", of="id")
    status: SessionStatus = member("Where it stands.", of="standing")
    created_at: datetime = member("When it was asked for.")


class RunPlanDocument(ShapeOf[RunPlan], kind="run-plan"):
    """Of `run --plan`: what a run would do. Nothing was started."""

    pipeline: str = member("The pipeline's name.")
    slot: datetime = member("The business time that it would stand for.")
    date: str = member("The slot's date, YYYY-MM-DD, in the pipeline's time zone.")
    is_slot_given: bool = member("False when the slot follows from the time of the start: a later start has a later one.")
    params: Mapping[str, Json] = member("The parameters' values, those of defaults included.")
    open_params: tuple[str, ...] = member("Parameters whose defaults the run alone can tell.")
    is_raw: bool = member("True for a definition of its own, which has states and no jobs.")
    jobs: tuple[ForeseenJobPart, ...] = member("The jobs in the order in which they begin: by level, then as in the file.")
    existing: ExistingSessionPart | None = member()
    starts: bool = member("False when the key's session began already: the run would start nothing.")
    typical_seconds: float | None = member(
        "How long a run takes: the median of the last successes; null when nobody knows.",
        of="history.typical_seconds",
    )
    known_runs: int = member("From how many runs that is.", of="history.count")
    durations: Mapping[str, TypicalDurationPart] | Absent = member("How long each job takes, by name.", default=ABSENT)
    cost: CostEstimatePart | None | Absent = member("What it costs, estimated.", default=ABSENT)
    running: int = member(f"Executions of the pipeline that run now; {COUNTED} stands for as many or more.")
    unapplied: tuple[str, ...] = member(
        "Jobs that the files say differently from what is applied, which is what runs; an empty name stands for what is between"
        " jobs."
    )
    next: Offering = member("The command that starts it; of a session that is there, the one that shows it.", of=None)


def run_plan_document(plan: RunPlan, *, command: str) -> RunPlanDocument:
    """Return what a run would do as one JSON document; `command` is the next one."""
    return RunPlanDocument.of(plan, next=Offering(command))
