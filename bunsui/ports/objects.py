"""Objects in a bucket: what is too large for an execution's own data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bunsui.model.bucket import Bucket


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedObject:
    """An object as a listing of its bucket tells it."""

    key: str
    changed_at: datetime
    """To the second; of one that was uploaded in parts, when that began."""


class ObjectLists(Protocol):
    """Listings of buckets that are anybody's: what lies there is not read."""

    def list_objects(self, bucket: str, prefix: str, *, limit: int) -> Sequence[ListedObject]:
        """Return the objects whose keys begin so, `limit` at most, in the order of their keys; 1,000 take one call.

        May raise the `CloudError`s of `bunsui.errors`: `Missing` when there is no such bucket, `AccessDenied`."""
        ...


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
