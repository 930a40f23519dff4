"""The environment's bucket as machines use it: the permissions to read a part of it.

What is encrypted with a key of KMS's S3 decrypts in the name of who reads it, who must be allowed that: S3 user guide, "Using
server-side encryption with AWS KMS keys (SSE-KMS)". The account's `aws/s3` allows it to everybody in the account by its own
policy.
"""

from __future__ import annotations

from bunsui.model.bucket import Bucket
from bunsui.operations.contract import Permission


def reading(bucket: Bucket, prefix: str) -> tuple[Permission, ...]:
    """Return the permissions to read objects whose keys begin so, as long as the bucket belongs to its account."""
    objects = Permission(
        actions=("s3:GetObject",),
        resources=(bucket.objects_arn(prefix),),
        condition={"StringEquals": {"aws:ResourceAccount": bucket.owner}},
    )
    if not bucket.kms_key:
        return (objects,)
    return (objects, by_s3(bucket.kms_key, "kms:Decrypt"))


def by_s3(kms_key: str, *actions: str) -> Permission:
    """Return the permission to use a key where S3 asks for it, in the key's region."""
    region = kms_key.split(":")[3]
    return Permission(
        actions=actions,
        resources=(kms_key,),
        condition={"StringEquals": {"kms:ViaService": f"s3.{region}.amazonaws.com"}},
    )
