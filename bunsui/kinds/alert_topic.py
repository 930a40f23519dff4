"""SNS topic of a channel: where rules publish, and where people subscribe.

Attributes: policy (who may publish) · encryption_key (ARN of a KMS key, empty for none) · tags. Outputs: arn.
"""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.kinds.kind import Attribute, Comparison, Effect, Kind
from bunsui.kinds.ownership import arn_of, key_value
from bunsui.model.address import Address
from bunsui.model.alerts import channel_of
from bunsui.model.names import TOPIC_NAME_LIMIT
from bunsui.model.resource import ActualResource
from bunsui.model.values import Value


def _hand_over(actual: ActualResource, tags: Mapping[str, str]) -> tuple[str, ...]:
    return "sns", "tag-resource", "--resource-arn", arn_of(actual), "--tags", *key_value(tags)


def _way_around(address: Address) -> str:
    return f"rename the channel {channel_of(address.pipeline)} in bunsui.yaml"


def _loss(count: int) -> str:
    return f"the subscriptions of {count} alert topic{'s' if count > 1 else ''} go, and have to be confirmed anew"


def _summary(attributes: Mapping[str, Value]) -> str:
    policy = attributes.get("policy")
    statements = policy.get("Statement") if isinstance(policy, Mapping) else None
    words = [_permitted(one) for one in statements] if isinstance(statements, (list, tuple)) else []
    words += [f"encrypted with {attributes['encryption_key']}"] if attributes.get("encryption_key") else []
    return ", ".join(word for word in words if word)


def _permitted(statement: Value) -> str:
    condition = statement.get("Condition") if isinstance(statement, Mapping) else None
    sources = condition.get("ArnLike") if isinstance(condition, Mapping) else None
    rules = sources.get("aws:SourceArn") if isinstance(sources, Mapping) else None
    return f"EventBridge may publish for {str(rules).rpartition(':')[2]}" if rules else ""


ALERT_TOPIC = "alert_topic"
"""The kind's name."""

KIND = Kind(
    name=ALERT_TOPIC,
    title="alert topic",
    word="alert_topic",
    attributes=(
        Attribute(name="policy", comparison=Comparison.POLICY, effect=Effect.COSMETIC),
        Attribute(name="encryption_key", default="", effect=Effect.COSMETIC),
        Attribute(name="tags", comparison=Comparison.JSON, default={}, effect=Effect.COSMETIC),
    ),
    outputs=("arn",),
    name_limit=TOPIC_NAME_LIMIT,
    rank=5,
    hand_over=_hand_over,
    way_around=_way_around,
    loss=_loss,
    summary=_summary,
    listed_events=("DeleteTopic",),
    events=("CreateTopic", "SetTopicAttributes", "TagResource", "UntagResource"),
)
