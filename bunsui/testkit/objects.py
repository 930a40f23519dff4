"""Objects in memory."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bunsui.errors import AccessDenied, Missing
from bunsui.model.bucket import Bucket
from bunsui.ports.objects import ListedObject


class MemoryObjectStore:
    """Implements `bunsui.ports.objects.ObjectStore` for the buckets that it is given."""

    def __init__(self, *buckets: Bucket) -> None:
        """Start with these buckets, all of them empty."""
        self._owners = {bucket.name: bucket.owner for bucket in buckets}
        self._objects: dict[tuple[str, str], bytes] = {}
        self._lock = threading.Lock()

    def put(self, bucket: Bucket, key: str, content: bytes) -> None:
        """Store JSON under a key, in the place of what was there."""
        self._check(bucket)
        with self._lock:
            self._objects[bucket.name, key] = bytes(content)

    def get(self, bucket: Bucket, key: str) -> bytes | None:
        """Return what lies there; None when there is no such object."""
        self._check(bucket)
        with self._lock:
            return self._objects.get((bucket.name, key))

    def keys(self) -> tuple[str, ...]:
        """Return the keys of all objects, sorted."""
        with self._lock:
            return tuple(sorted(key for _, key in self._objects))

    def _check(self, bucket: Bucket) -> None:
        owner = self._owners.get(bucket.name)
        if owner is None:
            raise Missing("missing", "the object does not exist in AWS", bucket=bucket.name)
        if owner != bucket.owner:
            raise AccessDenied("access-denied", "AWS refused the call", hint="Ask the bucket's owner.", bucket=bucket.name)


@dataclass(kw_only=True)
class MemoryObjectLists:
    """Implements `bunsui.ports.objects.ObjectLists` for the buckets that it is given."""

    buckets: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict)
    """By bucket and key: when the object changed last."""
    asked: int = 0
    """How many listings were asked for."""

    def list_objects(self, bucket: str, prefix: str, *, limit: int) -> Sequence[ListedObject]:
        """Return the objects whose keys begin so."""
        self.asked += 1
        if bucket not in self.buckets:
            raise Missing("missing", "the object does not exist in AWS", bucket=bucket)
        found = sorted((key, at) for key, at in self.buckets[bucket].items() if key.startswith(prefix))
        return [ListedObject(key=key, changed_at=at) for key, at in found][:limit]
