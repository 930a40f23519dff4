"""EventBridge Scheduler schedule."""

from __future__ import annotations

from bunsui.kinds.kind import Attribute, Comparison, Kind
from bunsui.model.names import SCHEDULE_NAME_LIMIT

KIND = Kind(
    name="schedule",
    title="schedule",
    attributes=(
        Attribute(name="group", default="default", replaces=True, held=False),
        Attribute(name="expression"),
        Attribute(name="timezone", default="UTC"),
        Attribute(name="enabled", default=True),
        Attribute(name="input", comparison=Comparison.JSON, default={}),
        Attribute(name="target_arn"),
        Attribute(name="role_arn"),
        Attribute(name="retries", default=185),
    ),
    outputs=("arn",),
    name_limit=SCHEDULE_NAME_LIMIT,
    rank=60,
    taggable=False,
    within="group",
    events=("CreateSchedule", "UpdateSchedule"),
)
