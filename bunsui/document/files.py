"""The project's files on disk, read so that nothing outside the root, and nothing but regular files, is ever opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path, PurePosixPath

from bunsui.document.globs import LEFT_OUT_FOLDERS, fixed_part, glob_pattern, is_left_out
from bunsui.errors import InvalidInput
from bunsui.ports.source import FolderEntry

LIMIT_FILES = 2_000
LIMIT_CODE_FILE_BYTES = 64 * 1_048_576
LIMIT_CODE_BYTES = 250 * 1_048_576
"""Lambda's own limit for an unpacked function."""


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
        """Give paths that match any glob (`*`, `?`, `**`), sorted; hidden folders are not looked into."""
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

    def read(self, path: str, *, limit_bytes: int = 1_048_576) -> bytes:
        """Give the bytes of a regular file; InvalidInput with the reason where it may not be read."""
        content, _ = self._open(path, limit_bytes)
        return content

    def folder(self, path: str) -> Sequence[FolderEntry]:
        """Give every file below the folder, sorted by path."""
        top = self._inside(path)
        if not stat.S_ISDIR(top.lstat().st_mode):
            raise file_refused(path, "it is not a folder")
        entries: list[FolderEntry] = []
        total = 0
        try:
            listed = sorted(_tree(top, PurePosixPath()))
        except OSError as error:
            raise _refused(path, error) from error
        for relative in listed:
            content, executable = self._open(f"{path.rstrip('/')}/{relative}", LIMIT_CODE_FILE_BYTES)
            entries.append(FolderEntry(path=str(relative), executable=executable, content=content))
            total += len(content)
            if len(entries) > LIMIT_FILES or total > LIMIT_CODE_BYTES:
                raise file_refused(path, f"it holds more than {LIMIT_FILES} files or {LIMIT_CODE_BYTES // 1_048_576} MiB")
        return entries

    def _open(self, path: str, limit_bytes: int) -> tuple[bytes, bool]:
        real = self._inside(path)
        try:
            # lstat first: merely opening a device may do something.
            if not stat.S_ISREG(real.lstat().st_mode):
                raise file_refused(path, "it is not a regular file")
            descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise _refused(path, error) from error
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode):
                raise file_refused(path, "it is not a regular file")
            content = file.read(limit_bytes + 1)
        if len(content) > limit_bytes:
            raise file_refused(path, f"it is larger than {limit_bytes // 1024} KiB")
        return content, bool(status.st_mode & 0o111)

    def _inside(self, path: str) -> Path:
        """Give the real path, links followed, of something that lies below the root."""
        if "\0" in path or not path.isprintable():
            raise file_refused(path, "its name holds characters that do not print")
        try:
            real = (self.root / path).resolve(strict=True)
        except FileNotFoundError as error:
            raise file_refused(path, "it does not exist") from error
        except PermissionError as error:
            raise _refused(path, error) from error
        except (OSError, RuntimeError, ValueError) as error:
            raise file_refused(path, f"it cannot be reached ({type(error).__name__})") from error
        if not real.is_relative_to(self.root):
            raise file_refused(path, "it lies outside the project's folder, or is a link that leads outside")
        return real

    def _below(self, fixed: str) -> Iterator[str]:
        top = self.root / fixed
        if top.is_symlink() or not top.is_dir():
            return
        if not top.resolve().is_relative_to(self.root):
            return
        for folder, names, files in os.walk(top, onerror=self._cannot_list):
            names[:] = sorted(name for name in names if not name.startswith(".") and name not in LEFT_OUT_FOLDERS)
            relative = Path(folder).relative_to(self.root).as_posix()
            for name in files:
                yield name if relative == "." else f"{relative}/{name}"

    def _cannot_list(self, error: OSError) -> None:
        """Refuse to go on: pipelines that cannot be seen would look as if they had been removed."""
        raise _refused(os.path.relpath(error.filename, self.root), error) from error


def _tree(folder: Path, relative: PurePosixPath) -> Iterator[PurePosixPath]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if is_left_out(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _tree(Path(entry.path), relative / entry.name)
            elif entry.is_symlink() and entry.is_dir():
                raise file_refused(str(relative / entry.name), "it is a link to a folder, inside a code folder")
            else:
                yield relative / entry.name


def file_refused(path: str, reason: str, *, hint: str = "") -> InvalidInput:
    """Give the error for a file that is not used, with the reason."""
    return InvalidInput("file-refused", f"the file cannot be used: {reason}", hint=hint, path=path)


def _refused(path: str, error: OSError) -> InvalidInput:
    """Give the error for what the system does not let us read."""
    hint = "Make it readable for yourself: its own mode, and that of the folders above it."
    is_denied = isinstance(error, PermissionError)
    return file_refused(path, (error.strerror or type(error).__name__).lower(), hint=hint if is_denied else "")
