"""What a process that bunsui starts inherits: a list of names, never the whole environment.

A variable that nobody thought of changes answers (`GIT_DIR` of a hook), runs code (`PYTHONSTARTUP`, a relative `PATH`) or
carries secrets (`AWS_*`). So a child gets what programs need to run at all, and what its own module adds by name.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

ESSENTIAL = (
    "PATH", "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT",
    "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "NIX_LD", "NIX_LD_LIBRARY_PATH",
)  # fmt: skip
"""What a program needs to be found and loaded."""
HOME = ("HOME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")
"""Where a program of the user finds the user's settings."""
SCRATCH = ("TMPDIR", "TEMP", "TMP")
CHILD_UMASK = 0o022 if os.name == "posix" else -1
"""What files of a child may not be: what Lambda and ECS have, whatever the shell says. -1 leaves it, where there is none."""


def inherited_environment(host: Mapping[str, str], *more: Iterable[str]) -> dict[str, str]:
    """Return `ESSENTIAL` and the names of `more` with the values of `host`, where it has them.

    `PATH` loses its relative folders: they mean the current folder, which holds what a stranger wrote. Without any other it is
    the system's own.
    """
    names = (*ESSENTIAL, *(name for names in more for name in names))
    chosen = {name: host[name] for name in names if name in host}
    return chosen | {"PATH": os.pathsep.join(absolute_folders(chosen.get("PATH", ""))) or os.defpath}


def absolute_folders(path: str) -> list[str]:
    """Return the folders of a PATH that mean the same in every current folder."""
    return [folder for folder in path.split(os.pathsep) if Path(folder).is_absolute()]


def utf8_locale() -> dict[str, str]:
    """Return the locale of a child whose output is read as UTF-8, and the time zone that Lambda and ECS have."""
    return {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8" if sys.platform != "darwin" else "en_US.UTF-8", "TZ": "UTC"}
