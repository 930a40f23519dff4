"""Checks a draft as if it were written, together with the files that it would stand among."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bunsui.diagnostics import Diagnostic, has_errors
from bunsui.document.checks.project import NEEDS_OTHERS
from bunsui.document.edit.draft import Draft
from bunsui.project.overlay import OverlaySource
from bunsui.project.repository import Repository
from bunsui.services.validate import ValidateOutcome, validate


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedDraft:
    """What there is to say about a draft."""

    own: tuple[Diagnostic, ...]
    """Findings in the draft's file, sorted by their place."""
    others: tuple[Diagnostic, ...]
    """Findings elsewhere, such as a pipeline that refers to a job that the draft no longer has."""

    @property
    def has_errors(self) -> bool:
        """True when a plan would be refused."""
        return has_errors(self.own) or has_errors(self.others)


def with_drafts(repository: Repository, *drafts: Draft) -> Repository:
    """Return the repository as it would be with the drafts written; nothing is."""
    return replace(repository, source=OverlaySource(repository.source, {draft.file: draft.content for draft in drafts}))


def check_draft(
    repository: Repository, draft: Draft, *, project_findings: Sequence[Diagnostic] = (), with_others: bool = True
) -> CheckedDraft:
    """Check the draft among the project's files; all of them are loaded and compiled.

    Without `with_others` only the draft's own file is looked at, for an answer while somebody types: what it says of other
    files is then not held against them, and findings about the project as a whole are left out.
    """
    if not with_others:
        source = OverlaySource(repository.source, {draft.file: draft.content}, finds_others=False)
        alone = replace(repository, source=source, project=replace(repository.project, patterns=(draft.file,)))
        own = _in_file(validate(alone, files=[draft.file]), draft.file)
        return CheckedDraft(own=tuple(finding for finding in own if finding.code not in NEEDS_OTHERS), others=())
    outcome = validate(with_drafts(repository, draft), project_findings=project_findings)
    own = _in_file(outcome, draft.file)
    return CheckedDraft(own=own, others=tuple(finding for finding in outcome.diagnostics if finding not in own))


def _in_file(outcome: ValidateOutcome, file: str) -> tuple[Diagnostic, ...]:
    return tuple(finding for finding in outcome.diagnostics if finding.position is not None and finding.position.file == file)


def by_line(findings: Sequence[Diagnostic]) -> Mapping[int, tuple[Diagnostic, ...]]:
    """Return the findings of one file by the line that they stand at."""
    found: dict[int, tuple[Diagnostic, ...]] = {}
    for finding in findings:
        if finding.position is not None:
            found[finding.position.line] = (*found.get(finding.position.line, ()), finding)
    return found
