"""Estimates as JSON documents: how long jobs take, what was learnt of that, what runs cost."""

from __future__ import annotations

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import member
from bunsui.model.estimates.cost import NEVER_COUNTED, CostEstimate, CostPart
from bunsui.model.estimates.typical_duration import TypicalDuration
from bunsui.services.running.learning import Learning, LearntJob, LearntPipeline


class ServiceCostPart(ShapeOf[CostPart]):
    """What one service asks."""

    service: str = member("The service.")
    usd: float = member("USD.")


class CostEstimatePart(ShapeOf[CostEstimate]):
    """An estimate by list prices."""

    usd: float | None = member("USD of what could be counted; null where no price of the region is known.")
    region: str = member("The region whose prices these are; of the embedded AWS the one that it stands for.")
    priced_on: str = member("The day on which the prices were read, YYYY-MM-DD.")
    is_local: bool = member("True on the embedded AWS, where nothing is paid: what it would be on AWS in the region.")
    parts: tuple[ServiceCostPart, ...] = member("By service.")
    uncounted: tuple[str, ...] = member(
        "What is billed too and could not be counted. Never counted are " + ", ".join(NEVER_COUNTED) + "."
    )
    runs: int = member("From how many earlier runs this is known; 0 where it is told from a history of its own or foreseen.")
    is_foreseen: bool = member("True where the definition alone tells it, since no run was measured: the most states entered.")


class TypicalDurationPart(ShapeOf[TypicalDuration]):
    """How long a job takes."""

    seconds: float | None = member("The median of the last runs; null when nobody knows.")
    runs: int = member("From how many runs that is.")
    why: str = member("Why it is not known; empty when it is.")


class LearntPipelinePart(ShapeOf[LearntPipeline]):
    """From how many runs of a pipeline was learnt."""

    pipeline: str = member("The pipeline's name.")
    runs: int = member("Runs that succeeded in one go, and whose histories were read.")
    unread: int = member("Runs of which Step Functions knows no history any more.")


class LearntJobPart(ShapeOf[LearntJob]):
    """A job whose duration in the file is another one now."""

    pipeline: str = member("The pipeline's name.")
    job: str = member("The job's name.")
    before: int | None = member("Seconds that the file said; null for none.")
    after: int | None = member("Seconds that it says now; null when the job is gone.")


class LearningDocument(ShapeOf[Learning], kind="learning"):
    """Of `graph --update-estimates`: what the last runs told of how long jobs take."""

    file: str = member("The file, relative to the project's root.", of=None)
    is_new: bool = member("Whether it was written: what was learnt differs from what it said.")
    changes: tuple[LearntJobPart, ...] = member("By pipeline and job.")
    measured: tuple[LearntPipelinePart, ...] = member("The pipelines that were asked for, by name.")
    calls: int = member("Calls of Step Functions that this took.")
