"""Files opened safely: without following a link, waiting at a pipe or waking a device; folders too."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

from bunsui.held_folder import hold

_PRIVATE_FOLDER = 0o700
_PRIVATE_FILE = 0o600
_LIMIT_BYTES = 1_048_576


def open_regular(path: Path, flags: int = os.O_RDONLY) -> int:
    """Open a regular file and return its descriptor.

    Raises:
        OSError: it is not there, cannot be read, or is a link, pipe, device or folder.

    """
    with hold(path.parent) as folder:
        return folder.open_regular(path.name, flags)


def read_regular(path: Path, *, limit_bytes: int = _LIMIT_BYTES) -> bytes:
    """Return the bytes of a regular file, at most `limit_bytes`; OSError as `open_regular` raises it."""
    with os.fdopen(open_regular(path), "rb") as file:
        return file.read(limit_bytes)


def write_atomically(path: Path, content: bytes, *, mode: int = _PRIVATE_FILE) -> None:
    """Replace the file in one step: a reader sees the old content or the new, never a part, also after a power cut.

    A link at the path is replaced as well, never written through.
    """
    with hold(path.parent) as folder:
        folder.write(path.name, content, mode=mode)


def is_private_folder(path: Path) -> bool:
    """Tell whether a real folder lies there, no link, of this user, in which nobody else may write."""
    try:
        status = path.lstat()
    except OSError:
        return False
    if not stat.S_ISDIR(status.st_mode):
        return False
    return sys.platform == "win32" or (status.st_uid == os.geteuid() and not status.st_mode & 0o022)


def make_private_folder(path: Path) -> Path:
    """Make the folder and those above it, for this user only, unless it is there.

    Raises:
        OSError: it cannot be made, or something else lies there: a link, or what others may write.

    """
    path.mkdir(mode=_PRIVATE_FOLDER, parents=True, exist_ok=True)
    if not is_private_folder(path):
        raise NotADirectoryError(errno.ENOTDIR, "a link, or a folder that others may write", str(path))
    return path
