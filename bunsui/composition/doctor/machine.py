"""Collect facts of the machine: Python, packages, terminal, git, folders, variables."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib import metadata, resources
from pathlib import Path

from bunsui import __version__
from bunsui.checkout.git import open_checkout
from bunsui.composition.own_files import around
from bunsui.errors import BunsuiError, Unavailable
from bunsui.folders.user import user_folders
from bunsui.services.doctor.machine import FolderFacts, InstalledPackage, MachineFacts, TerminalFacts
from bunsui.services.doctor.requirements import read_requirements

_PINNED = re.compile(r"(?m)^([A-Za-z0-9._-]+)==([A-Za-z0-9.]+)")
_OURS = "BUNSUI_"
KNOWN_VARIABLES = frozenset(
    {
        "BUNSUI_AWS_ACCOUNT", "BUNSUI_CI_AUTHOR", "BUNSUI_DIRECTORY", "BUNSUI_ENV", "BUNSUI_GITLAB_TOKEN", "BUNSUI_JSON",
        "BUNSUI_LOCAL_ECS", "BUNSUI_LOCAL_IDLE_MINUTES", "BUNSUI_NO_COLOR", "BUNSUI_PLAIN", "BUNSUI_PROFILE", "BUNSUI_PROJECT",
        "BUNSUI_REGION", "BUNSUI_RESIDENT", "BUNSUI_RESULT_URI", "BUNSUI_UTC", "BUNSUI_YES",
    }
)  # fmt: skip
"""Every variable of bunsui's own that something reads."""


def machine_facts(directory: Path, environ: Mapping[str, str], *, terminal: TerminalFacts) -> MachineFacts:
    """Return what can be found out about this machine."""
    mine = sorted(name for name in environ if name.startswith(_OURS))
    unknown = [name for name in mine if name not in KNOWN_VARIABLES]
    version, checkout = _git(directory)
    return MachineFacts(
        platform=f"{platform.system()} {platform.machine()}",
        python=sys.version_info[:3],
        version=__version__,
        packages=tuple(_packages()),
        tested=_read_tested_versions(),
        terminal=terminal,
        git=version,
        checkout=checkout,
        folders=tuple(_folders(directory, environ)),
        variables=tuple(name for name in mine if name in KNOWN_VARIABLES),
        unknown_variables={name: next(iter(get_close_matches(name, KNOWN_VARIABLES, n=1, cutoff=0.8)), "") for name in unknown},
    )


def _packages() -> Iterator[InstalledPackage]:
    try:
        lines = metadata.requires("bunsui") or []
    except metadata.PackageNotFoundError:
        return
    for requirement in read_requirements(lines, sys.version_info[:2]):
        try:
            version = metadata.version(requirement.name)
        except metadata.PackageNotFoundError:
            version = ""
        yield InstalledPackage(requirement=requirement, version=version)


def _read_tested_versions() -> Mapping[str, str]:
    """Return the versions of the lock that is installed with the resident: what bunsui was tested with."""
    try:
        text = resources.files("bunsui.resident").joinpath("requirements.txt").read_bytes().decode()
    except OSError:
        return {}
    return dict(_PINNED.findall(text))


def _git(directory: Path) -> tuple[str, BunsuiError | None]:
    """Return which git there is, and why it is not asked about the folder; a folder that is no checkout is no reason."""
    try:
        program = shutil.which("git")
        if program is None:
            return "", None
        open_checkout(directory)
    except BunsuiError as error:
        return ("", None) if error.code == "git-missing" else ("git", None if error.code == "not-a-checkout" else error)
    except OSError as error:
        return "git", unreadable(directory, error)
    return "git reads the checkout", None


def unreadable(path: Path, error: OSError) -> Unavailable:
    """Return the error for something on this machine that cannot be read."""
    return Unavailable(
        "cannot-read",
        "something on this machine cannot be read",
        hint="Look at its owner and mode.",
        file=error.filename or path,
        reason=error.strerror or error,
    )


def _folders(directory: Path, environ: Mapping[str, str]) -> Iterator[FolderFacts]:
    try:
        outside = around(directory)
    except OSError:
        outside = None
    yield _folder("the project's own files", directory.absolute(), is_needed=False)
    found = user_folders(environ, outside=outside)
    state = next((path for path in found.states if _is_writable(path)), None)
    if state is None:
        yield FolderFacts(purpose="what it remembers", path="no folder", is_writable=False, free_bytes=None)
    else:
        is_last = state == found.states[-1] and len(found.states) > 1
        yield _folder("what it remembers", state, is_fallback=is_last or (not environ.get("HOME") and len(found.states) == 1))
    cache = next((path for path in found.caches if _is_writable(path)), None)
    if cache is None:
        yield FolderFacts(purpose="the cache", path="no folder", is_writable=False, free_bytes=None, is_needed=False)
    else:
        yield _folder("the cache", cache, is_needed=False)


def _folder(purpose: str, path: Path, *, is_needed: bool = True, is_fallback: bool = False) -> FolderFacts:
    return FolderFacts(
        purpose=purpose,
        path=str(path),
        is_writable=_is_writable(path),
        free_bytes=_free_bytes(path),
        is_needed=is_needed,
        is_fallback=is_fallback,
    )


def _standing(path: Path) -> Path | None:
    """Return the folder, or the nearest one above that is there."""
    return next((one for one in (path, *path.parents) if one.is_dir()), None)


def _is_writable(path: Path) -> bool:
    """Tell whether the folder could be written, or made; it is not made to find that out."""
    try:
        found = _standing(path)
        return found is not None and os.access(found, os.W_OK | os.X_OK)
    except OSError:
        return False


def _free_bytes(path: Path) -> int | None:
    try:
        found = _standing(path)
        return shutil.disk_usage(found).free if found is not None else None
    except OSError:
        return None
