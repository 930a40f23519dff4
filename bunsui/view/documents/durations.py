"""How long jobs take, as a part of JSON documents."""

from __future__ import annotations

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import member
from bunsui.services.running.measured_runs import TypicalDuration


class TypicalDurationPart(ShapeOf[TypicalDuration]):
    """How long a job takes."""

    seconds: float | None = member("The median of the last runs; null when nobody knows.")
    runs: int = member("From how many runs that is.")
    why: str = member("Why it is not known; empty when it is.")
