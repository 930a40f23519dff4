"""Tags of many objects in few calls, where they can be believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bunsui.aws.connect import Connection
from bunsui.aws.errors import permitted
from bunsui.aws.providers.tags import from_list, users_own
from bunsui.errors import CloudError
from bunsui.model.resource import TAG_ENVIRONMENT, TAG_PROJECT, DesiredResource, Scope


class BulkTags:
    """What GetResources says of the objects of one type that carry the scope's tags.

    GetResources lags writes by seconds to minutes, and emulators know few types, so it is believed only where it agrees with
    what is wanted: then nothing would come of asking again. Whatever it does not name, or names otherwise, is to be asked of
    the service itself. Without the permission for it, nothing is known in bulk.
    """

    def __init__(
        self, connection: Connection, *, kind: str, resource_type: str, scope: Scope, wanted: Sequence[DesiredResource]
    ) -> None:
        """Ask, one page for each hundred objects. `resource_type` is AWS's name of the kind, such as `states:stateMachine`."""
        self._expected = {
            resource.physical_name: _expected(resource, scope) for resource in wanted if resource.address.kind == kind
        }
        try:
            found = permitted(
                lambda: connection.pages(
                    "resourcegroupstaggingapi",
                    "get_resources",
                    "ResourceTagMappingList",
                    ResourceTypeFilters=[resource_type],
                    TagFilters=[
                        {"Key": TAG_PROJECT, "Values": [scope.project]},
                        {"Key": TAG_ENVIRONMENT, "Values": [scope.environment]},
                    ],
                )
            )
            if found is None:
                connection.remark(f"tags of each {kind} read one by one: no permission for tag:GetResources")
        except CloudError:
            if not connection.is_local:
                raise
            found = []  # this emulator has no such service
        self._tags = {str(item["ResourceARN"]).removesuffix(":*"): from_list(item.get("Tags", ())) for item in found or ()}

    def of(self, physical_name: str, arn: str) -> Mapping[str, str] | None:
        """Give the object's tags, None when the service itself has to be asked."""
        tags = self._tags.get(arn)
        expected = self._expected.get(physical_name)
        if tags is None or expected is None:
            return tags
        agrees = expected.items() <= tags.items() and users_own(tags) == users_own(expected)
        return tags if agrees else None


def _expected(resource: DesiredResource, scope: Scope) -> dict[str, str]:
    declared = resource.attributes.get("tags")
    own = {str(key): str(value) for key, value in declared.items()} if isinstance(declared, Mapping) else {}
    return {**scope.tags(resource.address), **own}
