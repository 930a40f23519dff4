"""bunsui's own code as a function's: the installed files that a look at sessions needs, and the lock of what they import.

Nothing is built: the files are taken as they lie, so what runs in Lambda is what runs here. The wheels are those of the lock
that bunsui ships, for the function's own runtime.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import bunsui
from bunsui import __version__
from bunsui.document.applied_text import NoFiles
from bunsui.model.environment.resident import CODE_PATH, LOCK_PATH, ResidentCode
from bunsui.model.resource import CodeSource
from bunsui.packaging.packager import FolderPackager
from bunsui.ports.packaging import Package
from bunsui.ports.source import FolderEntry

_LEFT_OUT = frozenset({"checkout", "cli", "emulator", "folders", "forge", "packaging", "testing", "testkit", "tui", "view"})
"""What people look at, and what works on files of a project: nothing of it is imported there, which a contract of the imports
holds."""


_CALLED = frozenset(
    {"dynamodb", "ecs", "lambda", "logs", "s3", "scheduler", "secretsmanager", "sns", "ssm", "stepfunctions", "sts"}
)
_DATA = "botocore/data/"


def is_needed(path: str) -> bool:
    """Tell whether a look needs a file of the wheels: of botocore's descriptions, which are most of it, those of the services
    that it calls."""
    service, slash, _ = path.removeprefix(_DATA).partition("/")
    return not path.startswith(_DATA) or not slash or service in _CALLED


class InstalledFiles(NoFiles):
    """The installed package `bunsui` as the source of a code folder, without files of a project."""

    def __init__(self, root: Path | None = None) -> None:
        """Read from where the package lies; `root` for tests."""
        self._root = root or Path(bunsui.__file__).parent

    def holds(self, path: str) -> bool:
        """Tell whether there is such a file."""
        return self._place(path).exists()

    def read(self, path: str, *, limit_bytes: int = 1_048_576) -> bytes:
        """Return the bytes of a file, its path with the package's name before it."""
        return self._place(path).read_bytes()

    def folder(self, path: str, *, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> Sequence[FolderEntry]:
        """Return the package as a function's folder holds it: below its own name, without what is left out."""
        return [
            FolderEntry(path=f"{CODE_PATH}/{name}", executable=False, content=file.read_bytes()) for name, file in self._files()
        ]

    def _place(self, path: str) -> Path:
        return self._root.parent / path if self._root.name == CODE_PATH else self._root / path.removeprefix(f"{CODE_PATH}/")

    def _files(self) -> Iterator[tuple[str, Path]]:
        for place in sorted(self._root.iterdir()):
            if place.is_dir() and place.name not in _LEFT_OUT and place.name != "__pycache__":
                found = [file for file in place.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
            else:
                found = [place] if place.is_file() else []
            yield from ((file.relative_to(self._root).as_posix(), file) for file in sorted(found))


class OwnOrProject:
    """Packages bunsui's own code from where it is installed, and every other from the project."""

    def __init__(self, *, own: FolderPackager, project: FolderPackager) -> None:
        """Have these two do it."""
        self._own = own
        self._project = project

    def package(self, code: CodeSource) -> Package:
        """Return the archive; see `bunsui.ports.packaging.Packager`."""
        return (self._own if code.is_own else self._project).package(code)


@cache
def own_code() -> ResidentCode:
    """Return version and digest of what a resident made by this process is made of."""
    source, digest = InstalledFiles(), hashlib.sha256()
    for entry in source.folder(CODE_PATH):
        for part in (entry.path.encode(), entry.content):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    digest.update(source.read(LOCK_PATH))
    return ResidentCode(version=__version__, digest=digest.hexdigest())
