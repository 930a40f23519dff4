"""Tags of many objects in few calls, where they can be believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bunsui.aws.connect import Connection
from bunsui.aws.errors import none_unless_permitted
from bunsui.aws.objects.survey import Survey
from bunsui.aws.objects.tags import from_list, users_own
from bunsui.errors import CloudError
from bunsui.model.resource import TAG_ENVIRONMENT, TAG_PROJECT, DesiredResource, Scope

_FEWEST = 1
"""Up to this many objects are asked for their tags by themselves."""
_AT_ONCE = 100
"""The most ARNs that GetResources takes."""


class BulkTags:
    """What GetResources says of the objects of one type that carry the scope's tags.

    GetResources lags writes by seconds to minutes, and emulators know few types, so it is believed only where it agrees with
    what is wanted: then nothing would come of asking again. Whatever it does not name, or names otherwise, is to be asked of
    the service itself. Without the permission for it, nothing is known in bulk.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        kind: str,
        resource_type: str,
        scope: Scope,
        wanted: Sequence[DesiredResource],
        only: Survey | None = None,
    ) -> None:
        """Ask, one page for each hundred objects, or only for the suspects. `resource_type` is AWS's name of the kind, such as
        `states:stateMachine`."""
        self._only = only
        self._expected = {
            resource.physical_name: _expected_tags(resource, scope) for resource in wanted if resource.address.kind == kind
        }
        try:
            found = none_unless_permitted(
                lambda: _find_resources(connection, resource_type, scope) if only is None else _of(connection, only.arns())
            )
            if found is None:
                connection.remark(f"tags of each {kind} read one by one: no permission for tag:GetResources")
        except CloudError:
            if not connection.is_local:
                raise
            found = []  # this emulator has no such service
        self._tags = {str(item["ResourceARN"]).removesuffix(":*"): from_list(item.get("Tags", ())) for item in found or ()}

    def of(self, physical_name: str, arn: str) -> Mapping[str, str] | None:
        """Return the object's tags, None when the service itself has to be asked."""
        trusted = self._only.tags(physical_name) if self._only is not None else None
        if trusted is not None:
            return trusted
        tags = self._tags.get(arn)
        expected = self._expected.get(physical_name)
        if tags is None or expected is None:
            return tags
        agrees = expected.items() <= tags.items() and users_own(tags) == users_own(expected)
        return tags if agrees else None


def _find_resources(connection: Connection, resource_type: str, scope: Scope) -> Sequence[Any]:
    return connection.pages(
        "resourcegroupstaggingapi",
        "get_resources",
        "ResourceTagMappingList",
        ResourceTypeFilters=[resource_type],
        TagFilters=[
            {"Key": TAG_PROJECT, "Values": [scope.project]},
            {"Key": TAG_ENVIRONMENT, "Values": [scope.environment]},
        ],
    )


def _of(connection: Connection, arns: Sequence[str]) -> Sequence[Any]:
    """Return the tags of these objects; of few none, since each may as well be asked for by itself."""
    if len(arns) <= _FEWEST:
        return []
    found: list[Any] = []
    for start in range(0, len(arns), _AT_ONCE):
        with connection.translated("resourcegroupstaggingapi", "GetResources"):
            answer = connection.reader("resourcegroupstaggingapi").get_resources(
                ResourceARNList=list(arns[start : start + _AT_ONCE])
            )
        found += answer["ResourceTagMappingList"]
    return found


def _expected_tags(resource: DesiredResource, scope: Scope) -> dict[str, str]:
    declared = resource.attributes.get("tags")
    own = {str(key): str(value) for key, value in declared.items()} if isinstance(declared, Mapping) else {}
    return {**scope.tags(resource.address), **own}
