"""Where the user's own configuration stands, seen from a folder that may be anybody's."""

from __future__ import annotations

import os
from pathlib import Path

from bunsui.checkout.git import tops
from bunsui.composition.settings import find_root
from bunsui.errors import BunsuiError
from bunsui.folders.configuration import configuration_folder
from bunsui.folders.user import system_home


def own_file(directory: Path, name: str) -> Path:
    """Return where a file of the user's configuration stands; never inside the checkout, or the project, that `directory`
    belongs to. Unavailable when there is no home."""
    return configuration_folder(os.environ, outside=around(directory)) / name


def around(directory: Path) -> Path | None:
    """Return the checkout or project that the folder belongs to; None for none, and for one that the user's home lies in."""
    top = next(tops(directory.resolve()), None) or project_root(directory)
    home = system_home()
    return None if top is None or (home is not None and home.resolve().is_relative_to(top)) else top


def project_root(directory: Path) -> Path | None:
    """Return the root of the project that the folder belongs to; None for none."""
    try:
        return find_root(directory)
    except BunsuiError:
        return None
