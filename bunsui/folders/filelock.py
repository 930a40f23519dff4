"""A lock between processes that the system frees when its holder ends, however it ends."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bunsui.folders.files import open_regular
from bunsui.held_folder import NOT_FOLLOWED

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_POLL_SECONDS = 0.05
_HOLDER_BYTES = 32
_WINDOWS_LOCK_OFFSET = 1024
"""Windows forbids reading locked bytes, so the lock lies behind the text that names the holder."""


class FileLock:
    """An exclusive lock on a file. The file stays behind: removing it would let two holders in."""

    def __init__(self, path: Path) -> None:
        """Name the lock; nothing is opened yet."""
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Try once; True when the lock is now ours. Its file then holds our process id."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | NOT_FOLLOWED, 0o600)
        if not _try_lock(descriptor):
            os.close(descriptor)
            return False
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Return the lock back; nothing happens when it is not ours."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def still_there(self) -> bool:
        """Tell whether the file that we hold is still the one at the path: False when the folder was removed or replaced."""
        if self._descriptor is None:
            return False
        try:
            return os.path.samestat(os.fstat(self._descriptor), self._path.stat())
        except OSError:
            return False


@contextlib.contextmanager
def hold_lock(path: Path, *, timeout_seconds: float) -> Iterator[None]:
    """Hold the lock in the block; TimeoutError when somebody else held it all the time.

    Waits a little even for a free lock: `holder` takes it for an instant to see whether it is free.
    """
    lock = FileLock(path)
    deadline = time.monotonic() + timeout_seconds
    while not lock.acquire():
        if time.monotonic() > deadline:
            raise TimeoutError(str(path))
        time.sleep(_POLL_SECONDS)
    try:
        yield
    finally:
        lock.release()


def holder(path: Path) -> int | None:
    """Return the process id that holds the lock, 0 while it is being written, None when nobody holds it."""
    try:
        descriptor = open_regular(path, os.O_RDWR)
    except OSError as problem:
        # Nothing, no folder around it, or a link or a pipe, which nobody has locked.
        if problem.errno in (errno.ENOENT, errno.ENOTDIR, errno.EINVAL):
            return None
        raise
    try:
        if _try_lock(descriptor):
            return None
        text = os.read(descriptor, _HOLDER_BYTES).decode(errors="replace")
    finally:
        os.close(descriptor)
    return int(text) if text.isdigit() else 0


if sys.platform == "win32":

    def _try_lock(descriptor: int) -> bool:
        os.lseek(descriptor, _WINDOWS_LOCK_OFFSET, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)
        return True

else:

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
