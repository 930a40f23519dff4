"""Takes back what was set aside because nobody could say whose it is: for the user to decide, who can look at it."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bunsui.errors import InvalidInput, NotFound
from bunsui.folders.project import Own, ProjectFolder

_LAST = "last_session"
_LOCAL = "local"
_TAKEN = ("state", "objects", "damaged")
"""What of a data folder is the user's. The rest is of one run: locks, the port, and a secret that somebody else may know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A folder that was moved aside, and what data of an embedded AWS it holds."""

    path: Path
    services: tuple[str, ...]
    """Of which services there is saved state."""
    files: int
    size_bytes: int


def set_aside(folder: ProjectFolder, name: str | None) -> SetAside:
    """Look at what was set aside under the name, or last; nothing is taken yet.

    Raises:
        NotFound: there is nothing of that name, or nothing with data.
        InvalidInput: it holds a link, a pipe or a device, or belongs to somebody else.

    """
    choices = [path for path in folder.put_aside() if any(os.path.lexists(path / _LOCAL / kept) for kept in _TAKEN)]
    chosen = [path for path in choices if name in (None, path.name)]
    if not chosen:
        raise NotFound(
            "nothing-set-aside",
            "no data of an embedded AWS was set aside" if name is None else "nothing of that name was set aside",
            hint="Name one of these:\n  " + "\n  ".join(path.name for path in choices) if choices else "",
            folder=folder.inside,
        )
    path = max(chosen, key=lambda one: (one.lstat().st_mtime, one.name))
    files = [inner for inner in _check_contents(path / _LOCAL) if inner.is_file()]
    state = path / _LOCAL / "state"
    return SetAside(
        path=path,
        services=tuple(sorted(inner.stem for inner in files if inner.parent == state and inner.suffix == ".json")),
        files=len(files),
        size_bytes=sum(inner.lstat().st_size for inner in files),
    )


def take(found: SetAside, own: Own) -> Path | None:
    """Make the data that was set aside the project's; return where the data before it was moved, None when there was none."""
    _check_contents(found.path / _LOCAL)
    before = None
    if own.local.exists():
        before = own.root / f"before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        before.mkdir(mode=0o700)
        own.local.rename(before / _LOCAL)
    own.local.mkdir(mode=0o700)
    for name in _TAKEN:
        if os.path.lexists(found.path / _LOCAL / name):
            shutil.move(found.path / _LOCAL / name, own.local / name)
    for folder in (own.local, *(path for path in own.local.rglob("*") if path.is_dir())):
        folder.chmod(0o700)
    last = found.path / _LAST
    if os.path.lexists(last) and stat.S_ISREG(last.lstat().st_mode) and not own.last_session.exists():
        shutil.move(last, own.last_session)
    return before


def _check_contents(data: Path) -> list[Path]:
    """Return everything below the folder; InvalidInput names what is neither a folder nor a regular file of this user."""
    found = [data]
    for folder, names, files in os.walk(data):  # links to folders are not followed
        found += [Path(folder, name) for name in (*names, *files)]
    for path in found:
        status = path.lstat()
        regular = stat.S_ISDIR(status.st_mode) if path == data else stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
        if not regular or (hasattr(os, "geteuid") and status.st_uid != os.geteuid()):
            raise InvalidInput(
                "adopt-unsafe",
                "what was set aside holds a link, a pipe or a file of somebody else, which no bunsui ever made",
                hint="Look at it, and delete it if it is not yours.",
                path=path,
            )
    return found
