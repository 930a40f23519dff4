"""The folders of the user outside every checkout: what bunsui remembers (state), and what it can make again (cache).

Where they are: https://specifications.freedesktop.org/basedir-spec/latest/
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import hmac
import json
import os
import secrets
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

from bunsui import __version__
from bunsui.errors import Unavailable
from bunsui.folders.files import is_private_folder, make_private_folder, read_regular, write_atomically
from bunsui.stored_words import StoredForm, StoredItem, written_by

_NAME = "bunsui"
_KEY = "key"
_KEY_BYTES = 32
_RECORDS = "folders"
_FORGOTTEN_SECONDS = 90 * 24 * 3600
"""A record whose folder was missing for that long is removed."""


@dataclass(frozen=True)
class UserFolders:
    """Where this user's folders are for work in one project. Nothing is made before it is asked for."""

    states: tuple[Path, ...]
    """Where state may be, the usual place first; one in the system's temporary folder is the last resort."""
    caches: tuple[Path, ...]
    """Where the cache may be, the usual place first; empty when there is no home."""

    @cached_property
    def state(self) -> Path:
        """The first state folder that can be written.

        Raises:
            Unavailable: there is none.

        """
        for path in self.states:
            if _usable(path):
                return path
        raise Unavailable(
            "no-user-folder",
            "there is no folder outside the project in which bunsui could remember what is its own",
            hint="Set HOME or XDG_STATE_HOME to a folder of yours that can be written.",
            tried=", ".join(str(path) for path in self.states) or None,
        )

    @cached_property
    def cache(self) -> Path | None:
        """The first cache folder that can be written; None when there is none."""
        return next((path for path in self.caches if _usable(path)), None)

    @cached_property
    def cache_or_temporary(self) -> Path:
        """The cache, or a private folder that is gone at the end of this process."""
        if self.cache is not None:
            return self.cache
        folder = Path(tempfile.mkdtemp(prefix="bunsui-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return folder

    @cached_property
    def key(self) -> bytes:
        """The random key of this user on this machine, made when it is first asked for."""
        path = self.state / _KEY
        with contextlib.suppress(OSError):
            found = read_regular(path)
            if len(found) == _KEY_BYTES:
                return found
        beside = path.with_name(f"{_KEY}.{secrets.token_hex(8)}")
        write_atomically(beside, secrets.token_bytes(_KEY_BYTES))
        try:
            path.hardlink_to(beside)  # unlike a move it never replaces one that another process just made
        except FileExistsError:
            if len(read_regular(path)) != _KEY_BYTES:
                beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        return read_regular(path)

    def know(self, nonce: str, folder: Path) -> None:
        """Remember that the folder with this nonce is ours: in the state folder, and in the last resort as well, so that a
        command that is started without a home knows it, too."""
        record = {"format": StoredForm.FOLDER.format, "written_by": __version__, "folder": str(folder)}
        content = json.dumps(record).encode()
        for state in dict.fromkeys((self.state, *filter(_usable, self.states[-1:]))):
            records = make_private_folder(state / _RECORDS)
            write_atomically(records / _record_name(nonce), content)
            _forget_missing(records)

    def knows(self, nonce: str, folder: Path) -> bool:
        """Tell whether the folder with this nonce is ours; a copy of it elsewhere is not.

        Raises:
            Refused: what is remembered of it was written by a newer bunsui.

        """
        return any(_reads(state / _RECORDS / _record_name(nonce), folder) for state in self.states if is_private_folder(state))


def user_folders(environ: Mapping[str, str], *, outside: Path | None, temporary: Path | None = None) -> UserFolders:
    """Find this user's folders; never one that lies inside `outside`, a project's folder, which may come from anybody;
    None is none.

    `temporary` is the system's folder for temporary files.
    """
    last_resort = (temporary or _temporary()) / f"{_NAME}-{'user' if sys.platform == 'win32' else os.geteuid()}"
    root = outside.resolve() if outside is not None else None

    def usable(paths: Iterable[Path]) -> tuple[Path, ...]:
        return tuple(dict.fromkeys(path for path in paths if root is None or not path.resolve().is_relative_to(root)))

    return UserFolders(states=usable(chain(_states(environ), (last_resort,))), caches=usable(_caches(environ)))


def private_name(key: bytes, *parts: bytes) -> str:
    """Return 64 hex digits that nobody without the key can choose: HMAC-SHA256 over the parts, each with its length."""
    code = hmac.new(key, digestmod=hashlib.sha256)
    for part in parts:
        code.update(len(part).to_bytes(8, "big"))
        code.update(part)
    return code.hexdigest()


def _states(environ: Mapping[str, str]) -> Iterator[Path]:
    yield from _named_folders(environ, "XDG_STATE_HOME")
    yield from (home / ".local" / "state" / _NAME for home in find_homes(environ))


def _caches(environ: Mapping[str, str]) -> Iterator[Path]:
    yield from _named_folders(environ, "XDG_CACHE_HOME")
    yield from (home / ".cache" / _NAME for home in find_homes(environ))


def _named_folders(environ: Mapping[str, str], variable: str) -> Iterator[Path]:
    text = environ.get(variable, "")
    if os.path.isabs(text):  # noqa: PTH117 - others are to be ignored, as the specification says
        yield Path(text, _NAME)


def find_homes(environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the home that the environment names, or else the one that the system knows; nobody makes one that is not there."""
    if environ.get("HOME"):
        home = Path(environ["HOME"]).absolute()
        if home.is_dir():
            yield home
    elif (known := system_home()) is not None:
        yield known


def system_home() -> Path | None:
    """Return the home that the system knows, whatever the environment says; None when it knows none."""
    if sys.platform == "win32":
        return Path.home()
    import pwd  # deferred: Windows has none

    try:
        return Path(pwd.getpwuid(os.geteuid()).pw_dir)
    except KeyError:
        return None


def _usable(path: Path) -> bool:
    try:
        make_private_folder(path)
    except OSError:
        return False
    return os.access(path, os.W_OK | os.X_OK)


def _temporary() -> Path:
    """Return the system's folder for temporary files, also when nothing can be written there, as on a full disk: Python then
    says that there is none, and what is only read would fail."""
    try:
        return Path(tempfile.gettempdir())
    except OSError:
        return Path(os.environ.get("TMPDIR", "/tmp")).absolute()  # noqa: S108 - its own folder in it is looked at before use


def _record_name(nonce: str) -> str:
    return f"{hashlib.sha256(nonce.encode()).hexdigest()}.json"


def _reads(record: Path, folder: Path) -> bool:
    try:
        document = json.loads(read_regular(record))
    except (OSError, ValueError):
        return False
    if not isinstance(document, dict):
        return False
    if "format" in document:
        item = StoredItem(name=f"the record of {folder}", written_by=written_by(document.get("written_by")))
        item.check_format(document["format"], StoredForm.FOLDER)
    return document.get("folder") == str(folder)


def _forget_missing(records: Path) -> None:
    """Remove records of folders that are gone for long: a missing one may lie on a disk that is not mounted now."""
    oldest = time.time() - _FORGOTTEN_SECONDS
    for record in records.glob("?" * 64 + ".json"):
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            if record.lstat().st_mtime < oldest and not Path(json.loads(read_regular(record))["folder"]).exists():
                record.unlink()
