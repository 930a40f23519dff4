"""EventBridge schedules. They cannot carry tags; their description says whose they are instead."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.errors import none_unless_permitted
from bunsui.aws.grants import Grant, Purpose
from bunsui.aws.objects import bulk
from bunsui.aws.objects.observed import observed_resource, written
from bunsui.aws.objects.schedule_lists import schedule_input, schedules_in
from bunsui.aws.objects.survey import Survey
from bunsui.aws.objects.tags import check_ours, from_list
from bunsui.aws.providers.parts import ProviderParts
from bunsui.aws.providers.schedule_group import group_arns
from bunsui.errors import AccessDenied, Conflict, Missing
from bunsui.kinds.naming import name_prefix
from bunsui.kinds.schedule import MAX_AGE_SECONDS
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.resource import OWN_PREFIX, TAG_ADDRESS, ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.ports.cloud import NOTHING_APPLIED, ResolvedResource, Written

_MARK = re.compile(rf"({OWN_PREFIX}[a-z]+)=(\S+)")

GRANTS = (
    Grant(
        sid="SchedulesRead",
        purpose=Purpose.PLAN,
        service="scheduler",
        operations=(
            "GetSchedule",
            "ListSchedules",
        ),
    ),
    Grant(
        sid="SchedulesWrite",
        purpose=Purpose.APPLY,
        service="scheduler",
        operations=(
            "CreateSchedule",
            "DeleteSchedule",
            "UpdateSchedule",
        ),
        on=("scheduler:schedule/{names}",),
    ),
)
"""What the caller must be allowed on the kind."""


def provider(parts: ProviderParts) -> ScheduleProvider:
    """Return the kind's provider."""
    return ScheduleProvider(parts.connection)


