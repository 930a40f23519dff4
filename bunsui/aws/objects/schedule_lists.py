"""Schedules of EventBridge Scheduler as its lists tell of them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bunsui.aws.connect import PAGE_SIZES, Connection
from bunsui.errors import Missing
from bunsui.model.json import Json
from bunsui.ports.schedules import ListedSchedule, ScheduleTimes

_FEWEST = 2
"""Up to this many groups are listed by themselves."""
_GROUPS_FOR_A_PAGE = 4
"""A page of the account's schedules must stand for so many groups: its pages come one after the other, groups side by side."""


def schedules_in(connection: Connection, groups: Collection[str]) -> Sequence[Mapping[str, Any]]:
    """Return the schedules of the groups: from a list of the whole account while that takes fewer calls than the groups."""
    if len(groups) > _FEWEST:
        found: list[Mapping[str, Any]] = []
        for number, page in enumerate(connection.each_page("scheduler", "list_schedules", "Schedules"), start=1):
            found += [schedule for schedule in page if schedule["GroupName"] in groups]
            if number * _GROUPS_FOR_A_PAGE > len(groups) and len(page) == PAGE_SIZES["list_schedules"]:
                break  # too many are not ours
        else:
            return found
    return [
        one
        for listed in connection.each(lambda group: _schedules_of_group(connection, group), sorted(groups))
        for one in listed
    ]


def schedule_input(text: str | None) -> Json:
    """Return the input as JSON, as the text it is when somebody wrote something else there."""
    try:
        value: Json = json.loads(text or "{}")
    except ValueError:
        return text
    return value


class AwsScheduleReader:
    """Implements `bunsui.ports.schedules.ScheduleReader`."""

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def list_schedules(self, groups: Collection[str]) -> Mapping[tuple[str, str], ListedSchedule]:
        """Return the schedules of these groups by group and name."""
        found = [
            ListedSchedule(
                group=str(schedule["GroupName"]),
                name=str(schedule["Name"]),
                is_enabled=schedule.get("State", "ENABLED") == "ENABLED",
                modified_at=_instant(schedule.get("LastModificationDate")),
            )
            for schedule in schedules_in(self._connection, groups)
        ]
        return {(one.group, one.name): one for one in found}

    def times(self, group: str, name: str) -> ScheduleTimes | None:
        """Return when the schedule starts what; None when there is none of that name."""
        try:
            with self._connection.translated("scheduler", "GetSchedule", group=group, schedule=name):
                schedule: Mapping[str, Any] = self._connection.reader("scheduler").get_schedule(GroupName=group, Name=name)
        except Missing:
            return None
        flexible = schedule.get("FlexibleTimeWindow") or {}
        return ScheduleTimes(
            expression=str(schedule["ScheduleExpression"]),
            timezone=str(schedule.get("ScheduleExpressionTimezone") or "UTC"),
            is_enabled=schedule.get("State", "ENABLED") == "ENABLED",
            input=schedule_input(schedule["Target"].get("Input")),
            window=timedelta(minutes=int(flexible.get("MaximumWindowInMinutes") or 0)),
            begins_at=_instant(schedule.get("StartDate")),
            ends_at=_instant(schedule.get("EndDate")),
        )


def _schedules_of_group(connection: Connection, group: str) -> Sequence[Mapping[str, Any]]:
    try:
        return connection.pages("scheduler", "list_schedules", "Schedules", GroupName=group)
    except Missing:
        return ()


def _instant(value: object) -> datetime | None:
    return value.astimezone(UTC) if isinstance(value, datetime) else None
