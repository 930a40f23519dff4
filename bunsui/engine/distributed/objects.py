"""What distributed Maps ask of the world around them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

__all__ = ["Listed", "MemoryObjects", "NoObjects", "ObjectFailure", "Objects"]


class ObjectFailure(Exception):
    """The store said no."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One object of a listing."""

    key: str
    size: int
    etag: str
    modified: datetime
    storage_class: str = "STANDARD"


class Objects(Protocol):
    """An object store, and the rights of the execution that its Maps use."""

    def read(self, bucket: str, key: str, version: str | None = None) -> bytes:
        """Return an object's body. Raises ObjectFailure."""
        ...

    def list(self, bucket: str, prefix: str) -> Sequence[Listed]:
        """Return the objects whose keys begin so, in the order of their keys. Raises ObjectFailure."""
        ...

    def write(self, bucket: str, key: str, body: bytes) -> None:
        """Store an object. Raises ObjectFailure."""
        ...

    def refusal(self, action: str, resource: str) -> str:
        """Return why the execution's role may not do what a Map does by itself, such as `states:StartExecution` on its own
        machine; empty where it may, and where nobody asks."""
        ...


class NoObjects:
    """No store was given: everything fails, and says so."""

    def read(self, bucket: str, key: str, version: str | None = None) -> bytes:
        """Fail."""
        raise self._failure(bucket)

    def list(self, bucket: str, prefix: str) -> Sequence[Listed]:
        """Fail."""
        raise self._failure(bucket)

    def write(self, bucket: str, key: str, body: bytes) -> None:
        """Fail."""
        raise self._failure(bucket)

    def refusal(self, action: str, resource: str) -> str:
        """Refuse nothing."""
        return ""

    def _failure(self, bucket: str) -> ObjectFailure:
        return ObjectFailure(f"There is no object store here to look for the bucket {bucket}")


@dataclass(slots=True)
class MemoryObjects:
    """A store in memory, for simulations and tests."""

    bodies: dict[tuple[str, str], bytes] = field(default_factory=dict)
    """By bucket and key."""
    modified: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def read(self, bucket: str, key: str, version: str | None = None) -> bytes:
        """Return the body. Raises ObjectFailure."""
        if (bucket, key) not in self.bodies:
            raise ObjectFailure(f"The specified key does not exist: s3://{bucket}/{key}")
        return self.bodies[bucket, key]

    def list(self, bucket: str, prefix: str) -> Sequence[Listed]:
        """Return the objects in the order of their keys."""
        return [
            Listed(
                key=key,
                size=len(body),
                etag=f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"',
                modified=self.modified,
            )
            for (holder, key), body in sorted(self.bodies.items())
            if holder == bucket and key.startswith(prefix)
        ]

    def write(self, bucket: str, key: str, body: bytes) -> None:
        """Keep it."""
        self.bodies[bucket, key] = body

    def refusal(self, action: str, resource: str) -> str:
        """Refuse nothing."""
        return ""
