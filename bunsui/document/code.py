"""Code folders of Lambda functions, identified by their content. Nothing in them is ever imported or executed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bunsui.document.python.imports import MissingImport, missing_imports
from bunsui.document.reached_code import reached_digest
from bunsui.errors import InvalidInput
from bunsui.ports.source import FolderEntry, Source

_CONTINUED = re.compile(r"\\\r?\n")
_HARMLESS_OPTIONS = ("--only-binary", "--require-hashes")


def code_digest(
    entries: Sequence[FolderEntry], *, requirements: bytes | None, runtime: str, architecture: str
) -> str:  # fmt: skip
    """Return `sha256:` and 64 hex digits. The order of the entries, times, owners and permissions other than "executable" do
    not matter; every name, byte, the lock file, the runtime and the architecture do."""
    digest = hashlib.sha256()
    for part in (b"bunsui-code-1", runtime.encode(), architecture.encode(), requirements or b""):
        _add(digest, part)
    for entry in sorted(entries, key=lambda entry: entry.path):
        _add(digest, entry.path.encode())
        _add(digest, b"x" if entry.executable else b"-")
        _add(digest, entry.content)
    return f"sha256:{digest.hexdigest()}"


@dataclass(frozen=True, slots=True)
class CodeDigests:
    """What stands for the content of a code folder."""

    whole: str
    """Of all that is packaged."""
    reached: str
    """Of what the handler can reach; empty where nobody can tell."""
    missing: tuple[MissingImport, ...] = ()
    """What it imports that Lambda would not find."""


def read_code(
    source: Source,
    path: str,
    *,
    handler: str,
    requirements: str | None,
    runtime: str,
    architecture: str,
    exclude: Sequence[str] = (),
    include: Sequence[str] = (),
) -> CodeDigests:
    """Return the digests of a code folder; InvalidInput with the next step when the folder or the lock file cannot be used."""
    entries = source.folder(path, exclude=exclude, include=include)
    if not entries:
        raise InvalidInput("code-empty", "the code folder is empty", path=path)
    lock = source.read(requirements) if requirements is not None else None
    if lock is not None:
        problem = lock_problem(lock)
        if problem:
            raise InvalidInput(
                "lock-unhashed",
                f"the lock file cannot be used: {problem}",
                hint="Make one with hashes:  pip-compile --generate-hashes requirements.in",
                path=requirements,
            )
    whole = code_digest(entries, requirements=lock, runtime=runtime, architecture=architecture)
    if not runtime.startswith("python"):
        return CodeDigests(whole, "")
    seal = f"{runtime}\n{architecture}\n{hashlib.sha256(lock or b'').hexdigest()}"
    missing = missing_imports(entries, handler, runtime=runtime, lock=lock)
    return CodeDigests(whole, reached_digest(entries, handler, seal=seal), missing)


def lock_problem(content: bytes) -> str:
    """Return why a requirements file is no lock file with hashes, with the line; empty when it is one."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return "it is not UTF-8"
    # Joining keeps the line numbers: each continuation leaves its newline behind as a marker.
    joined = _CONTINUED.sub(" \x00", text)
    number = 1
    for line in joined.split("\n"):
        problem = _line_problem(line.replace("\x00", "").strip())
        if problem:
            return f"line {number}: {problem}"
        number += 1 + line.count("\x00")
    return ""


def _line_problem(line: str) -> str:
    bare = re.sub(r"(^|\s)#.*$", "", line).strip()
    if not bare or bare.startswith(_HARMLESS_OPTIONS):
        return ""
    if bare.startswith("-"):
        return f"the option {bare.split()[0]} is not allowed here"
    name = bare.split(";")[0].split("--hash")[0].strip()
    if "://" in name or " @ " in name or name.startswith((".", "/")):
        return f"{name} comes from an address or a path; only named and pinned packages are taken"
    if "==" not in name:
        return f"{name} is not pinned with =="
    if "--hash=" not in bare:
        return f"{name} has no --hash="
    return ""


def _add(digest: hashlib._Hash, part: bytes) -> None:
    digest.update(len(part).to_bytes(8, "big"))
    digest.update(part)
