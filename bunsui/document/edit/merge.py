"""Two changes of one text, by lines: both together, or the place where they meet."""

from __future__ import annotations

import difflib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeConflict:
    """Both sides changed the same lines, or lines beside each other."""

    file: str
    line: int
    """Of the common base, from 1."""
    ours: str
    """What the draft has there."""
    theirs: str
    """What the file has there now."""


@dataclass(frozen=True, slots=True)
class _LineChange:
    start: int
    end: int
    lines: tuple[bytes, ...]


def merged_text(file: str, base: bytes, ours: bytes, theirs: bytes) -> bytes | MergeConflict:
    """Return the text with what either side changed of the base; what both changed alike counts once."""
    lines = base.splitlines(keepends=True)
    mine, other = _changes(lines, ours), _changes(lines, theirs)
    for one in mine:
        for two in other:
            if one != two and one.start <= two.end and two.start <= one.end:
                text = b"".join(one.lines).decode("utf-8", errors="replace")
                now = b"".join(two.lines).decode("utf-8", errors="replace")
                return MergeConflict(file=file, line=min(one.start, two.start) + 1, ours=text, theirs=now)
    result = list(lines)
    for change in sorted({*mine, *other}, key=lambda one: one.start, reverse=True):
        result[change.start : change.end] = change.lines
    return b"".join(result)


def _changes(base: list[bytes], text: bytes) -> list[_LineChange]:
    new = text.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, base, new, autojunk=False)
    return [
        _LineChange(start, end, tuple(new[first:last]))
        for tag, start, end, first, last in matcher.get_opcodes()
        if tag != "equal"
    ]
