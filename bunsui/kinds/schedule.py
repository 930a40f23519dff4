"""EventBridge Scheduler schedule.

Attributes: group (physical name) · expression · timezone · enabled (bool) · input (object) · target_arn · role_arn
· retries (int) · max_age_seconds · dead_letter_arn, left out where they are as EventBridge Scheduler has them. Outputs: arn.
"""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.kinds.kind import Attribute, Comparison, Kind
from bunsui.kinds.ownership import rename_schedule
from bunsui.model.names import SCHEDULE_NAME_LIMIT
from bunsui.model.resource import ActualResource
from bunsui.model.values import Value


def _hand_over(actual: ActualResource, tags: Mapping[str, str]) -> tuple[str, ...]:
    group = str(actual.attributes.get("group", ""))
    return "scheduler", "delete-schedule", "--group-name", group, "--name", actual.physical_name


MAX_AGE_SECONDS = 86_400
"""How long EventBridge Scheduler tries a start at most, and where nothing is said (API reference, RetryPolicy)."""
MIN_AGE_SECONDS = 60
SCHEDULE = "schedule"
"""The kind's name."""


def _summary(attributes: Mapping[str, Value]) -> str:
    values = attributes.get("input")
    told = values.get("params", values) if isinstance(values, Mapping) else None
    words = [f"{attributes.get('expression')} {attributes.get('timezone')}"]
    words += [] if attributes.get("enabled") else ["switched off"]
    session = values.get("session") if isinstance(values, Mapping) else None
    offset = session.get("slot_offset_seconds") if isinstance(session, Mapping) else 0
    words += [f"slot {offset:+} s"] if isinstance(offset, (int, float)) and offset else []
    given = [f"{name}={value}" for name, value in told.items()] if isinstance(told, Mapping) else []
    return ", ".join([*words, *given])


OUTSIDE = (
    Attribute(name="window_minutes", words="flexible window in minutes"),
    Attribute(name="begins_at", words="begin"),
    Attribute(name="ends_at", words="end"),
    Attribute(name="after_completion", words="what is done after its last start"),
)
"""What bunsui never sets: an attribute that is as it leaves it stands nowhere, and a write resets it."""

KIND = Kind(
    name=SCHEDULE,
    title="schedule",
    word="schedule",
    attributes=(
        Attribute(name="group", default="default", replaces=True, held=False),
        Attribute(name="expression"),
        Attribute(name="timezone", default="UTC"),
        Attribute(name="enabled", default=True),
        Attribute(name="input", comparison=Comparison.JSON, default={}),
        Attribute(name="target_arn"),
        Attribute(name="role_arn"),
        Attribute(name="retries", default=185),
        Attribute(name="max_age_seconds", words="seconds that a start may be late", default=MAX_AGE_SECONDS),
        Attribute(name="dead_letter_arn", words="queue for starts given up"),
        *OUTSIDE,
    ),
    outputs=("arn",),
    name_limit=SCHEDULE_NAME_LIMIT,
    rank=60,
    hand_over=_hand_over,
    way_around=rename_schedule,
    starts_sessions=True,
    summary=_summary,
    taken_on_by="scheduler.amazonaws.com",
    taggable=False,
    within="group",
    listed_events=("DeleteSchedule",),
    events=("CreateSchedule", "UpdateSchedule"),
)
