"""A session that goes on, as a JSON document: what is kept of it and what runs."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import ABSENT, Absent, member
from bunsui.model.recovery import Strategy
from bunsui.services.resume import Resumption, ResumptionEstimate
from bunsui.sessions.items.reading import ItemPlan
from bunsui.sessions.recovery.nested import ChildResume
from bunsui.sessions.recovery.stored import StoredOutput
from bunsui.view.documents.estimates import CostEstimatePart, TypicalDurationPart
from bunsui.view.documents.running.sessions import FailureNotePart, PolicyAdvicePart, SessionPart


class ItemPlanPart(ShapeOf[ItemPlan]):
    """What becomes of the items of one job."""

    total: int = member("How many there are; 0 where nobody could read that.")
    kept: int = member("How many are kept: they succeeded, and do not run again.")
    to_run: int = member("How many run.")
    executions_read: int | Absent = member(
        "How many executions of items were read, one call each; 0 where items have none of their own.", default=ABSENT
    )
    why_again: str = member("Why those run again that succeeded; empty where they are kept.")


class ChildResumePart(ShapeOf[ChildResume]):
    """What a pipeline that a job runs keeps, where it is given the same parameters as before."""

    job: str = member("The job that runs it; PARENT/JOB for a job of a pipeline that a job runs.")
    pipeline: str = member("Its name.")
    restored: tuple[str, ...] = member("Its jobs whose results are taken from earlier executions.", of="plan.restored")
    to_run: tuple[str, ...] = member("Its jobs that run, or run again.", of="plan.to_run")
    outdated: Mapping[str, str] = member("Those that run again all the same, each with the reason.", of="plan.outdated")
    items: Mapping[str, ItemPlanPart] | Absent = member(
        "What becomes of the items of its jobs with foreach, where some succeeded before.", of="plan.items", default=ABSENT
    )


class StoredOutputPart(ShapeOf[StoredOutput]):
    """One job's outputs as an object."""

    job: str = member("The job; PARENT/JOB for a job of a pipeline that a job runs.")
    uri: str = member("Where they lie, s3://BUCKET/KEY; a plan puts nothing there.")
    size: int = member("Bytes.")


class ResumptionEstimatePart(ShapeOf[ResumptionEstimate]):
    """What it takes to go on."""

    seconds: float | None = member("How long the jobs take together that run; null where nobody knows it of one of them.")
    is_learnt: bool = member("True where the durations that were learnt tell it, since not all of these jobs were measured.")
    cost: CostEstimatePart | None = member("At most, by the definition; null where nobody knows the definition any more.")


class ResumptionDocument(ShapeOf[Resumption], kind="resumption"):
    """Of `resume --no-wait` and `resume --plan`: a session that goes on."""

    session: SessionPart = member()
    strategy: Strategy | Absent = member("How it goes on.", default=ABSENT)
    advice: PolicyAdvicePart | None | Absent = member(default=ABSENT)
    restored: tuple[str, ...] = member("Jobs whose results are taken from earlier attempts.", of="plan.restored")
    to_run: tuple[str, ...] = member("Jobs that run, or run again.", of="plan.to_run")
    skipped: tuple[str, ...] = member("Jobs that were skipped before; their conditions are asked again.", of="plan.skipped")
    outdated: Mapping[str, str] = member(
        "Completed jobs that run again all the same, each with the reason.", of="plan.outdated"
    )
    untold: tuple[str, ...] | Absent = member(
        "Restored jobs of which nobody can tell whether they changed.", of="plan.untold", default=ABSENT
    )
    items: Mapping[str, ItemPlanPart] | Absent = member(
        "What becomes of the items of jobs with foreach that run, where some succeeded before, by job.",
        of="plan.items",
        default=ABSENT,
    )
    children: tuple[ChildResumePart, ...] | Absent = member(
        "What the pipelines keep that jobs run, those of their jobs included.", of="descendants", default=ABSENT
    )
    stored: tuple[StoredOutputPart, ...] | Absent = member(
        "Outputs of kept jobs that the new attempt loads from the environment's bucket, since its input could not hold them.",
        of="carried.stored",
        default=ABSENT,
    )
    estimate: ResumptionEstimatePart | None | Absent = member("What it takes; only of `resume --plan`.", default=ABSENT)
    durations: Mapping[str, TypicalDurationPart] | Absent = member(
        "How long the jobs that run take, by name; only of `resume --plan`.", default=ABSENT
    )
    is_unchanged: bool = member("Nothing was applied since the last attempt: the same definition and code run again.")
    repeats: FailureNotePart | None | Absent = member(
        "The failure that probably comes again, since nothing that its job does has changed; null for none.", default=ABSENT
    )
    unapplied: tuple[str, ...] = member(
        "Jobs that the files say differently from what is applied; an empty text is between jobs."
    )
