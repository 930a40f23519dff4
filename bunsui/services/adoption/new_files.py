"""The files of an import: written below the project's folder through no link, removed when it is undone."""

from __future__ import annotations

import stat
from pathlib import Path

from bunsui.errors import InvalidInput
from bunsui.held_folder import hold
from bunsui.services.drafting.kept import content_of, file_steps


def write_new_file(root: Path, path: str, content: bytes) -> None:
    """Write a file that is not there, whole or not at all.

    Raises:
        InvalidInput: something is there, a link lies in the way, or it cannot be written.

    """
    *above, name = file_steps(path)
    try:
        with hold(root) as top, top.steps(above, make=True) as folder:
            if folder.has(name):
                raise FileExistsError(17, "a file is there meanwhile")
            folder.write(name, content, mode=0o644)
    except OSError as problem:
        raise _not_written(path, problem) from problem


def remove_new_file(root: Path, path: str) -> None:
    """Remove a file that the import wrote; success when it is gone already."""
    *above, name = file_steps(path)
    try:
        with hold(root) as top, top.steps(above) as folder:
            if folder.has(name):
                folder.remove(name)
    except OSError as problem:
        raise _not_written(path, problem) from problem


def replace_file(root: Path, path: str, before: bytes, after: bytes) -> None:
    """Write a file anew, in one step, that holds `before`.

    Raises:
        InvalidInput: it holds something else meanwhile, or cannot be written.

    """
    *above, name = file_steps(path)
    try:
        if content_of(root, path) != before:
            raise FileExistsError(17, "it holds something else meanwhile")
        with hold(root) as top, top.steps(above) as folder:
            folder.write(name, after, mode=stat.S_IMODE(folder.lstat(name).st_mode))
    except OSError as problem:
        raise _not_written(path, problem) from problem


def _not_written(path: str, problem: OSError) -> InvalidInput:
    return InvalidInput(
        "cannot-write",
        "a file of the import cannot be written or removed",
        hint="Correct what the reason says, then repeat the command: it goes on where it ended.",
        file=path,
        reason=(problem.strerror or type(problem).__name__).lower(),
    )
