"""CloudWatch log groups: retention and tags."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.errors import none_unless_permitted
from bunsui.aws.grants import Grant, Purpose
from bunsui.aws.identity import StsIdentity
from bunsui.aws.objects import bulk
from bunsui.aws.objects.bulk_tags import BulkTags
from bunsui.aws.objects.observed import observed_resource, written
from bunsui.aws.objects.tags import check_ours, is_nobodys, seen_later, tag_change, users_own
from bunsui.aws.providers.parts import ProviderParts
from bunsui.errors import Conflict, Missing
from bunsui.kinds.naming import name_prefix
from bunsui.model.address import Address
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.ports.cloud import NOTHING_APPLIED, ResolvedResource, Written

_FUNCTIONS = "/aws/lambda/"
_FOLDERS = ("/aws/vendedlogs/states/", _FUNCTIONS)
"""Where bunsui's log groups lie."""

LOGS = ("logs:log-group:/aws/vendedlogs/states/{names}", "logs:log-group:/aws/lambda/{names}")
"""Those of machines and of functions."""
GRANTS = (
    Grant(sid="LogGroupsList", purpose=Purpose.PLAN, service="logs", operations=("DescribeLogGroups",)),
    Grant(
        sid="LogGroupsRead",
        purpose=Purpose.PLAN,
        service="logs",
        operations=("ListTagsForResource",),
        on=LOGS,
    ),
    Grant(
        sid="LogGroupsWrite",
        purpose=Purpose.APPLY,
        service="logs",
        operations=(
            "CreateLogGroup",
            "DeleteLogGroup",
            "DeleteRetentionPolicy",
            "PutRetentionPolicy",
            "TagResource",
            "UntagResource",
        ),
        actions={"CreateLogGroup": ("CreateLogGroup", "TagResource")},
        on=LOGS,
    ),
)
"""What the caller must be allowed on the kind."""


def provider(parts: ProviderParts) -> LogGroupProvider:
    """Return the kind's provider."""
    return LogGroupProvider(parts.connection, parts.identity)


