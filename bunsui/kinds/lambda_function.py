"""Lambda function with its published versions; machines are pinned to one, so a change reaches new sessions only.

Attributes: runtime · handler · memory_mb · timeout_seconds · architecture (x86_64|arm64) · role_arn · environment (object)
· code_digest · log_group (name) · tags · `SETTINGS`. Outputs: arn, version, version_arn, code_sha256. Source of the limit:
"Lambda quotas".
"""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.kinds.kind import Attribute, Comparison, Effect, Kind, Limit
from bunsui.kinds.ownership import arn_of, as_map, rename_operation
from bunsui.model.names import FUNCTION_NAME_LIMIT
from bunsui.model.resource import ActualResource

ENVIRONMENT = Limit(what="bytes of environment variables", most=4_096, is_fixed=True)
"""All environment variables of a function together."""


def _hand_over(actual: ActualResource, tags: Mapping[str, str]) -> tuple[str, ...]:
    return "lambda", "tag-resource", "--resource", arn_of(actual), "--tags", as_map(tags)


FUNCTION = "lambda_function"
"""The kind's name."""

VERSION_IN_USE = "version_in_use"
"""The attribute that says whether the version that machines call is there. Nobody writes it; it differs where it is not."""
DELETED = "deleted"

SETTINGS = (
    Attribute(name="subnets", comparison=Comparison.SET, default=[]),
    Attribute(name="security_groups", comparison=Comparison.SET, default=[]),
    Attribute(name="layers", comparison=Comparison.JSON, default=[]),
    Attribute(name="ephemeral_storage_mb", words="size of /tmp in MB", default=512),
    Attribute(name="tracing", default=False),
    Attribute(name="dead_letter_arn", words="dead-letter target"),
    Attribute(name="kms_key_arn", words="key of the environment"),
    Attribute(name="reserved_concurrency", effect=Effect.RUNNING_SESSIONS),
)
"""What few functions have. An attribute that is as AWS has it by itself stands nowhere."""

KIND = Kind(
    name=FUNCTION,
    title="function",
    word="function",
    attributes=(
        Attribute(name="code_digest", words="code", held=False),
        Attribute(name="handler"),
        Attribute(name="runtime"),
        Attribute(name="architecture", default="x86_64"),
        Attribute(name="memory_mb", words="memory in MB", default=128),
        Attribute(name="timeout_seconds", words="timeout in seconds", default=3),
        Attribute(name="environment", comparison=Comparison.JSON, default={}, hides_foreign=True, limit=ENVIRONMENT),
        Attribute(name="role_arn"),
        *SETTINGS,
        Attribute(name=VERSION_IN_USE, words="version that machines call", default="published", held=False),
        Attribute(name="log_group", effect=Effect.COSMETIC),
        Attribute(name="tags", comparison=Comparison.JSON, default={}, effect=Effect.COSMETIC),
    ),
    outputs=("arn", "version", "version_arn", "code_sha256"),
    name_limit=FUNCTION_NAME_LIMIT,
    rank=30,
    hand_over=_hand_over,
    way_around=rename_operation,
    taken_on_by="lambda.amazonaws.com",
    serves_sessions=True,
    listed_events=(
        "DeleteFunction20150331",
        "DeleteFunctionConcurrency20171031",
        "PutFunctionConcurrency20171031",
        "UpdateFunctionCode20150331v2",
        "UpdateFunctionConfiguration20150331v2",
    ),
    events=("CreateFunction20150331", "TagResource20170331v2", "UntagResource20170331v2"),
)
