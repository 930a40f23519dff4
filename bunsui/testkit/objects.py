"""Objects in memory."""

from __future__ import annotations

import threading

from bunsui.errors import AccessDenied, Missing
from bunsui.model.bucket import Bucket


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
