"""Which files git tracks, read from its index without git: for where there is none, as with a program that brings its own.

Format: https://git-scm.com/docs/index-format
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path

from bunsui.checkout.git import git_folder
from bunsui.folders.files import read_regular

_LIMIT_BYTES = 512 * 1_048_576
_TIMES_AND_MODES = 40
_EXTENDED = 0x4000
_CHECKSUM_BYTES = {b"sha1": 20, b"sha256": 32}


def tracked_paths(top: Path) -> Iterator[bytes]:
    """Read the paths of the index of the checkout whose `.git` lies in `top`; none when nothing was added yet.

    Raises:
        ValueError: it cannot be read, or is of a kind that is not known here.

    """
    inside = git_folder(top)
    if inside is None:
        raise ValueError("no git directory")
    try:
        content = read_regular(inside / "index", limit_bytes=_LIMIT_BYTES)
    except FileNotFoundError:
        return
    except OSError as error:
        raise ValueError("unreadable") from error
    try:
        yield from _paths(content, _checksum_bytes(inside))
    except (struct.error, IndexError) as error:
        raise ValueError("cut off") from error


def _paths(content: bytes, checksum_bytes: int) -> Iterator[bytes]:
    mark, version, count = struct.unpack_from(">4sII", content)
    if mark != b"DIRC" or version not in (2, 3, 4) or b"link" in content[-4096:]:  # shared with another file, at the end
        raise ValueError("unknown kind")
    at, path = 12, b""
    for _ in range(count):
        begin = at
        at += _TIMES_AND_MODES + checksum_bytes
        (flags,) = struct.unpack_from(">H", content, at)
        at += 4 if flags & _EXTENDED else 2
        if version == 4:
            dropped, at = _number(content, at)
            path = path[: len(path) - dropped]
        end = content.index(b"\0", at)
        path = path + content[at:end] if version == 4 else content[at:end]
        at = end + 1 if version == 4 else begin + (end - begin + 8) // 8 * 8
        yield path


def _number(content: bytes, at: int) -> tuple[int, int]:
    """Return a number of variable length, as in packs' offsets, and where it ends."""
    value = content[at] & 0x7F
    while content[at] & 0x80:
        at += 1
        value = ((value + 1) << 7) | (content[at] & 0x7F)
    return value, at + 1


def _checksum_bytes(git_directory: Path) -> int:
    """Return how long object ids are; a linked worktree has its settings elsewhere, and then the usual ones are taken."""
    try:
        settings = read_regular(git_directory / "config").lower()
    except OSError:
        settings = b""
    return _CHECKSUM_BYTES[b"sha256" if b"sha256" in settings else b"sha1"]
