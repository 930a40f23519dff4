"""A project's files in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bunsui.errors import InvalidInput
from bunsui.ports.source import FolderEntry, UnusedPattern


@dataclass(frozen=True, slots=True)
class FilesInMemory:
    """A `Source` over path -> text."""

    files: Mapping[str, str]

    def find(self, patterns: Sequence[str]) -> Sequence[str]:
        return sorted(path for path in self.files if any(fnmatchcase(path, pattern) for pattern in patterns))

    def holds(self, path: str) -> bool:
        return path in self.files

    def read(self, path: str, *, limit_bytes: int = 1_048_576) -> bytes:
        if path not in self.files:
            raise InvalidInput("file-missing", "there is no such file", path=path)
        return self.files[path].encode()

    def folder(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[FolderEntry]:
        start = path.removeprefix("./").rstrip("/") + "/"
        found = sorted(file for file in self.files if file.startswith(start))
        if not found:
            raise InvalidInput("folder-missing", "there is no such folder", path=path)
        return [
            FolderEntry(path=file.removeprefix(start), executable=False, content=self.files[file].encode()) for file in found
        ]

    def withheld(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[str]:
        return ()

    def unused(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[UnusedPattern]:
        return []
