"""The environment's bucket as machines use it: the permission to read a part of it."""

from __future__ import annotations

from bunsui.model.bucket import Bucket
from bunsui.operations.contract import Permission


def reading(bucket: Bucket, prefix: str) -> Permission:
    """Return the permission to read objects whose keys begin so, as long as the bucket belongs to its account."""
    return Permission(
        actions=("s3:GetObject",),
        resources=(bucket.objects_arn(prefix),),
        condition={"StringEquals": {"aws:ResourceAccount": bucket.owner}},
    )
