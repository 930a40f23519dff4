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
from bunsui.packaging.interpreters import interpreter_for, missing_notice, missing_pythons
from bunsui.packaging.lock import Lock, read_lock
from bunsui.packaging.target import Target, host_target, is_like_lambda, lambda_target
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
        notice: Callable[[str], None] = lambda _: None,
        keeps: Callable[[str], bool] = lambda _: True,
    ) -> None:
        """Read folders from `source` and keep results in what `cache` opens; of the files of wheels those that `keeps` tells.

        `for_this_machine` packs wheels for the Python that the embedded AWS runs the function with; those of the function's
        runtime are fetched all the same, so that one that Lambda would miss is missed here too. `environment` is the host's
        (os.environ when None): where pip learns its index from. `notice` hears once of each runtime whose Python is not here.
        """
        self._source = source
        self._cache = cache
        self._for_this_machine = for_this_machine
        self._environment = os.environ if environment is None else environment
        self._notice = notice
        self._told: set[str] = set()
        self._telling = threading.Lock()
        self._keeps = keeps

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
        self._tell_of_python(code.runtime)
        targets = self._targets(code) if lock is not None else None
        key = _archive_key(entries, lock, targets)
        content = self._cache().archive(key)
        if content is None:
            content = self._build(code, entries, lock, targets)
            self._cache().keep_archive(key, content)
        return Package(zip_bytes=content, sha256_base64=base64.b64encode(hashlib.sha256(content).digest()).decode())

    def _targets(self, code: CodeSource) -> tuple[Target, Target]:
        """Return for what the wheels are packed, and what Lambda needs; often the same."""
        wanted = lambda_target(code.runtime, code.architecture)
        if not self._for_this_machine:
            return wanted, wanted
        python = interpreter_for(code.runtime, self._environment.get("PATH", "")).version
        return (wanted if is_like_lambda(code.runtime, code.architecture, python) else host_target(python)), wanted

    def _tell_of_python(self, runtime: str) -> None:
        if not self._for_this_machine:
            return
        with self._telling:  # functions are packed side by side
            if runtime in self._told:
                return
            self._told.add(runtime)
        if missing_pythons([runtime], self._environment.get("PATH", "")):
            self._notice(missing_notice(runtime))

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

    def _build(
        self, code: CodeSource, entries: Sequence[FolderEntry], lock: Lock | None, targets: tuple[Target, Target] | None
    ) -> bytes:
        own = {entry.path: Member(content=entry.content, executable=entry.executable) for entry in entries}
        if lock is None or targets is None:
            content = zip_members(own)
            _check_size(total_bytes(own.values()), len(content), code)
            return content
        packed, wanted = ({**self._packages(code, lock, target, own), **own} for target in targets)
        content = zip_members(packed)
        in_lambda = content if targets[0] == targets[1] else zip_members(wanted)
        _check_size(total_bytes(wanted.values()), len(in_lambda), code)
        return content

    def _packages(self, code: CodeSource, lock: Lock, target: Target, own: Mapping[str, Member]) -> dict[str, Member]:
        path = code.requirements or ""

        def fill(folder: Path) -> None:
            download(lock, target, folder, host=self._environment, lock_path=path)

        key = hashlib.sha256(f"{_FORMAT}\n{target.key}\n{lock.text()}".encode()).hexdigest()
        wheels = sorted(self._cache().folder(key, fill).glob("*.whl"))
        if not are_locked(wheels, lock):
            self._cache().forget_folder(key)
            wheels = sorted(self._cache().folder(key, fill).glob("*.whl"))
        packages = {name: member for name, member in unpack(wheels).items() if self._keeps(name)}
        check_complete(packages, lock_path=path)
        _check_apart(own, packages, code)
        return packages


def _archive_key(entries: Sequence[FolderEntry], lock: Lock | None, targets: tuple[Target, ...] | None) -> str:
    """Return a digest over everything that decides the archive, each part with its length so that none can pass for another."""
    digest = hashlib.sha256()
    parts = [_FORMAT.encode(), (lock.text() if lock else "").encode(), *(target.key.encode() for target in targets or ())]
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
