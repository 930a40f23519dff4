"""What was learnt of durations, as a JSON document."""

from __future__ import annotations

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import member
from bunsui.services.running.learning import Learning, LearntJob, LearntPipeline


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