class ScheduleProvider:
    """Schedules. Reads: ListScheduleGroups pages, ListSchedules pages of the account or, where it has many more schedules than
    ours, for each group; then GetSchedule for each schedule.

    Names need only be unique in their group; inside this file a schedule goes by `group/name`, and the provider remembers in
    which group it saw an address, since a single read is asked for by address and name only."""

    kind = "schedule"

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection
        self._groups: dict[tuple[Address, str], str] = {}

    def read_owned(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
        suspects: Collection[Address] | None = None,
    ) -> Sequence[ActualResource]:
        """Return the schedules in the scope's groups, and those that bear a wanted name in a wanted group.

        With suspects, only these are described."""
        ours = [resource for resource in wanted if resource.address.kind == self.kind]
        for resource in ours:
            self.place(resource.address, resource.physical_name, str(resource.attributes["group"]))
        written = _applied_by_key(applied)
        if suspects is None:
            groups = none_unless_permitted(lambda: set(group_arns(self._connection, name_prefix(scope))))
        else:  # those that nobody knows of hold no schedule of ours
            groups = {str(resource.attributes["group"]) for resource in ours} | {_parts(key)[0] for key in written}
        names = None if groups is None else none_unless_permitted(lambda: self._keys(groups))
        listed = None if names is None else frozenset(names)
        foreign = {str(resource.attributes["group"]) for resource in ours} - (groups or set())
        only = Survey(scope=scope, written=written, suspects=suspects) if suspects is not None and listed is not None else None
        asked_for = {resource.address for resource in ours}
        asked = {_key(str(resource.attributes["group"]), resource.physical_name) for resource in ours}

        def read_one(address: Address, key: str) -> ActualResource | None:
            if only is not None and key in (listed or ()) and only.trusts(key):
                return only.assumed(key)
            known = key in written and address not in asked_for
            return self._in_group(written[key].address if known else address, *_parts(key), is_known=known or key in asked)

        results = bulk.read_owned(
            self._connection,
            kind=self.kind,
            scope=scope,
            wanted=[
                replace(resource, physical_name=_key(str(resource.attributes["group"]), resource.physical_name))
                for resource in ours
            ],
            written=written,
            listed=listed,
            beyond=lambda key: key in asked and _parts(key)[0] in foreign and not _parts(key)[0].startswith(name_prefix(scope)),
            read_one=read_one,
        )
        for actual in results:
            if not actual.unreadable:
                self._groups[actual.address, actual.physical_name] = str(actual.attributes["group"])
        return [
            replace(actual, physical_name=_parts(actual.physical_name)[1]) if actual.unreadable else actual
            for actual in results
        ]

    def place(self, address: Address, physical_name: str, within: str) -> None:
        """Learn in which group the schedule is."""
        self._groups[address, physical_name] = within

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        """Return the schedule of that name, None when it does not exist.

        Raises:
            Conflict: the address was not seen before, and schedules of several groups are marked with it.

        """
        group = self._groups.get((address, physical_name))
        if group is not None:
            return self._in_group(address, group, physical_name)
        schedules = self._connection.pages("scheduler", "list_schedules", "Schedules", NamePrefix=physical_name)
        groups = [str(schedule["GroupName"]) for schedule in schedules if schedule["Name"] == physical_name]
        found = [actual for group in groups if (actual := self._in_group(address, group, physical_name)) is not None]
        marked = [actual for actual in found if actual.tags.get(TAG_ADDRESS) == str(address)]
        if len(marked) > 1:
            raise Conflict(
                "schedule-ambiguous",
                "several environments have this schedule, and nobody said which is meant",
                address=address,
                groups=", ".join(sorted(str(actual.attributes["group"]) for actual in marked)),
            )
        return next(iter(marked), None)

    def create(self, resource: ResolvedResource) -> Written:
        """Make the schedule in its group; one of that name that is ours is brought up to date instead."""
        group = str(resource.attributes["group"])
        self._groups[resource.address, resource.physical_name] = group
        try:
            with self._connection.translated("scheduler", "CreateSchedule", group=group, schedule=resource.physical_name):
                answer = self._connection.writer("scheduler").create_schedule(**_content(resource))
        except Conflict:
            actual = self._in_group(resource.address, group, resource.physical_name)
            if actual is None:
                raise
            check_ours(actual, resource.tags)
            return self.update(resource, actual)
        return written(resource, {"arn": str(answer["ScheduleArn"])})

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        """Write the whole schedule: UpdateSchedule resets what it is not given."""
        with self._connection.translated("scheduler", "UpdateSchedule", schedule=resource.physical_name):
            answer = self._connection.writer("scheduler").update_schedule(**_content(resource))
        return written(resource, {"arn": str(answer.get("ScheduleArn") or actual.outputs["arn"])})

    def delete(self, actual: ActualResource) -> None:
        """Remove the schedule; success when it, or its group, is already gone."""
        group = actual.attributes.get("group")
        if group is None:
            found = self.read(actual.address, actual.physical_name)
            if found is None:
                return
            group = found.attributes["group"]
        try:
            with self._connection.translated("scheduler", "DeleteSchedule", group=group, schedule=actual.physical_name):
                self._connection.writer("scheduler").delete_schedule(GroupName=group, Name=actual.physical_name)
        except Missing:
            return

    def _keys(self, groups: Collection[str]) -> Sequence[str]:
        return [_key(str(found["GroupName"]), str(found["Name"])) for found in schedules_in(self._connection, groups)]

    def _in_group(self, address: Address, group: str, name: str, *, is_known: bool = True) -> ActualResource | None:
        """Read a schedule. One that is known to be ours and lost its description, as an edit by the AWS CLI does to what it is
        not given, is still ours while its group is."""
        try:
            with self._connection.translated("scheduler", "GetSchedule", group=group, schedule=name):
                schedule: Mapping[str, Any] = self._connection.reader("scheduler").get_schedule(GroupName=group, Name=name)
        except Missing:
            return None
        tags = marks_in(str(schedule.get("Description") or ""))
        return observed_resource(
            address,
            name,
            attributes=_attributes(schedule, group),
            outputs={"arn": str(schedule["Arn"])},
            tags=tags or (self._marks_of_group(address, str(schedule["Arn"]), group) if is_known else {}),
        )

    def _marks_of_group(self, address: Address, arn: str, group: str) -> dict[str, str]:
        """Return the ownership tags of the group, as the schedule would say them of itself; empty when it has none."""
        where = f"{arn.partition(':schedule/')[0]}:schedule-group/{group}"
        try:
            with self._connection.translated("scheduler", "ListTagsForResource", group=group):
                found = self._connection.reader("scheduler").list_tags_for_resource(ResourceArn=where).get("Tags", ())
        except (Missing, AccessDenied):
            return {}
        own = {key: value for key, value in from_list(found).items() if key.startswith(OWN_PREFIX)}
        return {**own, TAG_ADDRESS: str(address)} if own else {}


