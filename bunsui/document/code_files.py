"""Which files of a code folder belong to the function: what was meant, not what happens to lie there.

Left out without a word: hidden files and folders, caches, installed packages (`node_modules`, virtual environments). Left out
and told: what looks like a secret. `include:` brings back what is named, but never git's, bunsui's and Python's own; `exclude:`
leaves out what is named, and counts before `include:`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from bunsui.document.globs import Glob, glob_pattern, is_left_out
from bunsui.ports.source import UnusedPattern

ENVIRONMENT_MARK = "pyvenv.cfg"
"""The file that makes a folder a virtual environment: https://peps.python.org/pep-0405/"""
_INSTALLED = frozenset({"node_modules"})
_SECRETS = (
    ".env*",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "id_rsa*",
    "id_dsa*",
    "id_ecdsa*",
    "id_ed25519*",
    "credentials*",
    ".netrc",
)
_PROGRAMS = (".py", ".pub", ".example", ".sample", ".template")
"""A module `credentials.py` is code; a public key, or an example of a file, is no secret."""


def looks_secret(name: str) -> bool:
    """Tell whether a file of that name usually holds a key, a password or a token."""
    lower = name.lower()
    return not lower.endswith(_PROGRAMS) and any(fnmatchcase(lower, pattern) for pattern in _SECRETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeFiles:
    """What is taken of a folder; paths are relative to it, with `/`."""

    exclude: tuple[Glob, ...] = ()
    include: tuple[Glob, ...] = ()

    def takes(self, path: str, *, environments: Collection[str] = ()) -> bool:
        """Tell whether the file is part of the function. `environments` are the folders that are virtual environments."""
        steps = list(_steps(path))
        if any(is_left_out(_name(step)) for step in steps) or _is_named(self.exclude, *steps):
            return False
        usual = not any(_is_usually_left_out(step, environments) for step in steps) and not looks_secret(_name(path))
        return usual or _is_named(self.include, *steps)

    def enters(self, folder: str, *, is_environment: bool) -> bool:
        """Tell whether anything below the folder may be taken."""
        if is_left_out(_name(folder)) or _is_named(self.exclude, folder):
            return False
        return bool(self.include) or not (is_environment or _is_usually_left_out(folder, ()))

    def withholds(self, path: str, *, environments: Collection[str] = ()) -> bool:
        """Tell whether the file is left out because it looks like a credential, and nobody said what is meant."""
        steps = list(_steps(path))
        if any(_is_usually_left_out(step, environments) for step in steps[:-1]):
            return False
        said = _is_named(self.exclude, *steps) or _is_named(self.include, *steps)
        return looks_secret(_name(path)) and not said and not any(is_left_out(_name(step)) for step in steps)


def _is_named(patterns: Sequence[Glob], *steps: str) -> bool:
    """Tell whether a pattern names the file or a folder above it. One without `/` is about names at any depth."""
    return any(pattern.fullmatch(step if len(pattern.parts) > 1 else _name(step)) for pattern in patterns for step in steps)


class PatternUse:
    """Notes, as a code folder is gone through, which of its patterns name something in it.

    An `include` names something when it brings a file into the function, or would if that were not there anyway.
    """

    def __init__(self, *, exclude: Sequence[str], include: Sequence[str]) -> None:
        """Begin with all of them unused; files and folders are told to `enters` and `takes`."""
        self._files = code_files(exclude=exclude, include=include)
        self._entered = code_files(include=include)
        self._left = {
            "exclude": {pattern: glob_pattern(pattern) for pattern in exclude if not _is_precaution(pattern)},
            "include": {pattern: glob_pattern(pattern) for pattern in include},
        }

    def enters(self, folder: str, *, is_environment: bool) -> bool:
        """Note the folder; tell whether anything below it may be named. What is excluded is gone into as well."""
        self._note("exclude", folder)
        return self._entered.enters(folder, is_environment=is_environment)

    def takes(self, path: str, *, environments: Collection[str] = ()) -> bool:
        """Note the file; it is not asked for."""
        for step in _steps(path):
            self._note("exclude", step)
            if is_left_out(_name(step)) or (_is_usually_left_out(step, environments) and not self._entered.include):
                break
        if self._files.takes(path, environments=environments):
            for step in _steps(path):
                self._note("include", step)
        return False

    def unused(self) -> tuple[UnusedPattern, ...]:
        """Return those that named nothing. An `exclude` of what is left out by itself is a precaution, and never among them."""
        return tuple(UnusedPattern(key=key, pattern=pattern) for key, patterns in self._left.items() for pattern in patterns)

    def _note(self, key: str, step: str) -> None:
        left = self._left[key]
        for pattern in [one for one, glob in left.items() if _is_named((glob,), step)]:
            del left[pattern]


def _is_precaution(pattern: str) -> bool:
    parts = glob_pattern(pattern).parts
    return any(is_left_out(part) or _is_usually_left_out(part, ()) or looks_secret(part) for part in parts)


def code_files(*, exclude: Sequence[str] = (), include: Sequence[str] = ()) -> CodeFiles:
    """Return what is taken of a folder with these patterns."""
    return CodeFiles(exclude=tuple(map(glob_pattern, exclude)), include=tuple(map(glob_pattern, include)))


def _is_usually_left_out(path: str, environments: Collection[str]) -> bool:
    name = _name(path)
    return name.startswith(".") or name in _INSTALLED or path in environments


def _steps(path: str) -> Iterator[str]:
    """Yield the folders above the path, from the top, and the path itself."""
    place = path.find("/")
    while place >= 0:
        yield path[:place]
        place = path.find("/", place + 1)
    yield path


def _name(path: str) -> str:
    return path.rpartition("/")[2]
