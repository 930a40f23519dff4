"""Fixes of findings in a draft, each tried before it is offered."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from bunsui.diagnostics import Diagnostic
from bunsui.document.checks.project import NEEDS_OTHERS
from bunsui.document.edit.draft import Draft
from bunsui.document.edit.editing import EditRefusal
from bunsui.document.edit.read_text import read_text
from bunsui.document.form.fixes import fixes_for
from bunsui.document.formatting.file_format import kind_of
from bunsui.document.schema.check import file_schema
from bunsui.project.repository import Repository
from bunsui.services.drafting.checking import check_draft


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedFix:
    """A fix that settles its finding, with the draft after it."""

    words: str
    draft: Draft


def fixes_of(repository: Repository, draft: Draft, finding: Diagnostic) -> tuple[TriedFix, ...]:
    """Return the fixes of one finding after which it is gone and no other error came, the likeliest first."""
    text = read_text(draft.file, draft.content)
    if text.problems:
        return ()
    schema = file_schema(kind_of(draft.file), repository.registry)
    before: Counter[tuple[str, str]] | None = None
    found: list[TriedFix] = []
    for fix in fixes_for(draft.file, text.data, schema, finding):
        after = draft.edit(fix.edit, fix.words)
        if isinstance(after, EditRefusal):
            continue
        before = _errors(repository, draft, finding) if before is None else before
        errors = _errors(repository, after, finding)
        is_gone = errors[_key(finding)] < max(before[_key(finding)], 1)
        if is_gone and errors.total() <= before.total():
            found.append(TriedFix(words=fix.words, draft=after))
    return tuple(found)


def _errors(repository: Repository, draft: Draft, finding: Diagnostic) -> Counter[tuple[str, str]]:
    """Count the errors and warnings of the draft's own file by code and summary, with the other files where the finding is
    about them too."""
    checked = check_draft(repository, draft, with_others=finding.code in NEEDS_OTHERS)
    return Counter(_key(one) for one in checked.own if one.accepted is None and one.severity.value != "info")


def _key(finding: Diagnostic) -> tuple[str, str]:
    return finding.code, finding.summary
