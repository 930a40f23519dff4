"""Makes every fix of one key that findings offer in files of the project, as drafts: what the Builder makes one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bunsui.diagnostics import Diagnostic
from bunsui.document.checks.project import NEEDS_OTHERS
from bunsui.document.edit.draft import Draft, draft_of
from bunsui.project.repository import Repository
from bunsui.services.drafting.checking import check_draft
from bunsui.services.drafting.fixing import fixes_of
from bunsui.services.drafting.kept import content_of

_MOST_FIXES = 200
"""Of one file: each compiles it anew, and none of them may undo another for ever."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedFile:
    """A file with its fixes. Nothing is written: show `draft.diff()`, then `write_draft`."""

    draft: Draft
    words: tuple[str, ...]
    """What each fix does, in their order; foreign text."""


def fix_files(repository: Repository, root: Path, findings: Sequence[Diagnostic]) -> tuple[FixedFile, ...]:
    """Return the files of these findings with every fix that settles one of them and makes no other error."""
    files = dict.fromkeys(one.position.file for one in findings if one.position is not None and one.accepted is None)
    fixed = (_fix_file(repository, root, file) for file in files if repository.source.holds(file))
    return tuple(one for one in fixed if one is not None)


def _fix_file(repository: Repository, root: Path, file: str) -> FixedFile | None:
    content = content_of(root, file)
    if content is None:
        return None
    draft, words = draft_of(file, content), list[str]()
    while len(words) < _MOST_FIXES and (found := _next_fix(repository, draft)) is not None:
        draft = found[0]
        words.append(found[1])
    return FixedFile(draft=draft, words=tuple(words)) if words else None


def _next_fix(repository: Repository, draft: Draft) -> tuple[Draft, str] | None:
    """Return the draft after the first fix that there is, the file's own findings before those about other files."""
    own = check_draft(repository, draft, with_others=False).own
    for finding in (one for one in own if one.accepted is None):
        if fixes := fixes_of(repository, draft, finding):
            return fixes[0].draft, fixes[0].words
    for finding in (one for one in check_draft(repository, draft).own if one.code in NEEDS_OTHERS and one.accepted is None):
        if fixes := fixes_of(repository, draft, finding):
            return fixes[0].draft, fixes[0].words
    return None
