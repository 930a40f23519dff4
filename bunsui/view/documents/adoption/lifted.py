"""Pipelines that were said in jobs, as a part of a JSON document."""

from __future__ import annotations

from collections.abc import Sequence

from bunsui.codec.shape import Shape, member
from bunsui.services.adoption.lifting.machines import PipelineLift


class LiftedPipelinePart(Shape):
    """A pipeline that had a definition."""

    pipeline: str = member("Its name.")
    file: str = member("Its file.")
    lifted: bool = member("True where the file has jobs now.")
    why_not: str = member("Why it stays a definition, after the place in it; empty where it has jobs.")
    situations: int = member("In how many situations both were run.")


def lifted_parts(lifts: Sequence[PipelineLift]) -> tuple[LiftedPipelinePart, ...]:
    """Return what came of each."""
    return tuple(
        LiftedPipelinePart(
            pipeline=one.pipeline,
            file=one.path,
            lifted=one.attempt.content is not None,
            why_not=one.attempt.refusal,
            situations=one.attempt.compared.situations if one.attempt.compared is not None else 0,
        )
        for one in lifts
    )
