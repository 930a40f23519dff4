"""A draft as one value for a screen: jobs, graph, lines, findings, and where each of them stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bunsui.diagnostics import Diagnostic, Severity
from bunsui.document.edit.draft import Draft
from bunsui.document.form.outline import Outline, OutlineJob, read_outline
from bunsui.document.yaml.reader import read_document
from bunsui.document.yaml.tree import Document, Path
from bunsui.model.json import Json
from bunsui.view.builder.yaml_lines import yaml_lines
from bunsui.view.drawing.picture import GraphPicture, NodeStyle, picture_of
from bunsui.view.drawing.shape import GraphShape
from bunsui.view.spans import Line, Role, line, span

SETTINGS = ""
"""Stands among the jobs for what the pipeline says of itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPage:
    """What there is to show of a draft."""

    draft: Draft
    lines: tuple[Line, ...]
    document: Document | None
    """As it was when it could last be read; None when it never could."""
    is_stale: bool = False
    """True when the text cannot be read now, so that jobs and forms are those of before."""
    outline: Outline | None = None
    picture: GraphPicture = field(default_factory=GraphPicture)
    findings: tuple[Diagnostic, ...] = ()
    """In the draft's own file."""
    others: tuple[Diagnostic, ...] = ()
    """Elsewhere, that are not there without the draft or are there anyway."""
    offers: Mapping[Diagnostic, str] = field(default_factory=dict)
    """What would fix a finding, in words; each was tried."""
    outlook: Line | None = None
    """What writing it would change; None as long as that is not known."""
    is_checked: bool = False
    """False until the text of now was held against the whole project."""

    @property
    def jobs(self) -> tuple[OutlineJob, ...]:
        """Its jobs, in the order of the file."""
        return self.outline.jobs if self.outline is not None else ()

    @property
    def pipeline(self) -> str:
        """The name that the file gives its pipeline; that of the file where it gives none."""
        named = self.outline.name if self.outline is not None else ""
        return named or self.draft.file.rpartition("/")[2].partition(".")[0]

    @property
    def data(self) -> Json:
        """The document as plain data; None when there is none."""
        return self.document.data if self.document is not None else None

    def count(self, severity: Severity) -> int:
        """Return how many findings of the draft's file have this severity and were not accepted."""
        return sum(finding.severity is severity and finding.accepted is None for finding in self.findings)

    def line_of(self, path: Path) -> int:
        """Return the line of a key, or of the deepest part on the way to it that there is; counted from 1."""
        return self.document.at_key(path).line if self.document is not None else 1

    def job_at(self, line_number: int) -> str:
        """Return the job whose lines hold this one; `SETTINGS` when none does."""
        earlier = [job for job in self.jobs if job.line <= line_number]
        last = max(earlier, key=lambda job: job.line, default=None)
        return SETTINGS if last is None or self._ends_before(last, line_number) else last.name

    def findings_of(self, job: str) -> tuple[Diagnostic, ...]:
        """Return the findings in the lines of a job."""
        placed = ((finding, finding.position) for finding in self.findings)
        return tuple(finding for finding, position in placed if position is not None and self.job_at(position.line) == job)

    def _ends_before(self, job: OutlineJob, line_number: int) -> bool:
        """Tell whether something that is no job of `jobs` stands between the job's first line and the line."""
        if self.document is None or self.document.root.keys is None:
            return False
        marks = (mark.line for mark in self.document.root.keys.values())
        return any(job.line < mark <= line_number for mark in marks)


def draft_page(draft: Draft, before: DraftPage | None = None) -> DraftPage:
    """Read a draft; where it cannot be read, what was known `before` stays. Findings are yet to come."""
    content = draft.content
    lines = yaml_lines(content.decode("utf-8", errors="replace"))
    document = read_document(draft.file, content).document
    if document is None and content.strip():
        known = before or DraftPage(draft=draft, lines=lines, document=None)
        return replace(known, draft=draft, lines=lines, is_stale=True, is_checked=False, outlook=None)
    outline = read_outline(draft.file, content)
    jobs = outline.jobs if outline is not None else ()
    shape = GraphShape.of_needs({job.name: job.depends_on for job in jobs})
    picture = picture_of(shape, before=before.picture if before is not None else None)
    kept = before.findings if before is not None and before.draft.content == content else ()
    offers = before.offers if kept and before is not None else {}
    return DraftPage(
        draft=draft, lines=lines, document=document, outline=outline, picture=picture, findings=kept, offers=offers
    )


def with_findings(page: DraftPage, own: Sequence[Diagnostic], others: Sequence[Diagnostic] | None) -> DraftPage:
    """Return the page with what was found; `others` None: only the file itself was looked at."""
    found = replace(page, findings=tuple(own), others=tuple(others or ()), is_checked=others is not None)
    styles = {job.name: style for job in found.jobs if (style := _node_style(found, job.name)) is not None}
    return replace(found, picture=picture_of(found.picture.shape, styles, before=found.picture))


def title_line(page: DraftPage, *, is_short: bool = False) -> Line:
    """Return what the draft is, how far it is from its file, and what was found in it: with `is_short` signs and counts."""
    parts = [span("Builder  ", Role.STRONG), span(page.pipeline, Role.NAME)]
    if page.draft.is_changed:
        count = page.draft.edits
        counted = f", {count} edit{'s' if count != 1 else ''}" if count else ""
        parts += [span("  ● draft", Role.UPDATE), span(counted, Role.MUTED)]
    else:
        parts.append(span("  as in the file", Role.MUTED))
    errors, warnings = page.count(Severity.ERROR), page.count(Severity.WARNING)
    if page.is_stale:
        parts.append(span("  ✗ cannot be read: jobs and form are those of before", Role.BAD))
    if errors:
        parts.append(span(f"  ✗ {errors}{'' if is_short else ' error' if errors == 1 else ' errors'}", Role.BAD))
    if warnings:
        parts.append(span(f"  ! {warnings}", Role.WARN))
    elsewhere = sum(finding.is_error for finding in page.others)
    if elsewhere:
        parts.append(span(f"  ✗ {elsewhere} elsewhere", Role.BAD))
    if not page.is_checked:
        parts.append(span("  checking …", Role.MUTED))
    elif not errors and not elsewhere and not page.is_stale:
        parts.append(span("  ✓ valid", Role.GOOD))
    return line(*parts)


def kind_words(job: OutlineJob) -> str:
    """Return the type of a job's first operation, and how many more there are; empty where it says none yet."""
    first = next(iter(job.types), "")
    return f"{first} +{len(job.types) - 1}" if len(job.types) > 1 else first


def _node_style(page: DraftPage, job: str) -> NodeStyle | None:
    severities = {finding.severity for finding in page.findings_of(job) if finding.accepted is None}
    if Severity.ERROR in severities:
        return NodeStyle(glyph="✗", role=Role.BAD, words="has errors")
    if Severity.WARNING in severities:
        return NodeStyle(glyph="!", role=Role.WARN, words="has warnings")
    return None
