"""CloudWatch Logs log group.

Attributes: retention_days (int) · tags. Outputs: arn (without the trailing `:*`).
"""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.kinds.kind import Attribute, Comparison, Effect, Kind
from bunsui.kinds.ownership import arn_of, as_map, rename_operation, rename_ours
from bunsui.model.address import Address
from bunsui.model.names import LOG_GROUP_NAME_LIMIT
from bunsui.model.pipeline import DEFAULT_LOG_RETENTION_DAYS
from bunsui.model.resource import ActualResource
from bunsui.model.values import Value


def _hand_over(actual: ActualResource, tags: Mapping[str, str]) -> tuple[str, ...]:
    return "logs", "tag-resource", "--resource-arn", arn_of(actual), "--tags", as_map(tags)


def _way_around(address: Address) -> str:
    return rename_operation(address) if address.name else rename_ours(address)


def _loss(count: int) -> str:
    return f"the logs in {count} log group{'s' if count > 1 else ''} go"


def _summary(attributes: Mapping[str, Value]) -> str:
    days = attributes.get("retention_days")
    return "" if days in (None, DEFAULT_LOG_RETENTION_DAYS) else f"kept {days} days"


LOG_GROUP = "log_group"
"""The kind's name."""

KIND = Kind(
    name=LOG_GROUP,
    title="log group",
    word="log_group",
    attributes=(
        Attribute(name="retention_days", words="retention in days", effect=Effect.COSMETIC),
        Attribute(name="tags", comparison=Comparison.JSON, default={}, effect=Effect.COSMETIC),
    ),
    outputs=("arn",),
    name_limit=LOG_GROUP_NAME_LIMIT,
    rank=10,
    hand_over=_hand_over,
    way_around=_way_around,
    loss=_loss,
    summary=_summary,
    listed_events=(
        "DeleteLogGroup",
        "DeleteRetentionPolicy",
        "PutRetentionPolicy",
    ),
    events=("CreateLogGroup", "TagResource", "UntagResource", "TagLogGroup", "UntagLogGroup"),
)
