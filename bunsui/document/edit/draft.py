"""A draft of a file as a value: what it began as, and every state since, for undo."""

from __future__ import annotations

import difflib
import hashlib
import re
from dataclasses import dataclass, replace

from bunsui.document.edit.editing import EditedText, EditRefusal, edit_text
from bunsui.document.edit.edits import DocumentEdit
from bunsui.document.edit.merge import MergeConflict, merged_text

_BREAK = re.compile(rb"\r\n|\n|\r")
_LIMIT_STEPS = 200
_LIMIT_BYTES = 8 * 1_048_576


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftStep:
    """One state of the text."""

    summary: str
    """What led to it, such as `jobs.load.timeout: 90s`; foreign text, for the face to make safe."""
    content: bytes
    removed_comments: tuple[str, ...] = ()
    """Comments that went with what was removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftDiff:
    """What writing a draft would change. Only who shows it can write: `write_draft` wants its digest."""

    file: str
    lines: tuple[str, ...]
    """A unified diff, without line breaks; empty when nothing would change."""
    digest: str
    is_new: bool
    """True when the file is not there yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A text on its way, with its history. Begin with `draft_of`."""

    file: str
    """Relative to the project's root, with `/`."""
    base: bytes | None
    """The file when the draft began; None for a file that was not there."""
    steps: tuple[DraftStep, ...]
    """The states up to now and those that were undone; the first is the beginning."""
    at: int = 0
    """Which of the steps is now."""

    @property
    def content(self) -> bytes:
        """The text as it is now."""
        return self.steps[self.at].content

    @property
    def is_changed(self) -> bool:
        """True when writing it would change the file."""
        return self.content != self.base

    @property
    def edits(self) -> int:
        """How many states lie before this one."""
        return self.at

    @property
    def undoes(self) -> str:
        """What undo takes back; empty when there is nothing."""
        return self.steps[self.at].summary if self.at else ""

    @property
    def redoes(self) -> str:
        """What redo does again; empty when there is nothing."""
        return self.steps[self.at + 1].summary if self.at + 1 < len(self.steps) else ""

    def edit(self, edit: DocumentEdit, summary: str) -> Draft | EditRefusal:
        """Make an edit, or say why not; the same draft when it changes nothing."""
        result = edit_text(self.file, self.content, edit)
        if isinstance(result, EditRefusal):
            return result
        assert isinstance(result, EditedText)
        return self._next(result.content, summary, result.removed_comments)

    def rewrite(self, content: bytes, summary: str = "edited as text") -> Draft:
        """Take a whole text, as it comes back from an editor, whatever it says."""
        return self._next(content, summary, ())

    def undo(self) -> Draft:
        """Go one state back; the same draft at the beginning."""
        return replace(self, at=max(0, self.at - 1))

    def redo(self) -> Draft:
        """Go one state on; the same draft at the end."""
        return replace(self, at=min(len(self.steps) - 1, self.at + 1))

    def diff(self) -> DraftDiff:
        """Return what writing it would change."""
        before, after = self.base or b"", self.content
        digest = hashlib.sha256()
        for part in (self.file.encode(), b"-" if self.base is None else b"+" + before, after):
            digest.update(len(part).to_bytes(8, "big") + part)
        return DraftDiff(
            file=self.file,
            lines=_unified_diff(self.file, before, after, is_new=self.base is None),
            digest=digest.hexdigest(),
            is_new=self.base is None,
        )

    def rebase(self, now: bytes | None) -> Draft | MergeConflict:
        """Bring the draft onto the file as it is now: both changes, or where they meet. `now` None: the file is gone."""
        if now == self.base:
            return self
        if self.base is None or now is None or not self.is_changed:
            kept = self.content if self.is_changed else (now or b"")
            if self.is_changed and self.base is None and now not in (None, self.content):
                return MergeConflict(file=self.file, line=1, ours=_text(self.content), theirs=_text(now or b""))
            return replace(self._next(kept, "brought onto the changed file", ()), base=now)
        result = merged_text(self.file, self.base, self.content, now)
        if isinstance(result, MergeConflict):
            return result
        return replace(self._next(result, "brought onto the changed file", ()), base=now)

    def _next(self, content: bytes, summary: str, removed: tuple[str, ...]) -> Draft:
        if content == self.content:
            return self
        steps = [*self.steps[: self.at + 1], DraftStep(summary=summary, content=content, removed_comments=removed)]
        while len(steps) > 2 and (len(steps) > _LIMIT_STEPS or sum(len(step.content) for step in steps) > _LIMIT_BYTES):
            del steps[1]
        return replace(self, steps=tuple(steps), at=len(steps) - 1)


def draft_of(file: str, content: bytes | None, *, begin: bytes = b"") -> Draft:
    """Begin a draft of a file; `content` None for one that is not there, whose text begins as `begin`."""
    first = DraftStep(summary="", content=begin if content is None else content)
    return Draft(file=file, base=content, steps=(first,))


def _unified_diff(file: str, before: bytes, after: bytes, *, is_new: bool) -> tuple[str, ...]:
    """Return the lines of a diff. Line breaks are shown where they change: as a carriage return, or as the last one that is
    missing."""
    is_same = set(_BREAK.findall(before)) == set(_BREAK.findall(after)) or not before
    old, new = (_text(one.replace(b"\r\n", b"\n") if is_same else one).split("\n") for one in (before, after))
    old, new = (_lines(one) for one in (old, new))
    source = "/dev/null" if is_new else f"a/{file}"
    found: list[str] = []
    for line in difflib.unified_diff(old, new, source, f"b/{file}", lineterm="\n"):
        found += [line[:-1]] if line.endswith("\n") else [line, "\\ No newline at end of file"]
    if not found and before != after:
        return ("only line breaks at the ends of lines change",)
    return tuple(found)


def _lines(parts: list[str]) -> list[str]:
    """Return lines with their breaks; the last one has none where the text ends without."""
    return [*(f"{part}\n" for part in parts[:-1]), *([parts[-1]] if parts[-1] else [])]


def _text(content: bytes) -> str:
    return content.decode("utf-8", errors="replace")
