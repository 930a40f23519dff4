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


class Source(Protocol):
    """Files under the project's root. Refuses what leaves the root, links out of it, pipes and devices, and files that are
    too large: `InvalidInput` with the path and the reason."""

    def find(self, patterns: Sequence[str]) -> Sequence[str]:
        """Give paths relative to the root that match any glob, sorted, with `/`."""
        ...

    def read(self, path: str, *, limit_bytes: int = 1_048_576) -> bytes:
        """Give the bytes of a regular file."""
        ...

    def folder(self, path: str) -> Sequence[FolderEntry]:
        """Give every file below a folder, sorted by path, without caches (`__pycache__`, `*.pyc`, `.git`, `.DS_Store`)."""
        ...
