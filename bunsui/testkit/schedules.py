"""Schedules in memory."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from bunsui.errors import CloudError
from bunsui.ports.schedules import ListedSchedule, ScheduleTimes


class MemoryScheduleReader:
    """Implements `bunsui.ports.schedules.ScheduleReader`."""

    def __init__(self) -> None:
        """Start empty."""
        self._schedules: dict[tuple[str, str], tuple[ScheduleTimes, datetime]] = {}
        self.refusal: CloudError | None = None
        """Every read fails with it."""

    def put(self, group: str, name: str, times: ScheduleTimes, *, modified_at: datetime) -> None:
        """Write a schedule, as anybody may."""
        self._schedules[group, name] = times, modified_at

    def remove(self, group: str, name: str) -> None:
        """Take it away."""
        self._schedules.pop((group, name), None)

    def list_schedules(self, groups: Collection[str]) -> Mapping[tuple[str, str], ListedSchedule]:
        """Return the schedules of these groups by group and name."""
        self._refuse()
        return {
            key: ListedSchedule(group=key[0], name=key[1], is_enabled=times.is_enabled, modified_at=modified_at)
            for key, (times, modified_at) in self._schedules.items()
            if key[0] in groups
        }

    def times(self, group: str, name: str) -> ScheduleTimes | None:
        """Return when the schedule starts what; None when there is none of that name."""
        self._refuse()
        found = self._schedules.get((group, name))
        return found[0] if found is not None else None

    def _refuse(self) -> None:
        if self.refusal is not None:
            raise self.refusal
