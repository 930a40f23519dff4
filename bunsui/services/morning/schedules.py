"""The schedules that start pipelines now: as they were applied, and as somebody changed them in AWS since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bunsui.errors import AccessDenied
from bunsui.kinds.schedule import SCHEDULE
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.resource import AppliedResource
from bunsui.ports.schedules import ListedSchedule, ScheduleReader, ScheduleTimes
from bunsui.services.morning.ports import MorningPorts

SWITCHED_OFF = "switched off in AWS, not by bunsui"
SWITCHED_ON = "switched on in AWS, not by bunsui"
REMOVED = "removed in AWS, not by bunsui"
CHANGED = "changed in AWS, not by bunsui"
OFF_IN_FILE = "switched off by its file"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedSchedule:
    """A schedule that starts a pipeline, or would if it was on."""

    pipeline: str
    id: str
    times: ScheduleTimes
    since: datetime | None = None
    """Since when it is so; what was due before nobody knows. None when that is not known either."""
    outside: str = ""
    """What somebody did to it in AWS; empty when it is as it was applied."""
    is_gone: bool = False
    """True when AWS has it no more."""

    @property
    def held(self) -> str:
        """Why it starts nothing; empty when it does."""
        if self.times.is_enabled and not self.is_gone:
            return ""
        return self.outside if self.outside in (SWITCHED_OFF, REMOVED) else OFF_IN_FILE


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployedSchedules:
    """All schedules of a project in an environment."""

    schedules: tuple[DeployedSchedule, ...]
    """By pipeline and id."""
    is_checked: bool
    """False when nobody could ask AWS, so that they are told as they were applied."""


def deployed_schedules(ports: MorningPorts) -> DeployedSchedules:
    """Return the schedules of all pipelines that are in service: from the state, held against a list of AWS's.

    One is read by itself only when AWS says that somebody wrote it since.
    """
    applied = {address: resource for address, resource in ports.state.applied(SCHEDULE).items() if resource.retired_at is None}
    if not applied:
        return DeployedSchedules(schedules=(), is_checked=True)
    try:
        listed = ports.schedules.list_schedules({_group(resource) for resource in applied.values()})
        found = [_as_in_aws(address, resource, listed, ports.schedules) for address, resource in sorted(applied.items())]
    except AccessDenied:
        found = [_as_applied(address, resource) for address, resource in sorted(applied.items())]
        return DeployedSchedules(schedules=tuple(found), is_checked=False)
    return DeployedSchedules(schedules=tuple(found), is_checked=True)


def _as_applied(address: Address, resource: AppliedResource) -> DeployedSchedule:
    attributes = resource.attributes
    times = ScheduleTimes(
        expression=str(attributes["expression"]),
        timezone=str(attributes.get("timezone") or "UTC"),
        is_enabled=attributes.get("enabled") is not False,
        input=attributes.get("input"),
    )
    return DeployedSchedule(pipeline=address.pipeline, id=address.name, times=times, since=resource.written_at)


def _as_in_aws(
    address: Address,
    resource: AppliedResource,
    listed: Mapping[tuple[str, str], ListedSchedule],
    reader: ScheduleReader,
) -> DeployedSchedule:
    ours = _as_applied(address, resource)
    group, name = _group(resource), resource.physical_name
    there = listed.get((group, name))
    if there is None:
        return replace(ours, outside=REMOVED, is_gone=True)
    is_untouched = ours.since is not None and there.modified_at is not None and there.modified_at <= ours.since
    if is_untouched and there.is_enabled == ours.times.is_enabled:
        return ours
    times = reader.times(group, name)
    if times is None:
        return replace(ours, outside=REMOVED, is_gone=True)
    return replace(ours, times=times, since=there.modified_at or ours.since, outside=_difference(ours.times, times))


def _difference(applied: ScheduleTimes, actual: ScheduleTimes) -> str:
    if applied.is_enabled != actual.is_enabled:
        return SWITCHED_ON if actual.is_enabled else SWITCHED_OFF
    return "" if _comparable(applied) == _comparable(actual) else CHANGED


def _comparable(times: ScheduleTimes) -> tuple[str, str, str, timedelta, datetime | None, datetime | None]:
    given: Json = times.input
    text = json.dumps(given, sort_keys=True)
    return times.expression, times.timezone, text, times.window, times.begins_at, times.ends_at


def _group(resource: AppliedResource) -> str:
    return str(resource.attributes.get("group") or "default")
