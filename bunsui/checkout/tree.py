"""The project's files as a commit has them, read from git's objects; the work tree is not touched.

Files come as git stores them: no filter (Git LFS, line endings) is run.
"""

from __future__ import annotations

import posixpath
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bunsui.checkout.base import Base
from bunsui.checkout.git import Checkout, open_checkout
from bunsui.document.code_files import ENVIRONMENT_MARK, PatternUse, code_files
from bunsui.document.globs import fixed_part, glob_pattern, is_left_out
from bunsui.errors import Unavailable
from bunsui.ports.source import FolderEntry, UnusedPattern
from bunsui.project.files import (
    LIMIT_CODE_FILE_BYTES,
    Takes,
    bound_entries,
    check_link,
    check_not_of_tools,
    file_refused,
)

_LINK = "120000"
_MODULE = "160000"
_EXECUTABLE = "100755"
_MOST_LINKS = 20


@dataclass(frozen=True, slots=True)
class _TreeEntry:
    mode: str
    object_id: str
    size_bytes: int


class GitTree:
    """A `Source` over a commit; make it with `opened_tree`."""

    def __init__(self, entries: Mapping[str, _TreeEntry], process: subprocess.Popen[bytes]) -> None:
        """Read the entries, paths from the project's root, through a running `git cat-file --batch`."""
        self._entries = entries
        self._process = process
        self._lock = threading.Lock()

    def find(self, patterns: Sequence[str]) -> Sequence[str]:
        """Return paths that match any glob, sorted; hidden folders are not looked into."""
        found: set[str] = set()
        for pattern in patterns:
            matcher, top = glob_pattern(pattern), fixed_part(pattern)
            below = f"{top}/" if top else ""
            for path, entry in self._entries.items():
                if entry.mode != _MODULE and path.startswith(below) and matcher.fullmatch(path):
                    folders = path.removeprefix(below).split("/")[:-1]
                    if not any(name.startswith(".") or is_left_out(name) for name in folders):
                        found.add(path)
        return sorted(found)

    def holds(self, path: str) -> bool:
        """Tell whether there is anything at the path, a link that leads nowhere included."""
        return path in self._entries

    def read(self, path: str, *, limit_bytes: int = 1_048_576) -> bytes:
        """Return the bytes of a file; InvalidInput with the reason where it may not be read."""
        return self._content(path, self._follow_links(path), limit_bytes)

    def folder(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[FolderEntry]:
        """Read the files of a code folder, sorted by path."""
        files = code_files(exclude=exclude, include=include)
        return bound_entries(path, (self._entry(relative, full) for relative, full in self._list_files(path, files.takes)))

    def _entry(self, relative: str, full: str) -> FolderEntry:
        check_link(full, self._real(full))
        entry = self._follow_links(full)
        content = self._content(full, entry, LIMIT_CODE_FILE_BYTES)
        return FolderEntry(path=relative, executable=entry.mode == _EXECUTABLE, content=content)

    def withheld(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[str]:
        """List what looks like a credential in a code folder, sorted."""
        files = code_files(exclude=exclude, include=include)
        return [relative for relative, _ in self._list_files(path, files.withholds)]

    def unused(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[UnusedPattern]:
        """List the patterns that name nothing in a code folder."""
        use = PatternUse(exclude=exclude, include=include)
        self._list_files(path, use.takes)
        return use.unused()

    def _list_files(self, path: str, takes: Takes) -> list[tuple[str, str]]:
        """Return the wanted files with their paths in the folder and in the project, sorted."""
        top = self._real(path)
        check_link(path, top or ".")
        below = sorted((one.removeprefix(f"{top}/"), one) for one in self._entries if one.startswith(f"{top}/") or not top)
        if not below:
            raise file_refused(path, "it does not exist")
        marks = (posixpath.split(relative) for relative, _ in below)
        environments = frozenset(folder for folder, name in marks if folder and name == ENVIRONMENT_MARK)
        return [(relative, full) for relative, full in below if takes(relative, environments=environments)]

    def _follow_links(self, path: str) -> _TreeEntry:
        entry = self._entries.get(self._real(path))
        if entry is None:
            raise file_refused(path, "it does not exist")
        if entry.mode == _MODULE:
            raise file_refused(path, "it is not a regular file")
        return entry

    def _real(self, path: str) -> str:
        """Return the path with links followed; empty for the root itself."""
        here = _normal(path, path)
        for _ in range(_MOST_LINKS):
            parts = here.split("/")
            heads = ("/".join(parts[:end]) for end in range(1, len(parts) + 1))
            link = next((head for head in heads if (entry := self._entries.get(head)) and entry.mode == _LINK), None)
            if link is None:
                check_not_of_tools(path, here)
                return here
            target = self._object(self._entries[link].object_id).decode("utf-8", errors="surrogateescape")
            if target.startswith("/"):
                raise file_refused(path, "it is a link that leads outside the project's folder")
            here = _normal(posixpath.join(posixpath.dirname(link), target, here.removeprefix(link).lstrip("/")), path)
        raise file_refused(path, "its links lead in a circle")

    def _content(self, path: str, entry: _TreeEntry, limit_bytes: int) -> bytes:
        if entry.size_bytes > limit_bytes:
            raise file_refused(path, f"it is larger than {limit_bytes // 1024} KiB")
        return self._object(entry.object_id)

    def _object(self, object_id: str) -> bytes:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        with self._lock:
            process.stdin.write(object_id.encode() + b"\n")
            process.stdin.flush()
            header = process.stdout.readline().split()
            if len(header) != 3:
                raise Unavailable(
                    "object-missing",
                    "the clone lacks a file of the commit that it is compared with",
                    hint="It is a partial clone. Fetch what is missing:\n  git fetch --refetch --no-filter",
                    object=object_id,
                )
            content = process.stdout.read(int(header[2]))
            process.stdout.read(1)  # the newline that ends it
            return content


@contextmanager
def opened_tree(folder: Path, base: Base) -> Iterator[GitTree]:
    """Read the files of the project's folder at the base, for as long as the block runs.

    Raises:
        InvalidInput: what `open_checkout` raises.
        Unavailable: git could not list or read the commit.

    """
    checkout = open_checkout(folder)
    entries = _list_files(checkout, base)
    try:
        process = checkout.start("cat-file", "--batch")
    except OSError as error:
        raise _unreadable(base, str(error)) from error
    try:
        yield GitTree(entries, process)
    finally:
        process.kill()
        process.communicate()


def _list_files(checkout: Checkout, base: Base) -> dict[str, _TreeEntry]:
    where = ["--", base.prefix] if base.prefix else []
    found = checkout.ask("ls-tree", "-r", "-z", "-l", "--full-tree", base.commit, *where)
    if not found.ok:
        raise _unreadable(base, found.first_line)
    entries: dict[str, _TreeEntry] = {}
    for row in found.out.split("\0"):
        about, separator, path = row.partition("\t")
        if separator:
            mode, _, object_id, size = about.split()
            entries[path.removeprefix(base.prefix)] = _TreeEntry(mode, object_id, int(size) if size.isdigit() else 0)
    return entries


def _unreadable(base: Base, said: str) -> Unavailable:
    return Unavailable(
        "commit-unreadable",
        "the commit to compare with could not be read",
        hint="A shallow or partial clone lacks a part of it. Fetch it whole:\n  git fetch --refetch --no-filter",
        commit=base.commit,
        git=said or None,
    )


def _normal(path: str, asked: str) -> str:
    if not path.isprintable():
        raise file_refused(asked, "its name holds characters that do not print")
    normal = posixpath.normpath(path)
    if normal.startswith(("../", "/")) or normal == "..":
        raise file_refused(asked, "it lies outside the project's folder, or is a link that leads outside")
    return "" if normal == "." else normal
