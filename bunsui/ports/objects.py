"""Objects in a bucket: what is too large for an execution's own data."""

from __future__ import annotations

from typing import Protocol

from bunsui.model.bucket import Bucket


class ObjectStore(Protocol):
    """Puts objects and gets them, whole; every call names the account that must own the bucket.

    Every method may raise the `CloudError`s of `bunsui.errors`: `Missing` when there is no such bucket, `AccessDenied` when
    another account owns it.
    """

    def put(self, bucket: Bucket, key: str, content: bytes) -> None:
        """Store JSON under a key, in the place of what was there; success when the same is put again."""
        ...

    def get(self, bucket: Bucket, key: str) -> bytes | None:
        """Return what lies there; None when there is no such object, or it has expired."""
        ...
