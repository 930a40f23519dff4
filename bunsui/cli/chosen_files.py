"""The files of the language that a command is about: those that were named, else the whole project's."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bunsui.cli.named_files import held_parent, write_named_file
from bunsui.cli.options import Globals
from bunsui.composition.settings import find_root, load_settings
from bunsui.composition.workspace import Workspace, operation_types
from bunsui.errors import InvalidInput, NotFound
from bunsui.operations.contract import OperationType
from bunsui.project.repository import Repository
from bunsui.services.rewriting.formatting import files_of, not_used

_LIMIT_BYTES = 1_048_577
"""One more than a file of the language may have, so that a larger one is refused as too large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenFiles:
    """Files by the paths that they are told by, relative to where the command was started."""

    contents: Mapping[str, bytes]
    registry: Mapping[str, OperationType]
    root: Path | None = None
    """The project's folder, out of which no link leads; None without a project."""

    def write(self, file: str, content: bytes) -> None:
        """Replace a file in one step, its permissions kept; InvalidInput when a link leads elsewhere."""
        path = Path(file)
        mode = stat.S_IMODE(path.lstat().st_mode)
        write_named_file(path, content.decode("utf-8"), what="a file", mode=mode, within=self.root)


def chosen_files(options: Globals, paths: Sequence[Path]) -> ChosenFiles:
    """Read the files that were named and those of the project in the folders that were named; all of the project for none.

    Definitions and code that pipelines of the project name are left out.

    Raises:
        InvalidInput: a file is missing, or is no regular file.
        NotFound: there is no project, where one is needed.

    """
    files = [path for path in paths if not path.is_dir()]
    folders = [path for path in paths if path.is_dir()]
    root, repository = _project(options, is_needed=not paths or bool(folders))
    names = [path.as_posix() for path in files]
    if root is not None and repository is not None:
        prefix = _prefix(root)
        named = {_from_root(path, root): path.as_posix() for path in files}
        kept = not_used(repository, list(named)) if named else ()
        names = [named[name] for name in kept]
        inside = files_of(repository) if folders or not paths else ()
        wanted = [prefix + name for name in inside if not paths or any(_lies_in(root / name, folder) for folder in folders)]
        names = list(dict.fromkeys([*names, *wanted]))
    registry = repository.registry if repository is not None else operation_types()
    return ChosenFiles(contents={name: _read(Path(name), root) for name in names}, registry=registry, root=root)


def _project(options: Globals, *, is_needed: bool) -> tuple[Path | None, Repository | None]:
    try:
        root = find_root(options.directory)
        settings = load_settings(options.directory, environment=options.environment, environ=os.environ)
    except (NotFound, InvalidInput):
        if is_needed:
            raise
        return None, None
    return root, Workspace(options, settings).draft


def _read(path: Path, root: Path | None) -> bytes:
    try:
        folder = held_parent(path, root)
        if folder is None:
            raise OSError(errno.ELOOP, "a link leads out of the folder")
        with folder, os.fdopen(folder.open_regular(path.name), "rb") as file:
            return file.read(_LIMIT_BYTES)
    except FileNotFoundError as error:
        raise InvalidInput("no-file", "there is no such file", file=path) from error
    except OSError as error:
        raise InvalidInput("file-refused", "the file cannot be read, or is a link", file=path) from error


def _from_root(path: Path, root: Path) -> str:
    return Path(os.path.relpath(path.absolute(), root)).as_posix()


def _lies_in(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _prefix(root: Path) -> str:
    way = Path(os.path.relpath(root)).as_posix()
    return "" if way == "." else f"{way}/"
