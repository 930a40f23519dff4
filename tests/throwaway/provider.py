"""SNS topics, the effects: `bunsui/aws/providers/topic.py` of the copy."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from bunsui.aws.connect import Connection
from bunsui.aws.errors import none_unless_permitted
from bunsui.aws.grants import Grant, Purpose
from bunsui.aws.identity import StsIdentity
from bunsui.aws.objects import bulk
from bunsui.aws.objects.observed import observed_resource, written
from bunsui.aws.objects.tags import check_ours, from_list, tag_change, upper_list, users_own
from bunsui.aws.providers.parts import ProviderParts
from bunsui.errors import Missing
from bunsui.kinds.naming import name_prefix
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.resource import ActualResource, AppliedResource, DesiredResource, Scope
from bunsui.ports.cloud import NOTHING_APPLIED, ResolvedResource, Written

GRANTS = (
    Grant(sid="TopicsList", purpose=Purpose.PLAN, service="sns", operations=("ListTopics",)),
    Grant(
        sid="TopicsRead",
        purpose=Purpose.PLAN,
        service="sns",
        operations=("GetTopicAttributes", "ListTagsForResource"),
        on=("sns:{names}",),
    ),
    Grant(
        sid="TopicsWrite",
        purpose=Purpose.APPLY,
        service="sns",
        operations=("CreateTopic", "DeleteTopic", "SetTopicAttributes", "TagResource", "UntagResource"),
        actions={"CreateTopic": ("CreateTopic", "TagResource")},
        on=("sns:{names}",),
    ),
)


def provider(parts: ProviderParts) -> TopicProvider:
    """Return the kind's provider."""
    return TopicProvider(parts.connection, parts.identity)


class TopicProvider:
    """Topics. Reads: ListTopics pages, then GetTopicAttributes and ListTagsForResource for each."""

    kind = "topic"

    def __init__(self, connection: Connection, identity: StsIdentity) -> None:
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
        prefix = name_prefix(scope)
        pages = none_unless_permitted(lambda: self._connection.pages("sns", "list_topics", "Topics"))
        names = None if pages is None else [str(topic["TopicArn"]).rpartition(":")[2] for topic in pages]
        return bulk.read_owned(
            self._connection,
            kind=self.kind,
            scope=scope,
            wanted=wanted,
            written=bulk.written_before(self.kind, applied),
            listed=None if names is None else [name for name in names if name.startswith(prefix)],
            beyond=lambda name: not name.startswith(prefix),
            read_one=self.read,
        )

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        arn = self._identity.arn("sns", physical_name)
        client = self._connection.reader("sns")
        try:
            with self._connection.translated("sns", "GetTopicAttributes", topic=physical_name):
                found = client.get_topic_attributes(TopicArn=arn)["Attributes"]
            with self._connection.translated("sns", "ListTagsForResource", topic=physical_name):
                tags = from_list(client.list_tags_for_resource(ResourceArn=arn)["Tags"])
        except Missing:
            return None
        attributes: dict[str, Json] = {"display_name": str(found.get("DisplayName", "")), "tags": users_own(tags)}
        return observed_resource(address, physical_name, attributes=attributes, outputs={"arn": arn}, tags=tags)

    def create(self, resource: ResolvedResource) -> Written:
        name = resource.physical_name
        there = self.read(resource.address, name)
        if there is not None:
            check_ours(there, resource.tags)
            return self.update(resource, there)
        with self._connection.translated("sns", "CreateTopic", topic=name):
            answer = self._connection.writer("sns").create_topic(
                Name=name,
                Attributes={"DisplayName": str(resource.attributes["display_name"])},
                Tags=upper_list(resource.tags),
            )
        return written(resource, {"arn": str(answer["TopicArn"])})

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        arn, client = actual.outputs["arn"], self._connection.writer("sns")
        change = tag_change(actual.tags, resource.tags)
        with self._connection.translated("sns", "SetTopicAttributes", topic=resource.physical_name):
            client.set_topic_attributes(
                TopicArn=arn, AttributeName="DisplayName", AttributeValue=str(resource.attributes["display_name"])
            )
        if change.added:
            with self._connection.translated("sns", "TagResource", topic=resource.physical_name):
                client.tag_resource(ResourceArn=arn, Tags=upper_list(change.added))
        if change.removed:
            with self._connection.translated("sns", "UntagResource", topic=resource.physical_name):
                client.untag_resource(ResourceArn=arn, TagKeys=list(change.removed))
        return written(resource, {"arn": arn})

    def delete(self, actual: ActualResource) -> None:
        try:
            with self._connection.translated("sns", "DeleteTopic", topic=actual.physical_name):
                self._connection.writer("sns").delete_topic(TopicArn=self._identity.arn("sns", actual.physical_name))
        except Missing:
            return
