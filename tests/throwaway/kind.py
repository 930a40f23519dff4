"""SNS topic, the pure half: `bunsui/kinds/topic.py` of the copy."""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.kinds.kind import Attribute, Comparison, Effect, Kind, Limit
from bunsui.kinds.ownership import arn_of, key_value
from bunsui.model.resource import ActualResource


def _hand_over(actual: ActualResource, tags: Mapping[str, str]) -> tuple[str, ...]:
    return "sns", "tag-resource", "--resource-arn", arn_of(actual), "--tags", *key_value(tags)


def _loss(count: int) -> str:
    return f"the subscriptions of {count} topic{'s' if count > 1 else ''} go"


TOPIC = "topic"
"""What addresses of this kind begin with."""

KIND = Kind(
    name=TOPIC,
    title="topic",
    word="topic",
    attributes=(
        Attribute(name="display_name", words="name for people", default="", limit=Limit(what="bytes of the name", most=100)),
        Attribute(name="tags", comparison=Comparison.JSON, default={}, effect=Effect.COSMETIC),
    ),
    outputs=("arn",),
    name_limit=256,
    rank=15,
    hand_over=_hand_over,
    loss=_loss,
    events=("CreateTopic", "SetTopicAttributes", "TagResource", "UntagResource"),
)
