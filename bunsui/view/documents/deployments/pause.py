"""A pause as a JSON document."""

from __future__ import annotations

from datetime import datetime

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import member
from bunsui.model.address import Address
from bunsui.model.deployments.interventions import Pause
from bunsui.services.deployments.pause import PauseOutcome, Switched


class PausePart(ShapeOf[Pause]):
    """An operator's word that nothing starts a pipeline by itself."""

    since: datetime = member("Since when.")
    until: datetime | None = member("When it ends, with the first apply after that; null for when somebody ends it.")
    who: str = member("The ARN of who paused it.")
    reason: str = member("Why.")


class SwitchedPart(ShapeOf[Switched]):
    """What became of one schedule."""

    address: Address = member("`schedule.pipeline.name`.")
    expression: str = member("When it starts the pipeline.")
    timezone: str = member("The zone that the expression is in.")
    is_on: bool = member("True when it starts sessions now.")
    why_not: str = member("Why it was left as it is; empty when it was not.")


class PauseDocument(ShapeOf[PauseOutcome], kind="pause"):
    """Of `pause` and `unpause`: whether schedules start a pipeline."""

    pipeline: str = member("Its name.", of="pause.pipeline")
    is_ended: bool = member("True after `unpause`.")
    pause: PausePart = member()
    schedules: tuple[SwitchedPart, ...] = member("Those that were switched, or should have been.")
