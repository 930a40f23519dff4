"""The project's files, read safely."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderEntry:
    """One file of a code folder."""

    path: str
    """Relative to the folder, with `/`."""
    executable: bool
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusedPattern:
    """A pattern that names nothing in its code folder."""

    key: str
    """`exclude` or `include`."""
    pattern: str


class Source(Protocol):
    """Files under the project's root. Refuses what leaves the root, links out of it, pipes and devices, and files that are
    too large: `InvalidInput` with the path and the reason."""

    def find(self, patterns: Sequence[str]) -> Sequence[str]:
        """Return paths relative to the root that match any glob, sorted, with `/`."""
        ...

    def holds(self, path: str) -> bool:
        """Tell whether there is anything at a path relative to the root, whether or not it may be read."""
        ...

    def read(self, path: str, *, limit_bytes: int = 1_048_576) -> bytes:
        """Return the bytes of a regular file."""
        ...

    def folder(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[FolderEntry]:
        """Read the files of a code folder, sorted by path: without hidden files, caches, installed packages and what looks like
        a secret, unless `include` names it, and without what `exclude` names."""
        ...

    def withheld(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[str]:
        """List what `folder` leaves out only because it looks like a credential, sorted."""
        ...

    def unused(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[UnusedPattern]:
        """List the patterns that name nothing in a code folder, as they are given."""
        ...
