"""The user's configuration folder: where it is, and which file in it may be believed.

Where it is: https://specifications.freedesktop.org/basedir-spec/latest/
"""

from __future__ import annotations

import errno
import os
import shlex
import stat
import sys
from collections.abc import Mapping
from pathlib import Path

from bunsui.errors import InvalidInput, Unavailable
from bunsui.folders.files import make_private_folder, open_regular, write_atomically
from bunsui.folders.user import find_homes, system_home

_NAME = "bunsui"
_VARIABLE = "XDG_CONFIG_HOME"
_LIMIT_BYTES = 1_048_576
_OTHERS_WRITE = 0o022


def configuration_folder(environ: Mapping[str, str], *, outside: Path | None) -> Path:
    """Return the folder, which may not be there yet: `XDG_CONFIG_HOME/bunsui`, else `~/.config/bunsui`.

    A relative `XDG_CONFIG_HOME` is ignored, as the specification says. So is what the environment names inside `outside`, a
    checkout: it may come from anybody. The home that the system knows is the user's wherever the checkout begins.

    Raises:
        Unavailable: there is no home.

    """
    named = environ.get(_VARIABLE, "")
    bases = [Path(named)] if os.path.isabs(named) else []  # noqa: PTH117 - others are to be ignored
    root = outside.resolve() if outside is not None else None
    for base in (*bases, *(home / ".config" for home in find_homes(environ))):
        if root is None or not base.resolve().is_relative_to(root):
            return base / _NAME
    home = system_home()
    if home is not None:
        return home / ".config" / _NAME
    raise Unavailable(
        "no-user-folder",
        "there is no configuration folder of yours",
        hint=f"Set HOME or {_VARIABLE} to a folder of yours.",
    )


def read_own(path: Path) -> bytes | None:
    """Return the content of a file of this user's configuration; None when it is not there.

    Raises:
        InvalidInput: it is a link, no regular file, larger than 1 MiB, or another user may write it or the folder around it.

    """
    try:
        folder = path.parent.lstat()
    except (FileNotFoundError, NotADirectoryError):  # the latter with /dev/null, say, as XDG_CONFIG_HOME
        return None
    try:
        if not stat.S_ISDIR(folder.st_mode):
            raise _trust_error(path.parent, "it is a link, or no folder")
        _check_owner(path.parent, folder)
        with os.fdopen(open_regular(path), "rb") as file:
            _check_owner(path, os.fstat(file.fileno()))
            content = file.read(_LIMIT_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ELOOP, errno.ENOTDIR):
            raise _trust_error(path, "it is a link, or no regular file") from error
        raise
    if len(content) > _LIMIT_BYTES:
        raise _trust_error(path, "it is larger than 1 MiB")
    return content


def write_own(path: Path, content: bytes) -> None:
    """Replace the file in one step, for its owner alone; the folder is made when it is not there.

    Raises:
        InvalidInput: what is there is not this user's, as `read_own` says.
        OSError: it cannot be written.

    """
    read_own(path)
    path.parent.parent.mkdir(parents=True, exist_ok=True)
    make_private_folder(path.parent)
    write_atomically(path, content)


def _check_owner(path: Path, status: os.stat_result) -> None:
    if sys.platform == "win32":
        return
    if status.st_uid != os.geteuid():
        raise _trust_error(path, "it belongs to another user")
    if status.st_mode & _OTHERS_WRITE:
        raise _trust_error(path, "others may write it", hint=f"Take that away:  chmod go-w {shlex.quote(str(path))}")


def _trust_error(path: Path, reason: str, *, hint: str = "Put a file of your own there.") -> InvalidInput:
    return InvalidInput(
        "untrusted-configuration", "a file of your configuration is not used", hint=hint, file=path, reason=reason
    )
