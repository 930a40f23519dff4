"""What EventBridge Scheduler says of schedules: which are on, and when they start what."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bunsui.model.json import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSchedule:
    """A schedule as a list tells of it."""

    group: str
    name: str
    """Unique in its group."""
    is_enabled: bool
    modified_at: datetime | None
    """When anybody wrote it last; None where the list does not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleTimes:
    """When a schedule starts its target, and with what."""

    expression: str
    timezone: str
    is_enabled: bool
    input: Json
    """The target's input, in which the scheduled time is still a placeholder."""
    window: timedelta = timedelta()
    """How long after its time a start may come: the flexible time window."""
    begins_at: datetime | None = None
    """No start before; None for no limit."""
    ends_at: datetime | None = None
    """No start behind; None for no limit."""


class ScheduleReader(Protocol):
    """Reads schedules as they are, whoever wrote them."""

    def list_schedules(self, groups: Collection[str]) -> Mapping[tuple[str, str], ListedSchedule]:
        """Return the schedules of these groups by group and name; nothing of a group that is not there."""
        ...

    def times(self, group: str, name: str) -> ScheduleTimes | None:
        """Return when the schedule starts what; None when there is none of that name."""
        ...
