"""Builds the package of a function: its folder and its locked wheels in one archive."""

from __future__ import annotations

import base64
import hashlib
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bunsui.errors import PackagingFailed
from bunsui.folders.user import UserFolders
from bunsui.model.resource import CodeSource
from bunsui.packaging.archive import Member, total_bytes, zip_members
from bunsui.packaging.cache import PackageCache
from bunsui.packaging.lock import Lock, read_lock
from bunsui.packaging.target import Target, host_target, lambda_target
from bunsui.packaging.wheels import are_locked, check_complete, download, unpack
from bunsui.ports.packaging import Package
from bunsui.ports.source import FolderEntry, Source

_FORMAT = "1"
"""Changes when the same input would give another archive."""
_ZIPPED_LIMIT_BYTES = 50 * 1024 * 1024
_UNZIPPED_LIMIT_BYTES = 250 * 1024 * 1024
"""What Lambda takes in a request: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


class UserCache:
    """The user's cache, opened when it is first asked for; where no home can be written, one that is gone with this process."""

    def __init__(self, user: UserFolders, notice: Callable[[str], None]) -> None:
        """Name whose it is, and who tells the user that nothing is kept."""
        self._user = user
        self._notice = notice
        self._opened: PackageCache | None = None
        self._mutex = threading.Lock()

    def __call__(self) -> PackageCache:
        """Return the cache."""
        with self._mutex:
            if self._opened is None:
                if self._user.cache is None:
                    self._notice("there is no home folder that can be written, so packages are not kept for the next time")
                self._opened = PackageCache(self._user.cache_or_temporary / "packages", key=self._user.key)
            return self._opened


class FolderPackager:
    """Packages code folders of a project; see `bunsui.ports.packaging.Packager`."""

    def __init__(
        self,
        source: Source,
        cache: Callable[[], PackageCache],
        *,
        for_this_machine: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Read folders from `source` and keep results in what `cache` opens.

        `for_this_machine` chooses wheels for the interpreter that runs now, as the embedded AWS needs them, instead of for the
        function's runtime. `environment` is the host's (os.environ when None): where pip learns its index from.
        """
        self._source = source
        self._cache = cache
        self._for_this_machine = for_this_machine
        self._environment = os.environ if environment is None else environment

    def package(self, code: CodeSource) -> Package:
        """Return the archive, from the cache when the same content was packaged before."""
        try:
            return self._package(code)
        except OSError as problem:
            raise PackagingFailed(
                "package-cache-unusable",
                "the package of a function could not be written or read",
                hint="Free some space, or make the folder writable, then apply again.",
                file=problem.filename,
                reason=problem.strerror or problem,
            ) from problem

    def _package(self, code: CodeSource) -> Package:
        entries = self._source.folder(code.path, exclude=code.exclude, include=code.include)
        lock = self._lock(code)
        target = self._target(code) if lock is not None else None
        key = _archive_key(entries, lock, target)
        content = self._cache().archive(key)
        if content is None:
            content = self._build(code, entries, lock, target)
            self._cache().keep_archive(key, content)
        return Package(zip_bytes=content, sha256_base64=base64.b64encode(hashlib.sha256(content).digest()).decode())

    def _target(self, code: CodeSource) -> Target:
        return host_target() if self._for_this_machine else lambda_target(code.runtime, code.architecture)

    def _lock(self, code: CodeSource) -> Lock | None:
        if code.requirements is None:
            return None
        try:
            text = self._source.read(code.requirements).decode("utf-8-sig")
        except UnicodeDecodeError as problem:
            raise PackagingFailed(
                "lock-unusable", "the requirements file is not UTF-8 text", hint="Save it as UTF-8.", file=code.requirements
            ) from problem
        lock = read_lock(text, path=code.requirements, python=code.runtime.removeprefix("python"))
        return lock if lock.pins else None

    def _build(self, code: CodeSource, entries: Sequence[FolderEntry], lock: Lock | None, target: Target | None) -> bytes:
        own = {entry.path: Member(content=entry.content, executable=entry.executable) for entry in entries}
        members = own
        if lock is not None and target is not None:
            packages = self._packages(code, lock, target)
            _check_apart(own, packages, code)
            members = {**packages, **own}
        content = zip_members(members)
        if not self._for_this_machine:
            _check_size(total_bytes(members.values()), len(content), code)
        return content

    def _packages(self, code: CodeSource, lock: Lock, target: Target) -> dict[str, Member]:
        path = code.requirements or ""

        def fill(folder: Path) -> None:
            download(lock, target, folder, host=self._environment, lock_path=path)

        key = hashlib.sha256(f"{_FORMAT}\n{target.key}\n{lock.text()}".encode()).hexdigest()
        wheels = sorted(self._cache().folder(key, fill).glob("*.whl"))
        if not are_locked(wheels, lock):
            self._cache().forget_folder(key)
            wheels = sorted(self._cache().folder(key, fill).glob("*.whl"))
        packages = unpack(wheels)
        check_complete(packages, lock_path=path)
        return packages


def _archive_key(entries: Sequence[FolderEntry], lock: Lock | None, target: Target | None) -> str:
    """Return a digest over everything that decides the archive, each part with its length so that none can pass for another."""
    digest = hashlib.sha256()
    parts = [_FORMAT.encode(), (lock.text() if lock else "").encode(), (target.key if target else "").encode()]
    for entry in sorted(entries, key=lambda item: item.path):
        parts += [entry.path.encode(), b"x" if entry.executable else b"-", entry.content]
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def _check_apart(own: Mapping[str, Member], packages: Mapping[str, Member], code: CodeSource) -> None:
    both = sorted(path for path in own.keys() & packages.keys() if own[path].content != packages[path].content)
    if both:
        raise PackagingFailed(
            "code-hides-package",
            "a file of the folder has the same path as a file of a locked package",
            hint="Rename the file, or remove the package from the requirements.",
            folder=code.path,
            path=both[0],
        )


def _check_size(unzipped: int, packed: int, code: CodeSource) -> None:
    if unzipped > _UNZIPPED_LIMIT_BYTES or packed > _ZIPPED_LIMIT_BYTES:
        raise PackagingFailed(
            "package-too-large",
            "the package is larger than Lambda takes",
            hint="Leave out what the function does not need, or run it as a container.",
            folder=code.path,
            zipped=f"{packed / 1048576:.1f} MiB of 50",
            unzipped=f"{unzipped / 1048576:.1f} MiB of 250",
        )
