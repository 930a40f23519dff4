"""EventBridge Scheduler group: the parent that carries the tags of its schedules.

Attributes: tags. Outputs: arn. Source of the quota: "Quotas for Amazon EventBridge Scheduler"; it may be raised.
"""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.kinds.kind import Attribute, Comparison, Effect, Kind, Limit
from bunsui.kinds.ownership import arn_of, key_value, rename_schedule
from bunsui.model.names import SCHEDULE_NAME_LIMIT
from bunsui.model.resource import ActualResource


def _hand_over(actual: ActualResource, tags: Mapping[str, str]) -> tuple[str, ...]:
    return "scheduler", "tag-resource", "--resource-arn", arn_of(actual), "--tags", *key_value(tags)


SCHEDULE_GROUP = "schedule_group"
"""The kind's name."""

KIND = Kind(
    name=SCHEDULE_GROUP,
    title="schedule group",
    word="schedule_group",
    attributes=(Attribute(name="tags", comparison=Comparison.JSON, default={}, effect=Effect.COSMETIC),),
    outputs=("arn",),
    name_limit=SCHEDULE_NAME_LIMIT,
    rank=50,
    hand_over=_hand_over,
    way_around=rename_schedule,
    quota=Limit(what="schedule groups of this project alone", most=500),
    listed_events=("DeleteScheduleGroup",),
    events=("CreateScheduleGroup", "TagResource", "UntagResource"),
)
