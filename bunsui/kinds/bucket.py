"""S3 bucket of an environment.

Attributes: public_access (`blocked`, or which of the four settings are off) · ownership (who owns objects) · encryption (the
algorithm, and after a colon the ARN of a KMS key) · policy · expiry_days (days by prefix; a rule of another form as it is, by
`rule ID`) · tags. Outputs: arn.
"""

from __future__ import annotations

from collections.abc import Mapping

from bunsui.kinds.kind import Attribute, Comparison, Effect, Kind
from bunsui.kinds.ownership import arn_of, as_map
from bunsui.model.address import Address
from bunsui.model.bucket import BUCKET_NAME_LIMIT
from bunsui.model.resource import ActualResource
from bunsui.model.values import Value


def _hand_over(actual: ActualResource, tags: Mapping[str, str]) -> tuple[str, ...]:
    # `s3api put-bucket-tagging` would replace the tags of whoever made it.
    return "resourcegroupstaggingapi", "tag-resources", "--resource-arn-list", arn_of(actual), "--tags", as_map(tags)


def _way_around(address: Address) -> str:
    return "name a bucket of yours instead, in bunsui.yaml: `bucket: NAME`"


def _summary(attributes: Mapping[str, Value]) -> str:
    days = attributes.get("expiry_days")
    kept = sorted(days.items()) if isinstance(days, Mapping) else []
    return ", ".join(f"{prefix} expires after {after} days" for prefix, after in kept)


def emptying(name: str) -> str:
    """Return the command that removes every object of a bucket."""
    return f"aws s3 rm --recursive s3://{name}"


BUCKET = "bucket"
"""The kind's name."""

KIND = Kind(
    name=BUCKET,
    title="bucket",
    word="bucket",
    attributes=(
        Attribute(name="public_access", default="blocked", effect=Effect.RUNNING_SESSIONS),
        Attribute(name="ownership", default="BucketOwnerEnforced", effect=Effect.COSMETIC),
        Attribute(name="encryption", default="AES256", effect=Effect.COSMETIC),
        Attribute(name="policy", comparison=Comparison.POLICY, effect=Effect.RUNNING_SESSIONS),
        Attribute(
            name="expiry_days", words="days until objects expire", comparison=Comparison.JSON, effect=Effect.RUNNING_SESSIONS
        ),
        Attribute(name="tags", comparison=Comparison.JSON, default={}, effect=Effect.COSMETIC),
    ),
    outputs=("arn",),
    name_limit=BUCKET_NAME_LIMIT,
    rank=2,
    hand_over=_hand_over,
    way_around=_way_around,
    summary=_summary,
    emptying=emptying,
    listed_events=("DeleteBucket",),
    events=(
        "CreateBucket",
        "DeleteBucketEncryption",
        "DeleteBucketLifecycle",
        "DeleteBucketOwnershipControls",
        "DeleteBucketPolicy",
        "DeleteBucketPublicAccessBlock",
        "DeleteBucketTagging",
        "PutBucketEncryption",
        "PutBucketLifecycle",
        "PutBucketOwnershipControls",
        "PutBucketPolicy",
        "PutBucketPublicAccessBlock",
        "PutBucketTagging",
    ),
)
