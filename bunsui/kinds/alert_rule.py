"""EventBridge rule that tells the channels of a pipeline of an event.

Attributes: description · pattern (event pattern) · enabled (bool) · tags · targets (channel -> {arn, role_arn, paths,
template}). Outputs: arn. Source of the quota: EventBridge user guide, "Amazon EventBridge quotas"; it may be
raised.
"""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.kinds.kind import Attribute, Comparison, Effect, Kind, Limit
from bunsui.kinds.ownership import arn_of, key_value
from bunsui.model.address import Address
from bunsui.model.names import RULE_NAME_LIMIT
from bunsui.model.resource import ActualResource
from bunsui.model.values import Value


def _hand_over(actual: ActualResource, tags: Mapping[str, str]) -> tuple[str, ...]:
    return "events", "tag-resource", "--resource-arn", arn_of(actual), "--tags", *key_value(tags)


def _way_around(address: Address) -> str:
    return f"rename the pipeline's `name: {address.pipeline}`"


def _summary(attributes: Mapping[str, Value]) -> str:
    targets = attributes.get("targets")
    words = [f"notify {', '.join(targets)}"] if isinstance(targets, Mapping) and targets else []
    return ", ".join([*words, *([] if attributes.get("enabled", True) else ["switched off"])])


ALERT_RULE = "alert_rule"
"""The kind's name."""

KIND = Kind(
    name=ALERT_RULE,
    title="alert rule",
    word="alert_rule",
    attributes=(
        Attribute(name="description", default="", effect=Effect.COSMETIC),
        Attribute(
            name="pattern",
            comparison=Comparison.JSON,
            default={},
            effect=Effect.COSMETIC,
            limit=Limit(what="bytes of the event pattern", most=2048),
        ),
        Attribute(name="enabled", default=True, effect=Effect.COSMETIC),
        Attribute(name="targets", comparison=Comparison.JSON, default={}, effect=Effect.COSMETIC, told_by_member=True),
        Attribute(name="tags", comparison=Comparison.JSON, default={}, effect=Effect.COSMETIC),
    ),
    outputs=("arn",),
    name_limit=RULE_NAME_LIMIT,
    rank=45,
    hand_over=_hand_over,
    way_around=_way_around,
    summary=_summary,
    quota=Limit(what="rules of this project alone on the default event bus", most=300),
    watches_sessions=True,
    taken_on_by="events.amazonaws.com",
    listed_events=("DeleteRule",),
    events=("PutRule", "PutTargets", "RemoveTargets", "EnableRule", "DisableRule", "TagResource", "UntagResource"),
)
