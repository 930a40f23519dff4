"""The project's files on disk: nothing outside the root, and nothing but regular files, is ever opened."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NoReturn, Protocol

from bunsui.document.code_files import ENVIRONMENT_MARK, CodeFiles, PatternUse, code_files, looks_secret
from bunsui.document.globs import LEFT_OUT_FOLDERS, OWN_OF_TOOLS, fixed_part, glob_pattern, is_left_out
from bunsui.errors import InvalidInput
from bunsui.held_folder import hold, open_below
from bunsui.ports.source import FolderEntry, UnusedPattern

LIMIT_FILES = 2_000
LIMIT_DEPTH = 200
"""Folders in folders."""
LIMIT_CODE_FILE_BYTES = 64 * 1_048_576
LIMIT_CODE_BYTES = 250 * 1_048_576
"""Lambda's own limit for an unpacked function."""


class Takes(Protocol):
    """Tells whether a file of a code folder is wanted."""

    def __call__(self, path: str, *, environments: Collection[str]) -> bool:
        """Tell it for a path relative to the folder; `environments` are the virtual environments in it."""
        ...


class Enters(Protocol):
    """Tells which folders of a code folder are gone into."""

    def enters(self, folder: str, *, is_environment: bool) -> bool:
        """Tell it for a path relative to the folder."""
        ...


