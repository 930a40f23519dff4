"""What packages functions: those of the project's folders, and bunsui's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bunsui.project.files import RootFolder

if TYPE_CHECKING:
    from bunsui.ports.packaging import Packager


def packager_for(root: Path, *, is_local: bool, notice: Callable[[str], None]) -> Packager:
    """Return what packages for an environment; `notice` is told what the user should know."""
    from bunsui.composition.own_folder import user_folders_for
    from bunsui.packaging.own_code import InstalledFiles, OwnOrProject, is_needed
    from bunsui.packaging.packager import FolderPackager, UserCache

    cache = UserCache(user_folders_for(root), notice)
    make = partial(FolderPackager, cache=cache, for_this_machine=is_local, notice=notice)
    return OwnOrProject(own=make(InstalledFiles(), keeps=is_needed), project=make(RootFolder(root)))
