"""A zip whose bytes depend on its content alone: names, bytes and the executable bit."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time that the format knows."""
_UNIX = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file of an archive."""

    content: bytes
    executable: bool = False


def zip_members(members: Mapping[str, Member]) -> bytes:
    """Return the archive of the files: sorted by path, one fixed time, modes 644 and 755, whatever the machine's settings
    are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression=zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in sorted(members):
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.create_system = _UNIX
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (stat.S_IFREG | (0o755 if members[path].executable else 0o644)) << 16
            archive.writestr(entry, members[path].content)
    return buffer.getvalue()


def total_bytes(members: Iterable[Member]) -> int:
    """Return the size of the unpacked files."""
    return sum(len(member.content) for member in members)