class LogGroupProvider:
    """Log groups. Reads: DescribeLogGroups pages for each folder and GetResources pages, then ListTagsForResource where these
    do not settle the tags."""

    kind = "log_group"

    def __init__(self, connection: Connection, identity: StsIdentity) -> None:
        """Make it on a connection; `identity` is asked for the account that ARNs name."""
        self._connection = connection
        self._identity = identity

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
        prefixes = self._prefixes(scope, wanted)
        described = none_unless_permitted(lambda: [group for prefix in prefixes for group in self._describe_groups(prefix)])
        groups = {str(group["logGroupName"]): group for group in described or ()}
        only = bulk.survey_of(self.kind, scope, applied, suspects) if described is not None else None
        known = BulkTags(
            self._connection, kind=self.kind, resource_type="logs:log-group", scope=scope, wanted=wanted, only=only
        )

        def read_one(address: Address, name: str) -> ActualResource | None:
            group = groups.get(name)
            if group is None:
                return self.read(address, name)
            actual = self._observe(address, group, known.of(name, _arn(group)))
            return only.seen(name, actual) if only is not None else actual

        return bulk.read_owned(
            self._connection,
            kind=self.kind,
            scope=scope,
            wanted=wanted,
            written=bulk.written_before(self.kind, applied),
            listed=None if described is None else groups,
            beyond=lambda name: not name.startswith(prefixes),
            read_one=read_one,
            is_at_hand=lambda name: name in groups and known.of(name, _arn(groups[name])) is not None,
        )

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        """Return the group of that name, None when it does not exist."""
        for group in self._describe_groups(physical_name):
            if group["logGroupName"] == physical_name:
                return self._observe(address, group, None)
        return None

    def create(self, resource: ResolvedResource) -> Written:
        """Make the group with its tags, then set the retention."""
        name = resource.physical_name
        try:
            with self._connection.translated("logs", "CreateLogGroup", group=name):
                self._connection.writer("logs").create_log_group(logGroupName=name, tags=dict(resource.tags))
        except Conflict as error:
            actual = self.read(resource.address, name)
            if actual is None:
                seen_later(error)
                raise
            check_ours(actual, resource.tags)
            return self.update(resource, actual)
        self._set_retention(name, resource.attributes["retention_days"])
        return written(resource, {"arn": self._identity.arn("logs", f"log-group:{name}")})

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        """Set the retention and the tags."""
        name = resource.physical_name
        client = self._connection.writer("logs")
        if actual.attributes.get("retention_days") != resource.attributes["retention_days"]:
            self._set_retention(name, resource.attributes["retention_days"])
        change = tag_change(actual.tags, resource.tags)
        arn = actual.outputs["arn"]
        if change.added:
            with self._connection.translated("logs", "TagResource", group=name):
                client.tag_resource(resourceArn=arn, tags=dict(change.added))
        if change.removed:
            with self._connection.translated("logs", "UntagResource", group=name):
                client.untag_resource(resourceArn=arn, tagKeys=list(change.removed))
        return written(resource, actual.outputs)

    def delete(self, actual: ActualResource) -> None:
        """Remove the group with its logs; success when it is already gone."""
        try:
            with self._connection.translated("logs", "DeleteLogGroup", group=actual.physical_name):
                self._connection.writer("logs").delete_log_group(logGroupName=actual.physical_name)
        except Missing:
            return

    def _prefixes(self, scope: Scope, wanted: Sequence[DesiredResource]) -> tuple[str, ...]:
        """Return the scope's beginnings of names in bunsui's folders and in the folders of the wanted groups."""
        folders = set(_FOLDERS)
        for resource in wanted:
            if resource.address.kind == self.kind:
                folder, slash, _ = resource.physical_name.rpartition("/")
                folders.add(folder + slash)
        return tuple(folder + name_prefix(scope) for folder in sorted(folders))

    def _describe_groups(self, prefix: str) -> Sequence[Mapping[str, Any]]:
        return self._connection.pages("logs", "describe_log_groups", "logGroups", logGroupNamePrefix=prefix)

    def _observe(self, address: Address, group: Mapping[str, Any], tags: Mapping[str, str] | None) -> ActualResource | None:
        name = str(group["logGroupName"])
        arn = _arn(group)
        if tags is None:
            try:
                with self._connection.translated("logs", "ListTagsForResource", group=name):
                    tags = dict(self._connection.reader("logs").list_tags_for_resource(resourceArn=arn).get("tags", {}))
            except Missing:
                return None
        actual = observed_resource(
            address,
            name,
            attributes={"retention_days": group.get("retentionInDays"), "tags": users_own(tags)},
            outputs={"arn": arn},
            tags=tags,
        )
        return replace(actual, claimable=_claimable(name, tags, is_empty=not group.get("storedBytes")))

    def _set_retention(self, name: str, days: Any) -> None:
        client = self._connection.writer("logs")
        if days:
            with self._connection.translated("logs", "PutRetentionPolicy", group=name):
                client.put_retention_policy(logGroupName=name, retentionInDays=int(days))
        else:
            with self._connection.translated("logs", "DeleteRetentionPolicy", group=name):
                client.delete_retention_policy(logGroupName=name)


def _claimable(name: str, tags: Mapping[str, str], *, is_empty: bool) -> str:
    """Return why a group may be taken over: it is empty or untagged as Lambda itself, or an earlier tool, leaves a function's
    behind; of a machine's, which nobody else makes, both. Empty when it may not."""
    if not is_nobodys(tags):
        return ""
    is_function = name.startswith(_FUNCTIONS)
    if not tags and (is_function or is_empty):
        return "it is empty and has no tags" if is_empty else "it has no tags, as Lambda itself leaves it; its logs stay"
    return "it is empty" if is_function and is_empty else ""


def _arn(group: Mapping[str, Any]) -> str:
    return str(group.get("logGroupArn") or group["arn"]).removesuffix(":*")
