"""The project's files with some of them as they would be: drafts laid over the tree, which stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bunsui.document.globs import fixed_part, glob_pattern, is_left_out
from bunsui.ports.source import FolderEntry, Source, UnusedPattern
from bunsui.project.files import file_refused


class OverlaySource:
    """A `Source` over another one, in which some files have other contents or are there at all."""

    def __init__(self, below: Source, contents: Mapping[str, bytes], *, finds_others: bool = True) -> None:
        """Lay `contents`, by path from the project's root with `/`, over the files of `below`. Without `finds_others` patterns
        find nothing else; what is asked for by its path is there all the same."""
        self._below = below
        self._contents = dict(contents)
        self._finds_others = finds_others

    def find(self, patterns: Sequence[str]) -> Sequence[str]:
        """Return paths that match any glob, sorted; hidden folders are not looked into."""
        found = set(self._below.find(patterns)) if self._finds_others else set()
        for pattern in patterns:
            matcher, top = glob_pattern(pattern), fixed_part(pattern)
            for path in self._contents:
                folders = path.removeprefix(f"{top}/" if top else "").split("/")[:-1]
                is_hidden = any(name.startswith(".") or is_left_out(name) for name in folders)
                if matcher.fullmatch(path) and not is_hidden:
                    found.add(path)
        return sorted(found)

    def holds(self, path: str) -> bool:
        """Tell whether there is anything at the path."""
        return path in self._contents or self._below.holds(path)

    def read(self, path: str, *, limit_bytes: int = 1_048_576) -> bytes:
        """Return the bytes of a file, the laid one before that of the tree."""
        content = self._contents.get(path)
        if content is None:
            return self._below.read(path, limit_bytes=limit_bytes)
        if len(content) > limit_bytes:
            raise file_refused(path, f"it is larger than {limit_bytes // 1024} KiB")
        return content

    def folder(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[FolderEntry]:
        """Read the files of a code folder; those that are laid over have their own content, new ones are none of its."""
        top = path.rstrip("/")
        return [
            replace(entry, content=self._contents.get(f"{top}/{entry.path}", entry.content))
            for entry in self._below.folder(path, exclude=exclude, include=include)
        ]

    def withheld(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[str]:
        """List what looks like a credential in a code folder, sorted."""
        return self._below.withheld(path, exclude=exclude, include=include)

    def unused(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[UnusedPattern]:
        """List the patterns that name nothing in a code folder."""
        return self._below.unused(path, exclude=exclude, include=include)
