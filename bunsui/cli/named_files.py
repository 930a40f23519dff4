"""Files that the user names on the command line: reports and plans, mocks, comments, files of the language."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from bunsui.errors import InvalidInput
from bunsui.held_folder import HeldFolder, hold

_STREAMS = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
"""What the user hands over himself, as in `--mocks <(…)`."""


def write_named_file(path: Path, text: str, *, what: str, mode: int = 0o644, within: Path | None = None) -> None:
    """Write the file whole or not at all; a device, such as /dev/stdout, is written to. `what` names it in the error.

    `within` is another folder, beside the current one, out of which no link may lead.

    Raises:
        InvalidInput: `file-refused`, when a link would lead elsewhere than was said: a checkout may bring it.
        OSError: it cannot be written.

    """
    refused = InvalidInput("file-refused", f"{what} is not written through a link, which a checkout may bring", path=path)
    folder = None if _is_link_to_a_file(path) else held_parent(path, within)
    if folder is None:
        raise refused
    with folder:
        if path.exists() and not stat.S_ISREG(path.stat().st_mode):
            if not _is_written(path, text):
                raise refused
        else:
            folder.write(path.name, text.encode(), mode=mode)


def read_named_file(path: Path, *, limit_bytes: int) -> bytes:
    """Return the bytes of a file, at most `limit_bytes`; links are followed, as the user said it.

    A pipe or a device is read only where the user hands it over himself: one in a checkout never ends.

    Raises:
        OSError: it cannot be read.

    """
    is_stream = str(path).startswith(_STREAMS)
    if not is_stream:
        _check_kind(path.stat())  # before it is opened: merely opening a device may do something
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | (0 if is_stream else getattr(os, "O_NONBLOCK", 0)))
    with os.fdopen(descriptor, "rb") as file:
        if not is_stream:
            _check_kind(os.fstat(descriptor))
        return file.read(limit_bytes)


def held_parent(path: Path, within: Path | None = None) -> HeldFolder | None:
    """Hold the folder of a file that was named below the current folder, or below `within`; None when a link leads out of that.
    One that is put there meanwhile is not followed. Elsewhere links are the user's own.

    Raises:
        OSError: it is no folder, or not there.

    """
    said = Path(os.path.abspath(path))  # noqa: PTH100 - links are not to be followed
    parent = said.parent.resolve()
    for anchor in (Path.cwd(), within):
        if anchor is not None and said.is_relative_to(anchor):
            if not parent.is_relative_to(anchor):
                return None
            with hold(anchor) as top:
                return top.steps(parent.relative_to(anchor).parts)
    return hold(parent)


def _is_link_to_a_file(path: Path) -> bool:
    return path.is_symlink() and (path.is_file() or not path.exists())


def _is_written(device: Path, text: str) -> bool:
    """Write to what is no regular file; False when it has become one."""
    descriptor = os.open(device, os.O_WRONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    with os.fdopen(descriptor, "wb") as opened:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return False
        os.set_blocking(descriptor, True)
        opened.write(text.encode())
    return True


def _check_kind(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is a pipe, a socket or a device")
