"""CloudWatch Logs log group."""

from __future__ import annotations

from bunsui.kinds.kind import Attribute, Comparison, Effect, Kind
from bunsui.model.names import LOG_GROUP_NAME_LIMIT

KIND = Kind(
    name="log_group",
    title="log group",
    attributes=(
        Attribute(name="retention_days", effect=Effect.COSMETIC),
        Attribute(name="tags", comparison=Comparison.JSON, default={}, effect=Effect.COSMETIC),
    ),
    outputs=("arn",),
    name_limit=LOG_GROUP_NAME_LIMIT,
    rank=10,
    holds_data=True,
    events=("CreateLogGroup", "TagResource", "UntagResource", "TagLogGroup", "UntagLogGroup"),
)
