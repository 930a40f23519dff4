"""A plan as lines of text: one block a pipeline, only what changes, and the summary at the end, where it is read last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bunsui.diagnostics import Severity
from bunsui.plan.model import Action, Reason
from bunsui.view.commands import labelled_hint, prose
from bunsui.view.plan.accepted import accepted_lines
from bunsui.view.plan.folded import FoldedRows, folded_rows
from bunsui.view.plan.groups import FOLDED, alike, names_wrapped
from bunsui.view.plan.model import FindingLine, PipelineNode, PlanView, ResourceRow
from bunsui.view.spans import Line, Role, Span, line, span

_OF_ONE_CODE = 10
"""More findings of one code than that are counted; errors are all shown."""
_AS_MEANT = frozenset({Reason.RETIRED, Reason.IN_SYNC})
"""Reasons with which a note on what stays as it is says nothing that anybody need look at."""
_REST_UNSEEN = "Other pipelines were not looked at."
_REST_LEFT = "This is a part of the plan; its other changes stay to do."


def plan_lines(view: PlanView) -> Iterator[Line]:
    """Return the whole plan as lines."""
    changed = [node for node in view.pipelines if node.changed]
    yield _head(view, summary_too=not changed)
    groups = alike(changed)
    together = {node.name for group in groups for node in group}
    for node in (node for node in changed if node.action not in FOLDED and node.name not in together):
        yield line("")
        yield from _block(node)
    folded = [node for node in changed if node.action in FOLDED and node.name not in together]
    if folded:
        yield line("")
        for node in folded:
            yield from _folded_lines(node)
    for group in groups:
        yield line("")
        yield from _heading_lines(group)
    noted = [row for node in view.pipelines for row in node.rows if not row.is_change and row.note]
    if noted:
        yield line("")
        for row in noted:
            mark, role = ("○", Role.MUTED) if row.reason in _AS_MEANT else ("?", Role.WARNING)
            yield line(span(f"{mark} {row.title} {row.physical_name}", role), span(f"  {row.note}", Role.MUTED))
    grave = worth_reading(view.findings)
    if grave:
        yield line("")
        yield from counted_lines(grave)
    accepted = accepted_findings(view.findings)
    if accepted:
        yield line("")
        yield from accepted
    yield from _tail(view, has_changes=bool(changed))


def _tail(view: PlanView, *, has_changes: bool) -> Iterator[Line]:
    """Say what was left, what could not be told, and what all of it comes to."""
    if view.left:
        yield line("")
        yield from view.left
    if view.unworded is not None:
        yield line("")
        yield view.unworded
    if not view.complete:
        yield line("")
        yield line(span(_REST_UNSEEN if view.selected or not view.pipelines else _REST_LEFT, Role.MUTED))
    if has_changes:
        yield line("")
        yield view.summary


def _head(view: PlanView, *, summary_too: bool) -> Line:
    """Say where the plan would be applied; the summary stands at the end of a plan with changes, else here."""
    place = view.basis or f"account {view.account}, {view.region}"
    if summary_too:
        return line(*view.summary.parts, span(f"  ({view.project} in {view.environment}, {place})", Role.MUTED))
    if view.basis:
        return line(
            view.summary.parts[0].text.removesuffix(": "),
            span(f"  ({view.project} in {view.environment}, {place})", Role.MUTED),
        )
    return line(span(view.project, Role.STRONG), " in ", span(view.environment, Role.STRONG), span(f", {place}", Role.MUTED))


def worth_reading(findings: Iterable[FindingLine]) -> tuple[FindingLine, ...]:
    """Return the findings that matter to somebody who reads a plan; `bunsui validate` shows the others."""
    return tuple(found for found in findings if found.severity is not Severity.INFO and found.accepted is None)


def accepted_findings(findings: Iterable[FindingLine]) -> tuple[Line, ...]:
    """Return the accepted ones among the findings, folded."""
    return accepted_lines((found.code, found.accepted) for found in findings if found.accepted is not None)


def finding_lines(findings: Iterable[FindingLine]) -> Iterator[Line]:
    """Return the findings, each with its detail and its hint."""
    for found in findings:
        yield found.heading
        if found.detail:
            yield line(*prose(found.detail), indent=4)
        yield from (item.indented(4) for item in labelled_hint(found.hint))


def counted_lines(findings: Iterable[FindingLine]) -> Iterator[Line]:
    """Return the findings, the first of each code; the rest of a code is counted after them."""
    seen: dict[str, int] = {}
    shown: list[FindingLine] = []
    for found in findings:
        seen[found.code] = seen.get(found.code, 0) + 1
        if found.severity is Severity.ERROR or seen[found.code] <= _OF_ONE_CODE:
            shown.append(found)
    yield from finding_lines(shown)
    for code, count in seen.items():
        rest = count - sum(1 for found in shown if found.code == code)
        if rest:
            yield line(*prose(f"… and {rest} more of {code}: `bunsui plan PIPELINE` shows those of one", Role.MUTED))


def rows_lines(rows: Iterable[ResourceRow]) -> Iterator[Line]:
    """Return the resources of a pipeline, those to which the very same happens in one line."""
    for group in folded_rows(rows):
        yield from _group_lines(group)


def _group_lines(group: FoldedRows) -> Iterator[Line]:
    """Return the heading, the changed places, and apart what was changed outside."""
    yield group.heading
    row = group.rows[0]
    for item in row.lines if row.action is not Action.CREATE else row.created:
        yield item.indented(4)
    if row.drift and row.reason is not Reason.DRIFT:  # there, what apply changes is the same places the other way round
        yield line(span("changed outside bunsui:", Role.DRIFT), indent=4)
        for item in row.drift:
            yield item.indented(6)
    for remark in row.remarks:
        yield line(span(remark, Role.INFO), indent=4)
    if row.note:
        yield line(*prose(row.note, Role.REFUSE if row.action is Action.REFUSE else Role.MUTED), indent=4)


def _block(node: PipelineNode) -> Iterator[Line]:
    yield line(span(node.name, Role.STRONG), *_beside(node))
    for item in (*node.edits, *rows_lines(node.changed)):
        yield item.indented(2)
    for note in node.notes:
        yield note.indented(2)


def _folded_lines(node: PipelineNode) -> Iterator[Line]:
    heading = span(f"{node.symbol} {node.word}", node.role)
    yield line(heading, span(f" {node.name}", Role.STRONG), *_beside(node))
    for edit in node.edits:
        yield edit.indented(4)
    if node.content:
        yield line(span(node.content), indent=4)
    for text in dict.fromkeys(row.note for row in node.changed if row.note):
        yield line(*prose(text, Role.MUTED), indent=4)
    for note in (*node.notes, *node.settings):
        yield note.indented(4)
    for text in dict.fromkeys(remark for row in node.changed for remark in row.remarks):
        yield line(span(text, Role.INFO), indent=4)


def _beside(node: PipelineNode) -> tuple[Span, ...]:
    """Return the title and the file, which stand beside the name."""
    return tuple(span(f"  {text}", role) for text, role in ((node.title, Role.PLAIN), (node.path, Role.MUTED)) if text)


def _heading_lines(group: Sequence[PipelineNode]) -> Iterator[Line]:
    """Return one heading for pipelines that are alike, and all their names."""
    first = group[0]
    each = span(f", each {first.content}" if first.content else "", Role.MUTED)
    yield line(span(f"{first.symbol} {first.word}", first.role), span(f" {len(group)} pipelines", Role.STRONG), each)
    for names in names_wrapped(group):
        yield line(span(names), indent=4)
