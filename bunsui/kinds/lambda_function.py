"""Lambda function with its published versions; machines are pinned to one, so a change reaches new sessions only."""

from __future__ import annotations

from bunsui.kinds.kind import Attribute, Comparison, Effect, Kind
from bunsui.model.names import FUNCTION_NAME_LIMIT

KIND = Kind(
    name="lambda_function",
    title="function",
    attributes=(
        Attribute(name="code_digest", held=False),
        Attribute(name="handler"),
        Attribute(name="runtime"),
        Attribute(name="architecture", default="x86_64"),
        Attribute(name="memory_mb", default=128),
        Attribute(name="timeout_seconds", default=3),
        Attribute(name="environment", comparison=Comparison.JSON, default={}, hides_foreign=True),
        Attribute(name="role_arn"),
        Attribute(name="log_group", effect=Effect.COSMETIC),
        Attribute(name="tags", comparison=Comparison.JSON, default={}, effect=Effect.COSMETIC),
    ),
    outputs=("arn", "version", "version_arn", "code_sha256"),
    name_limit=FUNCTION_NAME_LIMIT,
    rank=30,
    events=("CreateFunction20150331", "TagResource20170331v2", "UntagResource20170331v2"),
)
