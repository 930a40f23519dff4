"""Drafts on disk: beside their files, found again at the next start.

Each lies in a folder `.bunsui-drafts` beside its file, which git ignores by the folder's own `.gitignore`, and in which no
pattern of a project looks. A checkout may bring such a folder along, so links are refused, and a draft is believed only when
its file is this user's and nobody else's to read: git makes no such files.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bunsui.document.edit.draft import Draft, DraftStep
from bunsui.document.globs import DRAFTS_FOLDER, OWN_OF_TOOLS
from bunsui.document.yaml.reader import LIMIT_BYTES
from bunsui.errors import InvalidInput
from bunsui.held_folder import HeldFolder, hold

_IGNORE = ".gitignore"
_SUFFIX = ".json"
_FORMAT = 1
_LIMIT_KEPT_BYTES = 64 * 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDraft:
    """A draft that was found."""

    draft: Draft
    saved_at: datetime
    is_stale: bool
    """True when the file changed since the draft began: `Draft.rebase` brings it onto the file as it is."""
    now: bytes | None
    """The file as it is; None when it is not there."""

    def age(self, at: datetime) -> timedelta:
        """Return how long ago it was saved."""
        return at - self.saved_at


def keep_draft(root: Path, draft: Draft, at: datetime) -> None:
    """Save the draft beside its file, in one step.

    Raises:
        InvalidInput: `draft-not-kept`, when it cannot be written, or a link lies in the way.

    """
    *above, name = file_steps(draft.file)
    try:
        with hold(root) as top, top.steps(above, make=True) as beside:
            if not beside.has(DRAFTS_FOLDER):
                beside.make(DRAFTS_FOLDER, mode=0o700)
            with beside.step(DRAFTS_FOLDER) as folder:
                if not folder.has(_IGNORE):
                    folder.create(_IGNORE, b"*\n")
                folder.write(name + _SUFFIX, _stored_form(draft, at), mode=0o600)
    except OSError as problem:
        raise InvalidInput(
            "draft-not-kept",
            "the draft cannot be saved beside its file",
            hint="Make the folder writable, or remove the link that lies in the way.",
            file=draft.file,
            reason=(problem.strerror or type(problem).__name__).lower(),
        ) from problem


def find_draft(root: Path, file: str) -> KeptDraft | None:
    """Return the draft that was kept of a file; None when there is none that can be believed."""
    *above, name = file_steps(file)
    try:
        with hold(root) as top, top.steps((*above, DRAFTS_FOLDER)) as folder:
            content = _own_bytes(folder, name + _SUFFIX)
    except OSError:
        return None
    if content is None:
        return None
    found = _read(file, content)
    if found is None:
        return None
    draft, saved_at = found
    now = content_of(root, file)
    return KeptDraft(draft=draft, saved_at=saved_at, is_stale=now != draft.base, now=now)


def kept_drafts(root: Path, folder: str) -> tuple[str, ...]:
    """Return the files of a folder of the project, with `/`, of which drafts were kept, sorted."""
    steps = [step for step in folder.split("/") if step]
    try:
        with hold(root) as top, top.steps((*steps, DRAFTS_FOLDER)) as held:
            names = [item.name for item in held.children() if not item.is_folder and item.name.endswith(_SUFFIX)]
    except OSError:
        return ()
    return tuple(sorted("/".join((*steps, name.removesuffix(_SUFFIX))) for name in names))


def drop_draft(root: Path, file: str) -> None:
    """Forget the draft of a file, and the folder with the last one; nothing happens when there is none."""
    *above, name = file_steps(file)
    with suppress(OSError), hold(root) as top, top.steps(above) as beside:
        with beside.step(DRAFTS_FOLDER) as folder:
            folder.remove(name + _SUFFIX)
            if {item.name for item in folder.children()} - {_IGNORE}:
                return
            folder.remove(_IGNORE)
        beside.remove_folder(DRAFTS_FOLDER)


def content_of(root: Path, file: str) -> bytes | None:
    """Return the bytes of a file of the project; None when it is not there.

    Raises:
        InvalidInput: `file-refused`, for a link, a pipe, what is too large, or what cannot be read.

    """
    *above, name = file_steps(file)
    try:
        with hold(root) as top, top.steps(above) as folder, os.fdopen(folder.open_regular(name), "rb") as opened:
            content = opened.read(LIMIT_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise _refuse_file(file, (problem.strerror or type(problem).__name__).lower()) from problem
    if len(content) > LIMIT_BYTES:
        raise _refuse_file(file, f"it is larger than {LIMIT_BYTES // 1024} KiB")
    return content


def file_steps(file: str) -> list[str]:
    """Return the steps from the project's folder to one of its files.

    Raises:
        InvalidInput: `file-refused`, for a path that leaves the folder, or into what belongs to git or bunsui.

    """
    steps = file.split("/")
    if any(step in ("", ".", "..") or step.casefold() in OWN_OF_TOOLS for step in steps) or not file.isprintable():
        raise _refuse_file(file, "it is no file of the project")
    return steps


def _refuse_file(file: str, reason: str) -> InvalidInput:
    hint = "Name a regular file below the project's folder; of a link, the file that it leads to."
    return InvalidInput("file-refused", "the file cannot be edited here", hint=hint, path=file, reason=reason)


def _own_bytes(folder: HeldFolder, name: str) -> bytes | None:
    with os.fdopen(folder.open_regular(name), "rb") as opened:
        status = os.fstat(opened.fileno())
        is_own = sys.platform == "win32" or (status.st_uid == os.geteuid() and not stat.S_IMODE(status.st_mode) & 0o077)
        return opened.read(_LIMIT_KEPT_BYTES) if is_own else None


def _stored_form(draft: Draft, at: datetime) -> bytes:
    document = {
        "format": _FORMAT,
        "file": draft.file,
        "saved_at": at.astimezone(UTC).isoformat(),
        "base": None if draft.base is None else _text(draft.base),
        "at": draft.at,
        "steps": [
            {"summary": step.summary, "text": _text(step.content), "removed_comments": list(step.removed_comments)}
            for step in draft.steps
        ],
    }
    return json.dumps(document).encode()


def _read(file: str, content: bytes) -> tuple[Draft, datetime] | None:
    try:
        data: Mapping[str, Any] = json.loads(content)
        if data["format"] != _FORMAT or data["file"] != file:
            return None
        steps = tuple(
            DraftStep(
                summary=str(step["summary"]),
                content=_bytes(step["text"]),
                removed_comments=tuple(str(one) for one in step["removed_comments"]),
            )
            for step in data["steps"]
        )
        base = None if data["base"] is None else _bytes(data["base"])
        draft = Draft(file=file, base=base, steps=steps, at=int(data["at"]))
        if not 0 <= draft.at < len(steps):
            return None
        return draft, datetime.fromisoformat(data["saved_at"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _text(content: bytes) -> str:
    return content.decode("utf-8", errors="surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", errors="surrogateescape")
