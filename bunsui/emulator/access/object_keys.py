"""Which key of KMS an object of S3 is encrypted with: S3 asks KMS in the name of whoever reads or writes.

The embedded AWS encrypts nothing, and keeps with each object what was asked for it, or what its bucket does unasked.
Source: Amazon S3 user guide, "Using server-side encryption with AWS KMS keys (SSE-KMS)", "Permissions".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bunsui.emulator.access.bucket_content import objects_beside
from bunsui.emulator.internals import inner

_PREFIX = "arn:aws:s3:::"
_ALGORITHM = "x-amz-server-side-encryption"
_KEY = f"{_ALGORITHM}-aws-kms-key-id"
_OF_KMS = ("aws:kms", "aws:kms:dsse")
_AWS_OWN = "alias/aws/s3"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectKey:
    """A key of KMS as an object, a bucket or a request names it."""

    named: str
    """Its ARN, or its id; an alias is the key's that it leads to, which nobody here looks up."""

    def arn(self, region: str, account: str) -> str:
        """Return its ARN; empty where only an alias names it."""
        if self.named.startswith("arn:"):
            return self.named if ":key/" in self.named else ""
        return "" if self.named.startswith("alias/") else f"arn:aws:kms:{region}:{account}:key/{self.named}"


def key_of_object(object_arn: str) -> ObjectKey | None:
    """Return the key of an object that lies there; None where it is encrypted without one of the account's own."""
    key = object_arn.removeprefix(_PREFIX).partition("/")[2]
    stored = (objects_beside(object_arn) or {}).get(key)
    return _key_in(stored.get("preserved_headers", {})) if isinstance(stored, Mapping) else None


def key_of_write(object_arn: str, headers: Mapping[str, str], account: str) -> ObjectKey | None:
    """Return the key with which a request writes: its own, or the bucket's."""
    from ministack.core.responses import request_scope
    from ministack.services import s3

    if headers.get(_ALGORITHM):
        return _key_in(headers)
    bucket = object_arn.removeprefix(_PREFIX).partition("/")[0]
    with request_scope(account, ""):
        return _key_in(inner(s3, "_bucket_default_sse_headers")(bucket))


def _key_in(headers: Mapping[str, str]) -> ObjectKey | None:
    named = headers.get(_KEY, "")
    if headers.get(_ALGORITHM) not in _OF_KMS or not named or named.endswith(_AWS_OWN):
        return None
    return ObjectKey(named=named)
