"""The emulator that the embedded AWS is made of: one version, whose files are known, and no other.

It is corrected by reaching inside (`bunsui.emulator.patches`), and it runs code as the user: what it is must not depend on the
day on which it was installed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata, resources

from bunsui.errors import LocalFailed

_FILE = "emulator-lock.txt"
_LINE = re.compile(r"(?P<name>[\w.-]+)==(?P<version>[\w.]+)")
_FILES = re.compile(r"# files: sha256:(?P<digest>[0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedEmulator:
    """What the lock says."""

    name: str
    version: str
    files: str
    """The digest of its Python files, by `digest_of`."""


def read_lock() -> LockedEmulator:
    """Read the lock that comes with this package."""
    text = resources.files("bunsui.emulator.launcher").joinpath(_FILE).read_text(encoding="utf-8")
    line, files = _LINE.search(text), _FILES.search(text)
    assert line is not None, f"{_FILE} names no version"
    assert files is not None, f"{_FILE} names no digest"
    return LockedEmulator(name=line["name"], version=line["version"], files=files["digest"])


def digest_of(record: Iterable[str]) -> str:
    """Return the digest of what a wheel's RECORD says of its Python files: however it was installed."""
    rows = sorted(row.strip().rpartition(",")[0] for row in record if row.split(",")[0].endswith(".py"))
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def check_emulator() -> None:
    """Check that the installed emulator is the locked one.

    Raises:
        LocalFailed: `local-emulator-version`, when it is another version or holds other files.

    """
    wanted = read_lock()
    try:
        record = metadata.distribution(wanted.name).read_text("RECORD") or ""
    except metadata.PackageNotFoundError:
        record = ""
    # The name of a folder in the record: to ask for the version reads all of the metadata, which takes longer than the rest.
    found = re.search(rf"^{re.escape(wanted.name)}-([^-/]+)\.dist-info/", record, re.MULTILINE)
    version = found[1] if found else ""
    if version == wanted.version and digest_of(record.splitlines()) == wanted.files:
        return
    raise LocalFailed(
        "local-emulator-version",
        "the emulator that is installed is not the one that this bunsui was tested with",
        hint=f"Install bunsui again in a place of its own, with what it pins:\n  pip install {wanted.name}=={wanted.version}",
        installed=version or "unknown",
        wanted=wanted.version,
        reason="its files are others" if version == wanted.version else None,
    )
