"""The secret of a data folder: a file that only its owner can read, which all keys come from."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

_BYTES = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_secret(path: Path) -> bytes | None:
    """Return the secret; None when there is none that only its owner knows.

    A link, a file of another user or one that others may read is no secret.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode) or not _is_private(about):
            return None
        text = file.read(4 * _BYTES)
    try:
        found = bytes.fromhex(text.decode().strip())
    except ValueError:
        return None
    return found if len(found) == _BYTES else None


def ensure_secret(path: Path) -> bytes:
    """Return the secret, made anew where there is none that only its owner knows. OSError when it cannot be written."""
    found = read_secret(path)
    if found is not None:
        return found
    made = secrets.token_bytes(_BYTES)
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(made.hex())
        file.flush()
        os.fsync(file.fileno())
    return made


def _is_private(about: os.stat_result) -> bool:
    if os.name != "posix":
        return True
    return about.st_uid == os.getuid() and not about.st_mode & _OTHERS