def description_with(tags: Mapping[str, str]) -> str:
    """Return the description that says whose the schedule is; `marks_in` reads it back."""
    marks = " ".join(f"{key}={value}" for key, value in sorted(tags.items()) if key.startswith(OWN_PREFIX))
    return f"Written by bunsui: {marks}"[:512]


def marks_in(description: str) -> dict[str, str]:
    """Return the ownership marks in a description; empty when bunsui did not write it."""
    return dict(_MARK.findall(description))


def _content(resource: ResolvedResource) -> dict[str, object]:
    attributes: Mapping[str, Any] = resource.attributes
    return {
        "Name": resource.physical_name,
        "GroupName": attributes["group"],
        "Description": description_with(resource.tags),
        "ScheduleExpression": attributes["expression"],
        "ScheduleExpressionTimezone": attributes["timezone"],
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "State": "ENABLED" if attributes["enabled"] else "DISABLED",
        "Target": {
            "Arn": attributes["target_arn"],
            "RoleArn": attributes["role_arn"],
            "Input": json.dumps(attributes["input"], separators=(",", ":"), ensure_ascii=False),
            "RetryPolicy": {
                "MaximumRetryAttempts": attributes["retries"],
                **({"MaximumEventAgeInSeconds": attributes["max_age_seconds"]} if "max_age_seconds" in attributes else {}),
            },
            **({"DeadLetterConfig": {"Arn": attributes["dead_letter_arn"]}} if attributes.get("dead_letter_arn") else {}),
        },
    }


def _attributes(schedule: Mapping[str, Any], group: str) -> dict[str, Json]:
    target = schedule["Target"]
    age = int(target.get("RetryPolicy", {}).get("MaximumEventAgeInSeconds", MAX_AGE_SECONDS))
    queue = target.get("DeadLetterConfig", {}).get("Arn")
    return {
        **({"max_age_seconds": age} if age != MAX_AGE_SECONDS else {}),
        **({"dead_letter_arn": str(queue)} if queue else {}),
        **_set_outside(schedule),
        "group": group,
        "expression": str(schedule["ScheduleExpression"]),
        "timezone": str(schedule.get("ScheduleExpressionTimezone") or "UTC"),
        "enabled": schedule.get("State", "ENABLED") == "ENABLED",
        "input": schedule_input(target.get("Input")),
        "target_arn": str(target["Arn"]),
        "role_arn": str(target["RoleArn"]),
        "retries": int(target.get("RetryPolicy", {}).get("MaximumRetryAttempts", 185)),
    }


def _set_outside(schedule: Mapping[str, Any]) -> dict[str, Json]:
    """Return what bunsui never sets and somebody else did: UpdateSchedule resets it."""
    window = schedule.get("FlexibleTimeWindow") or {}
    begins, ends = (schedule.get(name) for name in ("StartDate", "EndDate"))
    after = str(schedule.get("ActionAfterCompletion") or "NONE")
    return {
        **({"window_minutes": int(window.get("MaximumWindowInMinutes") or 0)} if window.get("Mode") == "FLEXIBLE" else {}),
        **({"begins_at": begins.isoformat()} if begins is not None else {}),
        **({"ends_at": ends.isoformat()} if ends is not None else {}),
        **({"after_completion": after} if after != "NONE" else {}),
    }


def _applied_by_key(applied: Mapping[Address, AppliedResource]) -> dict[str, AppliedResource]:
    return {
        _key(str(resource.attributes.get("group", "")), resource.physical_name): resource
        for address, resource in applied.items()
        if address.kind == ScheduleProvider.kind
    }


def _key(group: str, name: str) -> str:
    return f"{group}/{name}"


def _parts(key: str) -> tuple[str, str]:
    group, _, name = key.partition("/")
    return group, name
