"""How a resident does, as a JSON document."""

from __future__ import annotations

from datetime import datetime

from bunsui.codec.making import ShapeOf
from bunsui.codec.shape import member
from bunsui.ports.monitoring import LogLine
from bunsui.services.resident.standing import Report, ResidentStanding, ResidentState


class ReportPart(ShapeOf[Report]):
    """What one look said of itself."""

    at: datetime = member("When it ended.")
    cause: str = member("`sweep`, or `event` for the end of one execution.")
    machines: int = member("How many there are; of an event the one that it is about.")
    visited: int = member("How many were looked at.")
    news: int = member("Executions that were new or had changed.")
    left: int = member("Rows that are known from lists only; later looks ask for them.")
    seconds: float = member("How long it took.")
    version: str = member("Of the bunsui that looked.")
    problems: tuple[str, ...] = member("A line for each machine that could not be looked at.")


class FailedLookPart(ShapeOf[LogLine]):
    """What the log says of a look that failed."""

    at: datetime = member("When.")
    message: str = member("As it stands in the log.")


class ResidentDocument(ShapeOf[ResidentStanding], kind="resident"):
    """Of `resident`: how the function does that looks at sessions when nobody else does."""

    state: ResidentState = member(
        "`none`, `pending` (not applied yet, or no sweep yet), `awake`, `silent` (a sweep was due and there was none), or"
        " `left over` (the files do not want it any more)."
    )
    version_here: str = member("Of this bunsui.")
    version: str = member("Of the bunsui that it is made of; empty where there is none, or it cannot be read.")
    is_same_code: bool = member("False when it is made of other files than this bunsui has.")
    log_group: str = member("Its log; empty where there is none.")
    applied_at: datetime | None = member("When it was written last; null where it is not.")
    reports: tuple[ReportPart, ...] = member("Of the last hour, oldest first.")
    failures: tuple[FailedLookPart, ...] = member("Of the last hour, oldest first.")
