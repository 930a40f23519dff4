"""The bucket that bunsui makes for an environment: closed, encrypted, spoken to over TLS only, with objects that expire.

Sources: S3 user guide, "Security best practices for Amazon S3", "Blocking public access to your Amazon S3 storage",
"Controlling ownership of objects and disabling ACLs for your bucket" and "Managing the lifecycle of objects".
"""

from __future__ import annotations

from typing import Any

from bunsui.compile.policy import VERSION
from bunsui.kinds.bucket import BUCKET
from bunsui.model.address import ENVIRONMENT, Address
from bunsui.model.bucket import EXPIRY_DAYS, KEPT_PREFIXES, Bucket, bucket_in
from bunsui.model.resource import DesiredResource, Scope
from bunsui.model.values import Value


def environment_bucket(scope: Scope) -> dict[str, tuple[DesiredResource, ...]]:
    """Return the bucket that bunsui makes in a scope, by what stands for a pipeline in its address; empty for none."""
    bucket = bucket_in(scope)
    return {ENVIRONMENT: (_bucket(bucket),)} if bucket is not None and bucket.is_managed else {}


def _bucket(bucket: Bucket) -> DesiredResource:
    attributes: dict[str, Value] = {
        "public_access": "blocked",
        "ownership": "BucketOwnerEnforced",
        "encryption": f"aws:kms:{bucket.kms_key}" if bucket.kms_key else "AES256",
        "policy": tls_only(bucket),
        "expiry_days": dict.fromkeys(KEPT_PREFIXES, EXPIRY_DAYS),
        "tags": {},
    }
    return DesiredResource(address=Address(BUCKET, ENVIRONMENT), physical_name=bucket.name, attributes=attributes)


def tls_only(bucket: Bucket) -> dict[str, Any]:
    """Return a policy that refuses whoever does not come over TLS, and allows nobody anything."""
    statement = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket.arn, bucket.objects_arn("")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return {"Version": VERSION, "Statement": [statement]}
