"""Locked wheels: downloaded by pip, unpacked here. Nothing of them runs."""

from __future__ import annotations

import email
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from bunsui.errors import PackagingFailed
from bunsui.folders.files import read_regular
from bunsui.packaging.archive import Member
from bunsui.packaging.lock import Lock, normalise_name
from bunsui.packaging.target import Target
from bunsui.process_environment import CHILD_UMASK, HOME, SCRATCH, inherited_environment, utf8_locale

_TIMEOUT_SECONDS = 900
_LIMIT_WHEEL_BYTES = 1024 * 1_048_576
_PASSED_ON = re.compile(
    r"NETRC|XDG_\w+|(?:HTTPS?|ALL|NO)_PROXY|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE"
    r"|PIP_(?:CONFIG_FILE|INDEX_URL|EXTRA_INDEX_URL|NO_INDEX|FIND_LINKS|PROXY|CERT|CLIENT_CERT|TRUSTED_HOST|CACHE_DIR|TIMEOUT"
    r"|RETRIES|KEYRING_PROVIDER)",
    re.IGNORECASE,
)
"""How this machine reaches its package index. Nothing else of the environment reaches pip, least of all `AWS_*`."""
_NO_WHEEL = re.compile(r"No matching distribution found for ([^\s;(]+)")
_OTHER_BYTES = re.compile(r"^\s+([A-Za-z0-9][^\s;]*==[^\s;]+).* from .*:$", re.MULTILINE)
_UNCONDITIONAL = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")


