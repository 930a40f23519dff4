"""EventBridge Scheduler group: the parent that carries the tags of its schedules."""

from __future__ import annotations

from bunsui.kinds.kind import Attribute, Comparison, Effect, Kind
from bunsui.model.names import SCHEDULE_NAME_LIMIT

KIND = Kind(
    name="schedule_group",
    title="schedule group",
    attributes=(Attribute(name="tags", comparison=Comparison.JSON, default={}, effect=Effect.COSMETIC),),
    outputs=("arn",),
    name_limit=SCHEDULE_NAME_LIMIT,
    rank=50,
    events=("CreateScheduleGroup", "TagResource", "UntagResource"),
)
