"""SNS topics of channels: who may publish, encryption, tags. Who subscribes is for others to say, and is only counted."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from bunsui.aws.connect import Connection
from bunsui.aws.errors import none_unless_permitted
from bunsui.aws.grants import Grant, Purpose
from bunsui.aws.identity import StsIdentity
from bunsui.aws.objects import bulk
from bunsui.aws.objects.bulk_tags import BulkTags
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
    Grant(sid="AlertTopicsList", purpose=Purpose.PLAN, service="sns", operations=("ListTopics",)),
    Grant(
        sid="AlertTopicsRead",
        purpose=Purpose.PLAN,
        service="sns",
        operations=("GetTopicAttributes", "ListTagsForResource"),
        on=("sns:{names}",),
    ),
    Grant(
        sid="AlertTopicsWrite",
        purpose=Purpose.APPLY,
        service="sns",
        operations=("CreateTopic", "DeleteTopic", "SetTopicAttributes", "TagResource", "UntagResource"),
        actions={"CreateTopic": ("CreateTopic", "TagResource")},
        on=("sns:{names}",),
    ),
)
"""What the caller must be allowed on the kind."""


def provider(parts: ProviderParts) -> AlertTopicProvider:
    """Return the kind's provider."""
    return AlertTopicProvider(parts.connection, parts.identity)


class AlertTopicProvider:
    """Topics. Reads: ListTopics pages of the account and GetResources pages, GetTopicAttributes for each of ours, then
    ListTagsForResource where these do not settle the tags."""

    kind = "alert_topic"

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
        """Return the topics whose name begins as the scope's do, and those that bear a wanted name.

        With suspects, only these are asked for more than that they are there."""
        prefix = name_prefix(scope)
        topics = none_unless_permitted(lambda: self._connection.pages("sns", "list_topics", "Topics"))
        names = None if topics is None else [str(topic["TopicArn"]).rpartition(":")[2] for topic in topics]
        listed = None if names is None else [name for name in names if name.startswith(prefix)]
        only = bulk.survey_of(self.kind, scope, applied, suspects) if listed is not None else None
        if listed is not None and not listed and not any(one.address.kind == self.kind for one in wanted):
            return []
        known = BulkTags(self._connection, kind=self.kind, resource_type="sns", scope=scope, wanted=wanted, only=only)

        def read_one(address: Address, name: str) -> ActualResource | None:
            if only is not None and only.trusts(name):
                return only.assumed(name)
            return self._read(address, name, known.of(name, self._arn(name)))

        return bulk.read_owned(
            self._connection,
            kind=self.kind,
            scope=scope,
            wanted=wanted,
            written=bulk.written_before(self.kind, applied),
            listed=listed,
            beyond=lambda name: not name.startswith(prefix) and name in (names or ()),
            read_one=read_one,
        )

    def read(self, address: Address, physical_name: str) -> ActualResource | None:
        """Return the topic of that name, None when it does not exist."""
        return self._read(address, physical_name, None)

    def create(self, resource: ResolvedResource) -> Written:
        """Make the topic with its policy and tags; one of that name that is ours is brought up to date instead.

        CreateTopic gives back a topic that is there, whoever made it, and complains only where its tags differ."""
        name = resource.physical_name
        there = self.read(resource.address, name)
        if there is not None:
            check_ours(there, resource.tags)
            return self.update(resource, there)
        settings = {key: value for key, value in _settings(resource.attributes).items() if value}
        with self._connection.translated("sns", "CreateTopic", topic=name):
            answer = self._connection.writer("sns").create_topic(Name=name, Attributes=settings, Tags=upper_list(resource.tags))
        return written(resource, {"arn": str(answer["TopicArn"])})

    def update(self, resource: ResolvedResource, actual: ActualResource) -> Written:
        """Write the policy and the key where they differ, and the tags."""
        arn, name = actual.outputs["arn"], resource.physical_name
        client = self._connection.writer("sns")
        before = _settings(actual.attributes)
        for key, value in _settings(resource.attributes).items():
            if before.get(key) != value:
                with self._connection.translated("sns", "SetTopicAttributes", topic=name, attribute=key):
                    client.set_topic_attributes(TopicArn=arn, AttributeName=key, AttributeValue=value)
        change = tag_change(actual.tags, resource.tags)
        if change.added:
            with self._connection.translated("sns", "TagResource", topic=name):
                client.tag_resource(ResourceArn=arn, Tags=upper_list(change.added))
        if change.removed:
            with self._connection.translated("sns", "UntagResource", topic=name):
                client.untag_resource(ResourceArn=arn, TagKeys=list(change.removed))
        return written(resource, {"arn": arn})

    def delete(self, actual: ActualResource) -> None:
        """Remove the topic with its subscriptions; success when it is already gone."""
        name = actual.physical_name
        try:
            with self._connection.translated("sns", "DeleteTopic", topic=name):
                self._connection.writer("sns").delete_topic(TopicArn=self._arn(name))
        except Missing:
            return

    def _arn(self, name: str) -> str:
        return self._identity.arn("sns", name)

    def _read(self, address: Address, name: str, tags: Mapping[str, str] | None) -> ActualResource | None:
        arn, client = self._arn(name), self._connection.reader("sns")
        try:
            with self._connection.translated("sns", "GetTopicAttributes", topic=name):
                found: Mapping[str, str] = client.get_topic_attributes(TopicArn=arn)["Attributes"]
            if tags is None:
                with self._connection.translated("sns", "ListTagsForResource", topic=name):
                    tags = from_list(client.list_tags_for_resource(ResourceArn=arn).get("Tags", ()))
        except Missing:
            return None
        attributes: dict[str, Json] = {
            "policy": _document(found.get("Policy", "")),
            "encryption_key": str(found.get("KmsMasterKeyId") or ""),
            "tags": users_own(tags),
        }
        actual = observed_resource(address, name, attributes=attributes, outputs={"arn": arn}, tags=tags)
        return replace(actual, subscribers=int(found.get("SubscriptionsConfirmed") or 0))


def _settings(attributes: Mapping[str, Json]) -> dict[str, str]:
    """Return the attributes as SNS takes them. An empty key ends the encryption."""
    policy = json.dumps(attributes.get("policy"), separators=(",", ":"), sort_keys=True)
    return {"Policy": policy, "KmsMasterKeyId": str(attributes.get("encryption_key") or "")}


def _document(text: str) -> Json:
    """Return the policy as JSON, as the text it is when it is none."""
    try:
        document: Json = json.loads(text)
    except ValueError:
        return text
    return document