def download(lock: Lock, target: Target, into: Path, *, host: Mapping[str, str], lock_path: str) -> None:
    """Let pip fetch the lock's wheels for the target into an existing folder.

    PackagingFailed names the package that has no wheel, or whose bytes are not the locked ones.
    """
    _check_markers(lock, target, lock_path)
    with tempfile.TemporaryDirectory(prefix="bunsui-pip-") as workplace:
        requirements = Path(workplace, "requirements.txt")
        requirements.write_text(lock.text(), encoding="utf-8")
        # pip asks rustc for its version; a rustup shim would answer by making a folder in the home.
        # -P and -E: neither the current folder nor PYTHON* variables may add code to pip.
        command = [sys.executable, "-P", "-E", "-m", "pip", "--disable-pip-version-check", "--no-input", "--no-color"]
        command += ["download", "--quiet", "--progress-bar=off", "--no-deps", "--only-binary=:all:", "--require-hashes"]
        command += [*target.pip_options(), f"--dest={into}", f"--requirement={requirements}"]
        try:
            done = subprocess.run(
                command,
                cwd=workplace,
                env={**_pip_environment(host), "RUSTUP_HOME": workplace},
                umask=CHILD_UMASK,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=_TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as problem:
            raise PackagingFailed(
                "download-timeout",
                "downloading the locked wheels took too long",
                hint="Check the way to the package index, then repeat the command; what was finished is kept.",
                seconds=_TIMEOUT_SECONDS,
                file=lock_path,
            ) from problem
    if done.returncode:
        raise _explain_errors(done.stderr, target, lock_path)


def are_locked(wheels: Sequence[Path], lock: Lock) -> bool:
    """Tell whether each wheel still has bytes that the lock names; files on a disk change, whoever changes them."""
    locked = {text for pin in lock.pins for text in pin.hashes}
    return all(any(f"{name}:{digest}" in locked for name, digest in _digests(wheel)) for wheel in wheels)


def _digests(wheel: Path) -> Iterator[tuple[str, str]]:
    content = read_regular(wheel, limit_bytes=_LIMIT_WHEEL_BYTES)
    for name in ("sha256", "sha384", "sha512"):
        yield name, hashlib.new(name, content).hexdigest()


def unpack(wheels: Sequence[Path]) -> dict[str, Member]:
    """Return the files of the wheels as they lie in a function's folder, importable from its root.

    Scripts and headers are left out: nothing in a function calls them. See the binary distribution format:
    https://packaging.python.org/en/latest/specifications/binary-distribution-format/
    """
    members: dict[str, Member] = {}
    for wheel in sorted(wheels, key=lambda path: path.name):
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.infolist():
                path = None if entry.is_dir() else _installed_path(entry.filename)
                if path is not None:
                    _check_inside(path, wheel)
                    executable = bool((entry.external_attr >> 16) & 0o100)
                    members[path] = Member(content=archive.read(entry), executable=executable)
    return members


def check_complete(members: Mapping[str, Member], *, lock_path: str) -> None:
    """Raise PackagingFailed, naming both, when a package needs another one that is not there.

    Only requirements without a condition are looked at: whether a condition holds is known in the function's runtime only.
    """
    metadata = {
        path: email.message_from_bytes(member.content)
        for path, member in members.items()
        if re.fullmatch(r"[^/]+\.dist-info/METADATA", path)
    }
    present = {normalise_name(str(document["Name"])) for document in metadata.values()}
    for document in metadata.values():
        for requirement in document.get_all("Requires-Dist", []):
            name = _UNCONDITIONAL.match(str(requirement))
            if name is not None and ";" not in requirement and normalise_name(name[1]) not in present:
                raise PackagingFailed(
                    "lock-incomplete",
                    "the requirements file does not lock everything that its packages need",
                    hint="Lock again with all dependencies, for example with `uv pip compile --generate-hashes`.",
                    file=lock_path,
                    package=document["Name"],
                    needs=requirement,
                )


def _check_markers(lock: Lock, target: Target, lock_path: str) -> None:
    asking = next((pin for pin in lock.pins if pin.asks_for_target), None)
    if target.platforms and asking is not None:
        raise PackagingFailed(
            "lock-for-many-platforms",
            "a condition in the requirements file would be judged by this machine, not by the function's runtime",
            hint=f"Lock for the runtime alone:\n  uv pip compile requirements.in --generate-hashes"
            f" --python-version {target.python} --python-platform linux -o {lock_path}",
            file=lock_path,
            package=asking.name,
            condition=asking.marker,
        )


def _pip_environment(host: Mapping[str, str]) -> dict[str, str]:
    index = {name: value for name, value in host.items() if _PASSED_ON.fullmatch(name)}
    return {
        **inherited_environment(host, HOME, SCRATCH),
        **utf8_locale(),
        **index,
        "PIP_REQUIRE_VIRTUALENV": "0",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _explain_errors(errors: str, target: Target, lock_path: str) -> PackagingFailed:
    facts = {"file": lock_path, "python": target.python}
    if "No module named pip" in errors:
        return PackagingFailed(
            "pip-missing",
            "pip is not installed beside bunsui",
            hint=f"Install it into bunsui's own environment, then repeat the command:\n  {sys.executable} -m ensurepip",
        )
    if "DO NOT MATCH THE HASHES" in errors:
        found = _OTHER_BYTES.search(errors)
        return PackagingFailed(
            "package-bytes-differ",
            "the index offers other bytes than the locked ones",
            hint="Find out why before you lock again: a released file never changes.",
            package=found[1] if found else None,
            **facts,
        )
    missing = _NO_WHEEL.search(errors)
    if missing:
        return PackagingFailed(
            "package-without-wheel",
            "the index has no wheel of this package for the function's runtime and architecture",
            hint="Choose a version that has one. bunsui never builds packages: building runs their code on this machine.",
            package=missing[1],
            **facts,
        )
    lines = [line.strip() for line in errors.strip().splitlines() if line.strip()]
    return PackagingFailed(
        "download-failed",
        "pip could not download the locked wheels",
        hint="Check the way to the package index, then repeat the command.",
        reason="\n".join(lines[-5:]) or None,
        **facts,
    )


def _installed_path(name: str) -> str | None:
    """Return where a wheel's file lies after installation, None for what is left out."""
    head, _, rest = name.partition("/")
    if not head.endswith(".data"):
        return name
    scheme, _, inner = rest.partition("/")
    return inner if scheme in ("purelib", "platlib", "data") and inner else None


def _check_inside(path: str, wheel: Path) -> None:
    parts = PurePosixPath(path).parts
    if not parts or ".." in parts or path.startswith("/") or "\\" in path or os.path.isabs(path):  # noqa: PTH117
        raise PackagingFailed(
            "wheel-unsafe",
            "a wheel holds a path that leads out of the function's folder",
            hint="Do not use this package, and tell its index.",
            wheel=wheel.name,
            path=path,
        )
