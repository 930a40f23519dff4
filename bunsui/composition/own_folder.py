"""The `.bunsui` of a checkout, as the commands open it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from bunsui.checkout.git import UNSAFE, open_checkout, tops
from bunsui.checkout.index import tracked_paths
from bunsui.errors import BunsuiError, MissingExtra
from bunsui.folders.project import FOLDER, ProjectFolder
from bunsui.folders.user import UserFolders, system_home, user_folders


def user_folders_for(project: Path) -> UserFolders:
    """Return the user's folders for work in the project; none of them lies inside it, or in the checkout around it, as with
    `XDG_CACHE_HOME` in a folder of a CI job. A home that is a checkout itself goes on being the user's."""
    top = next(tops(project.resolve()), project)
    return user_folders(os.environ, outside=project if _is_home_in(top) else top)


def project_folder(project: Path, *, notice: Callable[[str], None]) -> ProjectFolder:
    """Return the project's own folder, not opened yet; `notice` tells the user what was moved aside."""
    return ProjectFolder(
        root=project,
        user=user_folders_for(project),
        is_tracked=lambda: is_tracked(project, FOLDER),
        notice=notice,
        release=_release,
    )


def _release(data: Path) -> bool:
    from bunsui.emulator.launcher.launcher import let_go  # deferred: whoever only looks at the folder needs no launcher

    return let_go(data)


def is_tracked(folder: Path, name: str) -> bool:
    """Tell whether git tracks a file of that name in the folder, or one below it, also where upper and lower case are one.

    False outside a checkout; True in one that is not read because it may hold anything, and where git does not say. Without git
    its index is read: another program may bring a git of its own.
    """
    try:
        checkout = open_checkout(folder)
    except MissingExtra:
        return _is_in_index(folder.resolve(), name)
    except BunsuiError as error:
        return error.code == UNSAFE
    where = f":(top,literal,icase){checkout.prefix}{name}"
    found = checkout.ask("ls-files", "-z", "--", where, magic=True)
    return not found.ok or bool(found.out)


def _is_home_in(folder: Path) -> bool:
    home = system_home()
    return home is not None and home.resolve().is_relative_to(folder.resolve())


def _is_in_index(folder: Path, name: str) -> bool:
    top = next(tops(folder), None)
    if top is None:
        return False
    wanted = os.fsencode((folder / name).relative_to(top).as_posix()).lower()
    try:
        return any(f"{os.fsdecode(path.lower())}/".startswith(f"{os.fsdecode(wanted)}/") for path in tracked_paths(top))
    except ValueError:
        return True
