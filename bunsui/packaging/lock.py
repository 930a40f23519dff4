"""Reads a requirements lock: names, exact versions and hashes, and refuses everything that could build or redirect."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bunsui.errors import PackagingFailed

_PINNED = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)(?P<extras>\[[A-Za-z0-9._, -]*\])?"
    r"\s*==\s*(?P<version>[A-Za-z0-9.!+_-]+)\s*(?:;\s*(?P<marker>[^#]*?))?\s*"
)
_HASH = re.compile(r"--hash[=\s]\s*(sha(?:256|384|512):[0-9a-f]+)")
_INDEX = re.compile(r"(?:-i|--index-url|--extra-index-url)[=\s]\s*(\S+)")
_VARIABLE = re.compile(r"\$\{[A-Z0-9_]+\}")
"""pip puts the variable's value there: an address would carry off what is in the environment, such as an index's password."""
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_TARGET_MARKERS = re.compile(r"\b(python_version|python_full_version|sys_platform|platform_\w+|os_name|implementation_\w+)\b")

_HOW_TO_LOCK = (
    "Write a complete lock with hashes for the function's own runtime, for example:\n"
    "  uv pip compile requirements.in --generate-hashes --python-version {python} --python-platform linux -o {path}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One locked package."""

    name: str
    """Normalised: lower case, with `-`."""
    version: str
    extras: str
    """`[a,b]`, or empty."""
    marker: str
    """The environment marker, or empty."""
    hashes: tuple[str, ...]
    """`sha256:...`, sorted."""

    @property
    def asks_for_target(self) -> bool:
        """True when the marker depends on the interpreter or platform that the package is for."""
        return bool(_TARGET_MARKERS.search(self.marker))

    def line(self) -> str:
        """Return the pin as pip reads it."""
        marker = f" ; {self.marker}" if self.marker else ""
        return f"{self.name}{self.extras}=={self.version}{marker} " + " ".join(f"--hash={text}" for text in self.hashes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """A whole lock file."""

    pins: tuple[Pin, ...]
    """Sorted by name."""
    index_options: tuple[str, ...] = ()
    """Index options of the file, as pip reads them."""

    def text(self) -> str:
        """Return the lock in one form for one meaning: comments, order and line breaks do not matter."""
        return "\n".join([*self.index_options, *(pin.line() for pin in self.pins), ""])


def normalise_name(name: str) -> str:
    """Return the name under which an index knows a package (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_lock(text: str, *, path: str, python: str) -> Lock:
    """Read a lock file; `path` and `python` are named in errors.

    PackagingFailed names the line that is not an exact version with at least one hash: a URL, a folder, `-e`, `-r` and every
    option that is not an index would let pip build or fetch what nobody locked.
    """
    pins: dict[tuple[str, str], Pin] = {}
    options = []
    for number, statement in _statements(text):
        index = _INDEX.fullmatch(statement)
        is_open = bool(_VARIABLE.search(statement))
        if index and not is_open:
            options.append(statement)
            continue
        pin = None if is_open else _pin(statement)
        if pin is None:
            raise PackagingFailed(
                "lock-unusable",
                "a line of the requirements file is not an exact version with a hash",
                hint=_HOW_TO_LOCK.format(python=python, path=path),
                file=path,
                line=number,
                text=statement,
            )
        pins[pin.name, pin.marker] = pin
    return Lock(pins=tuple(pins[key] for key in sorted(pins)), index_options=tuple(options))


def _pin(statement: str) -> Pin | None:
    hashes = _HASH.findall(statement)
    found = _PINNED.fullmatch(_HASH.sub("", statement).strip())
    if not hashes or found is None:
        return None
    return Pin(
        name=normalise_name(found["name"]),
        version=found["version"],
        extras=(found["extras"] or "").replace(" ", ""),
        marker=(found["marker"] or "").strip(),
        hashes=tuple(sorted(set(hashes))),
    )


def _statements(text: str) -> list[tuple[int, str]]:
    """Return logical lines with the number of their first line: comments removed, continued lines joined."""
    statements: list[tuple[int, str]] = []
    parts: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        bare = _COMMENT.sub("", line).rstrip()
        if not parts:
            began = number
        parts.append(bare.removesuffix("\\").strip())
        if not bare.endswith("\\"):
            statement = " ".join(part for part in parts if part)
            if statement:
                statements.append((began, statement))
            parts = []
    rest = " ".join(part for part in parts if part)
    return [*statements, (began, rest)] if rest else statements