class RootFolder:
    """A `Source` over a folder."""

    def __init__(self, root: Path) -> None:
        """Read below `root`, whatever its own path is made of."""
        self._root = root

    @cached_property
    def root(self) -> Path:
        """The folder's real path."""
        return self._root.resolve()

    def find(self, patterns: Sequence[str]) -> Sequence[str]:
        """Return paths that match any glob (`*`, `?`, `**`), sorted; hidden folders are not looked into."""
        found: set[str] = set()
        for pattern in patterns:
            matcher = glob_pattern(pattern)
            found.update(path for path in self._below(fixed_part(pattern)) if matcher.fullmatch(path))
            if len(found) > LIMIT_FILES:
                raise InvalidInput(
                    "too-many-files",
                    f"more than {LIMIT_FILES} pipeline files",
                    hint="Narrow `pipelines:` in bunsui.yaml.",
                    pattern=pattern,
                )
        return sorted(found)

    def holds(self, path: str) -> bool:
        """Tell whether there is anything at the path, a link that leads nowhere included."""
        return os.path.lexists(self.root / path)

    def read(self, path: str, *, limit_bytes: int = 1_048_576) -> bytes:
        """Return the bytes of a regular file; InvalidInput with the reason where it may not be read."""
        content, _ = self._content(path, self._inside(path), limit_bytes)
        return content

    def folder(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[FolderEntry]:
        """Read the files of a code folder, sorted by path."""
        return bound_entries(path, self._entries(path, code_files(exclude=exclude, include=include)))

    def _entries(self, path: str, files: CodeFiles) -> Iterator[FolderEntry]:
        top = "/".join(self._inside(path))
        for relative in self._list_files(path, files, files.takes):
            whole = f"{path.rstrip('/')}/{relative}"
            steps = self._inside(whole)
            check_link(f"{top}/{relative}", "/".join(steps))
            content, executable = self._content(whole, steps, LIMIT_CODE_FILE_BYTES)
            yield FolderEntry(path=relative, executable=executable, content=content)

    def withheld(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[str]:
        """List what looks like a credential in a code folder, sorted."""
        files = code_files(exclude=exclude, include=include)
        return self._list_files(path, files, files.withholds)

    def unused(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[UnusedPattern]:
        """List the patterns that name nothing in a code folder."""
        use = PatternUse(exclude=exclude, include=include)
        self._list_files(path, use, use.takes)
        return use.unused()

    def _list_files(self, path: str, way: Enters, takes: Takes) -> list[str]:
        steps = self._inside(path)
        if not stat.S_ISDIR(self.root.joinpath(*steps).lstat().st_mode):
            raise file_refused(path, "it is not a folder")
        check_link(path, "/".join(steps) or ".")
        try:
            return sorted(_take_wanted(_walk(self.root, steps, way), takes))
        except OSError as error:
            raise _refused_error(path, error) from error

    def _content(self, path: str, steps: Sequence[str], limit_bytes: int) -> tuple[bytes, bool]:
        """Return the bytes and whether the file can be executed; `steps` lead there from the root, none of them a link."""
        if not steps:
            raise file_refused(path, "it is not a regular file")
        try:
            descriptor = open_below(self.root, steps)
        except OSError as error:
            raise _refused_error(path, error) from error
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            content = file.read(limit_bytes + 1)
        if len(content) > limit_bytes:
            raise file_refused(path, f"it is larger than {limit_bytes // 1024} KiB")
        return content, bool(status.st_mode & 0o111)

    def _inside(self, path: str) -> tuple[str, ...]:
        """Return the steps from the root to what the path leads to, links followed: it lies below the root when it is looked
        at. Whoever opens it goes these steps, and follows no link that is put there meanwhile."""
        if "\0" in path or not path.isprintable():
            raise file_refused(path, "its name holds characters that do not print")
        try:
            real = (self.root / path).resolve(strict=True)
        except FileNotFoundError as error:
            raise file_refused(path, "it does not exist") from error
        except PermissionError as error:
            raise _refused_error(path, error) from error
        except (OSError, RuntimeError, ValueError) as error:
            raise file_refused(path, f"it cannot be reached ({type(error).__name__})") from error
        if not real.is_relative_to(self.root):
            raise file_refused(path, "it lies outside the project's folder, or is a link that leads outside")
        steps = real.relative_to(self.root).parts
        check_not_of_tools(path, "/".join(steps))
        return steps

    def _below(self, fixed: str) -> Iterator[str]:
        top = self.root / fixed
        if top.is_symlink() or not top.is_dir():
            return
        real = top.resolve()
        if not real.is_relative_to(self.root):
            return
        try:
            for found in _walk(self.root, real.relative_to(self.root).parts, _Visible()):
                if not found.leads_to_folder:
                    yield f"{fixed}/{found.path}" if fixed else found.path
        except OSError as error:
            self._cannot_list(error)

    def _cannot_list(self, error: OSError) -> NoReturn:
        """Refuse to go on: pipelines that cannot be seen would look as if they had been removed."""
        raise _refused_error(os.path.relpath(error.filename, self.root), error) from error


class _Visible:
    """The folders that patterns look into."""

    def enters(self, folder: str, *, is_environment: bool) -> bool:
        name = folder.rpartition("/")[2]
        return not name.startswith(".") and name not in LEFT_OUT_FOLDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class _Walked:
    """Something in a folder that is gone through, other than a folder."""

    path: str
    """From that folder, with `/`."""
    leads_to_folder: bool
    environments: frozenset[str]
    """The virtual environments around it."""


def _walk(root: Path, steps: Sequence[str], way: Enters) -> Iterator[_Walked]:
    """Go through a folder some steps below the root, without following a link; OSError when a part of it cannot be listed."""
    waiting: list[tuple[tuple[str, ...], frozenset[str]]] = [((), frozenset())]
    while waiting:
        above, environments = waiting.pop()
        with hold(root) as top, top.steps((*steps, *above)) as folder:
            children = folder.children()
            marked = {child.name for child in children if child.is_folder and folder.has(child.name, ENVIRONMENT_MARK)}
        for child in children:
            names = (*above, child.name)
            path = "/".join(names)
            if not child.is_folder:
                yield _Walked(path=path, leads_to_folder=child.leads_to_folder, environments=environments)
            elif way.enters(path, is_environment=child.name in marked):
                if len(names) > LIMIT_DEPTH:
                    raise file_refused("/".join((*steps, *names[:3])), f"folders in it lie more than {LIMIT_DEPTH} deep")
                waiting.append((names, environments | {path} if child.name in marked else environments))


def _take_wanted(found: Iterable[_Walked], takes: Takes) -> Iterator[str]:
    for one in found:
        if takes(one.path, environments=one.environments):
            if one.leads_to_folder:
                raise file_refused(one.path, "it is a link to a folder, inside a code folder")
            yield one.path


def check_not_of_tools(path: str, real: str) -> None:
    """Raise InvalidInput where a file or folder is git's or bunsui's own: a CI system keeps its token in `.git/config`.

    `path` is as it was asked for, `real` without links and relative to the project's folder.
    """
    if any(part.casefold() in OWN_OF_TOOLS for part in real.split("/")):
        raise file_refused(path, "it is git's or bunsui's own, and no part of the project")


def check_link(path: str, real: str) -> None:
    """Raise InvalidInput where a code folder, or a file of one, is a link to what no code folder takes.

    `path` is where it lies and `real` where it leads, both relative to the project's folder.
    """
    parts = [part for part in real.split("/") if part != "."]
    if (
        parts
        and posixpath.normpath(path) != real
        and (any(part.startswith(".") or is_left_out(part) for part in parts) or looks_secret(parts[-1]))
    ):
        raise file_refused(path, "it is a link to a hidden file, or to one that looks like a secret")


def bound_entries(path: str, entries: Iterable[FolderEntry]) -> Sequence[FolderEntry]:
    """Return the entries of a code folder; InvalidInput as soon as they are more, or larger together, than a folder may be."""
    kept: list[FolderEntry] = []
    total = 0
    for entry in entries:
        kept.append(entry)
        total += len(entry.content)
        if len(kept) > LIMIT_FILES or total > LIMIT_CODE_BYTES:
            raise file_refused(path, f"it holds more than {LIMIT_FILES} files or {LIMIT_CODE_BYTES // 1_048_576} MiB")
    return kept


def file_refused(path: str, reason: str, *, hint: str = "") -> InvalidInput:
    """Return the error for a file that is not used, with the reason."""
    return InvalidInput("file-refused", f"the file cannot be used: {reason}", hint=hint, path=path)


def _refused_error(path: str, error: OSError) -> InvalidInput:
    """Return the error for what the system does not let us read."""
    hint = "Make it readable for yourself: its own mode, and that of the folders above it."
    is_denied = isinstance(error, PermissionError)
    return file_refused(path, (error.strerror or type(error).__name__).lower(), hint=hint if is_denied else "")
