"""Writes a draft over its file: only what was shown, and only where the file is still what the draft began with."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from bunsui.document.edit.draft import Draft
from bunsui.errors import InvalidInput, Refused
from bunsui.held_folder import hold
from bunsui.services.drafting.kept import content_of, drop_draft, file_steps


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenDraft:
    """A file that was written."""

    file: str
    is_new: bool
    draft: Draft
    """The draft that goes on from here: its base is what was written."""


def write_draft(root: Path, draft: Draft, *, digest: str) -> WrittenDraft:
    """Write the draft over its file, in one step, and forget what was kept of it. `digest` is that of the diff that was shown.

    Raises:
        Refused: `draft-not-shown`, the digest is that of another diff; `file-changed`, somebody changed the file meanwhile.
        InvalidInput: `draft-not-written`, the file cannot be written, or a link lies in the way.

    """
    if draft.diff().digest != digest:
        raise Refused(
            "draft-not-shown",
            "the draft is another one than the diff that was shown, and nothing was written",
            hint="Look at the diff again.",
            file=draft.file,
        )
    if content_of(root, draft.file) != draft.base:
        raise Refused(
            "file-changed",
            "the file changed since the draft began, and nothing was written",
            hint="Bring the draft onto the file as it is now, and look at the diff again.",
            file=draft.file,
        )
    *above, name = file_steps(draft.file)
    try:
        with hold(root) as top, top.steps(above, make=True) as folder:
            mode = stat.S_IMODE(folder.lstat(name).st_mode) if draft.base is not None else 0o644
            if draft.base is None:
                folder.create(name, draft.content)
            else:
                folder.write(name, draft.content, mode=mode)
    except OSError as problem:
        raise InvalidInput(
            "draft-not-written",
            "the file cannot be written, and is as it was; the draft is kept",
            hint="Correct what the reason says, then write it again.",
            file=draft.file,
            reason=(problem.strerror or type(problem).__name__).lower(),
        ) from problem
    drop_draft(root, draft.file)
    written = Draft(file=draft.file, base=draft.content, steps=draft.steps, at=draft.at)
    return WrittenDraft(file=draft.file, is_new=draft.base is None, draft=written)
