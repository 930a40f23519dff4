"""EventBridge Scheduler groups: they carry the tags that schedules cannot have."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bunsui.aws.connect import Connection
from bunsui.aws.errors import none_unless_permitted
from bunsui.aws.grants import Grant, Purpose
from bunsui.aws.objects import bulk
from bunsui.aws.objects.bulk_tags import BulkTags
from bunsui.aws.objects.observed import observed_resource, written
from bunsui.aws.objects.tags import check_ours, from_list, seen_later, tag_change, upper_list, users_own
from bunsui.aws.providers.parts import ProviderParts
from bunsui.errors import Conflict, Missing, Passing, Unsupported
from bunsui.kinds.naming import name_prefix
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.ports.cloud import NOTHING_APPLIED, ResolvedResource, Written

GRANTS = (
    Grant(
        sid="ScheduleGroupsRead",
        purpose=Purpose.PLAN,
        service="scheduler",
        operations=("GetScheduleGroup", "ListScheduleGroups", "ListTagsForResource"),
    ),
    Grant(
        sid="ScheduleGroupsWrite",
        purpose=Purpose.APPLY,
        service="scheduler",
        operations=("CreateScheduleGroup", "DeleteScheduleGroup", "TagResource", "UntagResource"),
        actions={
            "CreateScheduleGroup": ("CreateScheduleGroup", "TagResource"),
            "DeleteScheduleGroup": ("DeleteScheduleGroup", "DeleteSchedule"),
        },
        on=("scheduler:schedule-group/{names}",),
    ),
)
"""What the caller must be allowed on the kind."""


def provider(parts: ProviderParts) -> ScheduleGroupProvider:
    """Return the kind's provider."""
    return ScheduleGroupProvider(parts.connection)


class ScheduleGroupProvider:
    """Schedule groups. Reads: ListScheduleGroups and GetResources pages, then ListTagsForResource where these do not settle
    the tags."""

    kind = "schedule_group"

    def __init__(self, connection: Connection) -> None:
        """Make it on a connection."""
        self._connection = connection

    def read_owned(
        self,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        *,
        applied: Mapping[Address, AppliedResource] = NOTHING_APPLIED,
        suspects: Collection[Address] | None = None,
    ) -> Sequence[ActualResource]:
        """Return the groups whose name begins as the scope's do, and those that bear a wanted name.

        With suspects, only these are asked for their tags."""
        prefix = name_prefix(scope)
        listed = none_unless_permitted(lambda: group_arns(self._connection, prefix))
        arns = listed or {}
        only = bulk.survey_of(self.kind, scope, applied, suspects) if listed is not None else None
        known = BulkTags(
            self._connection, kind=self.kind, resource_type="scheduler:schedule-group", scope=scope, wanted=wanted, only=only
        )

        def read_one(address: Address, name: str) -> ActualResource | None:
            if name not in arns:
                return self.read(address, name)
            actual = self._observe(address, name, arns[name], known.of(name, arns[name]))
            return only.seen(name, actual) if only is not None else actual

        return bulk.read_owned(
            self._connection,
            kind=self.kind,
            scope=scope,
            wanted=wanted,
            written=bulk.written_before(self.kind, applied),
            listed=listed,
            beyond=lambda name: not name.startswith(prefix),
            read_one=read_one,
        )

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        """Return the group of that name, None when it does not exist or is being deleted."""
        try:
            with self._connection.translated("scheduler", "GetScheduleGroup", group=physical_name):
                group = self._connection.reader("scheduler").get_schedule_group(Name=physical_name)
        except Missing:
            return None
        if group.get("State") == "DELETING":
            return None
        return self._observe(address, physical_name, str(group["Arn"]), None)

    def create(self, resource: ResolvedResource) -> Written:
        """Make the group with its tags; a group of that name that is ours is brought up to date instead."""
        name = resource.physical_name
        try:
            with self._connection.translated("scheduler", "CreateScheduleGroup", group=name):
                answer = self._connection.writer("scheduler").create_schedule_group(Name=name, Tags=upper_list(resource.tags))
        except Conflict as error:
            actual = self.read(resource.address, name)
            if actual is None:
                seen_later(error, Passing.LATER)
                raise  # a group of that name is still being deleted
            check_ours(actual, resource.tags)
            return self.update(resource, actual)
        return written(resource, {"arn": str(answer["ScheduleGroupArn"])})

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        """Write the tags."""
        name = resource.physical_name
        arn = actual.outputs["arn"]
        client = self._connection.writer("scheduler")
        change = tag_change(actual.tags, resource.tags)
        if change.added:
            with self._connection.translated("scheduler", "TagResource", group=name):
                client.tag_resource(ResourceArn=arn, Tags=upper_list(change.added))
        if change.removed:
            with self._connection.translated("scheduler", "UntagResource", group=name):
                client.untag_resource(ResourceArn=arn, TagKeys=list(change.removed))
        return written(resource, {"arn": arn})

    def delete(self, actual: ActualResource) -> None:
        """Remove the group with the schedules in it; success when it is already gone."""
        name = actual.physical_name
        try:
            with self._connection.translated("scheduler", "DeleteScheduleGroup", group=name):
                self._connection.writer("scheduler").delete_schedule_group(Name=name)
        except Missing:
            return
        except Unsupported:
            if self.read(actual.address, name) is not None:  # moto answers 500 for a group that is not there
                raise

    def _observe(self, address: Address, name: str, arn: str, tags: Mapping[str, str] | None) -> ActualResource | None:
        if tags is None:
            try:
                with self._connection.translated("scheduler", "ListTagsForResource", group=name):
                    tags = from_list(
                        self._connection.reader("scheduler").list_tags_for_resource(ResourceArn=arn).get("Tags", ())
                    )
            except Missing:
                return None
        return observed_resource(address, name, attributes={"tags": users_own(tags)}, outputs={"arn": arn}, tags=tags)


def group_arns(connection: Connection, prefix: str) -> Mapping[str, str]:
    """Return the ARNs of the schedule groups whose name begins so, by name; those being deleted are left out."""
    groups = connection.pages("scheduler", "list_schedule_groups", "ScheduleGroups", NamePrefix=prefix)
    return {str(group["Name"]): str(group["Arn"]) for group in groups if group.get("State") != "DELETING"}
