"""A plan as lines of text: one block a pipeline, only what changes, the summary first and last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bunsui.diagnostics import Severity
from bunsui.plan.model import Action, Reason
from bunsui.view.accepted import accepted_lines
from bunsui.view.plan_groups import FOLDED, alike, names_wrapped
from bunsui.view.plan_view import Finding, PipelineNode, PlanView, ResourceRow
from bunsui.view.spans import Line, Role, line, span

_OF_ONE_CODE = 10
"""More findings of one code than that are counted; errors are all shown."""


def plan_lines(view: PlanView) -> Iterator[Line]:
    """Give the whole plan as lines."""
    place = view.basis or f"account {view.account}, {view.region}"
    where = f"  ({view.project} in {view.environment}, {place})"
    yield line(*view.summary.parts, span(where, Role.MUTED))
    changed = [node for node in view.pipelines if node.changed]
    groups = alike(changed)
    together = {node.name for group in groups for node in group}
    for node in (node for node in changed if node.action not in FOLDED and node.name not in together):
        yield line("")
        yield from _block(node)
    folded = [node for node in changed if node.action in FOLDED and node.name not in together]
    if folded:
        yield line("")
        for node in folded:
            yield from _folded(node)
    for group in groups:
        yield line("")
        yield from _named(group)
    noted = [row for node in view.pipelines for row in node.rows if not row.is_change and row.note]
    if noted:
        yield line("")
        for row in noted:
            mark, role = ("○", Role.MUTED) if row.reason is Reason.RETIRED else ("?", Role.WARNING)
            yield line(span(f"{mark} {row.title} {row.physical_name}", role), span(f"  {row.note}", Role.MUTED))
    grave = worth_reading(view.findings)
    if grave:
        yield line("")
        yield from counted_lines(grave)
    accepted = accepted_findings(view.findings)
    if accepted:
        yield line("")
        yield from accepted
    if not view.complete:
        yield line("")
        yield line(span("Other pipelines were not looked at.", Role.MUTED))
    if changed:
        yield line("")
        yield view.summary


def worth_reading(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give the findings that matter to somebody who reads a plan; `bunsui validate` shows the others."""
    return tuple(found for found in findings if found.severity is not Severity.INFO and found.accepted is None)


def accepted_findings(findings: Iterable[Finding]) -> tuple[Line, ...]:
    """Give the accepted ones among the findings, folded."""
    return accepted_lines((found.code, found.accepted) for found in findings if found.accepted is not None)


def finding_lines(findings: Iterable[Finding]) -> Iterator[Line]:
    """Give the findings, each with its detail and its hint."""
    for found in findings:
        yield found.heading
        if found.detail:
            yield line(span(found.detail), indent=4)
        if found.hint:
            yield line(span("hint: ", Role.HINT), span(found.hint), indent=4)


def counted_lines(findings: Iterable[Finding]) -> Iterator[Line]:
    """Give the findings, the first of each code; the rest of a code is counted after them."""
    seen: dict[str, int] = {}
    shown: list[Finding] = []
    for found in findings:
        seen[found.code] = seen.get(found.code, 0) + 1
        if found.severity is Severity.ERROR or seen[found.code] <= _OF_ONE_CODE:
            shown.append(found)
    yield from finding_lines(shown)
    for code, count in seen.items():
        rest = count - sum(1 for found in shown if found.code == code)
        if rest:
            yield line(span(f"… and {rest} more of {code}: `bunsui plan PIPELINE` shows those of one", Role.MUTED))


def row_lines(row: ResourceRow) -> Iterator[Line]:
    """Give one resource: its heading, its changed places, and apart what was changed outside."""
    yield row.heading
    for item in row.lines if row.action is not Action.CREATE else ():
        yield item.indented(4)
    if row.drift and row.reason is not Reason.DRIFT:  # there, what apply changes is the same places the other way round
        yield line(span("changed outside bunsui:", Role.DRIFT), indent=4)
        for item in row.drift:
            yield item.indented(6)
    for remark in row.remarks:
        yield line(span(remark, Role.INFO), indent=4)
    if row.note:
        yield line(span(row.note, Role.REFUSE if row.action is Action.REFUSE else Role.MUTED), indent=4)


def _block(node: PipelineNode) -> Iterator[Line]:
    yield line(span(node.name, Role.STRONG), span(f"  {node.path}" if node.path else "", Role.MUTED))
    for row in node.changed:
        for item in row_lines(row):
            yield item.indented(2)
    for note in node.notes:
        yield note.indented(2)


def _folded(node: PipelineNode) -> Iterator[Line]:
    path = f"  {node.path}" if node.path else ""
    heading = span(f"{node.symbol} {node.word}", node.role)
    yield line(heading, span(f" {node.name}", Role.STRONG), span(path, Role.MUTED))
    if node.content:
        yield line(span(node.content), indent=4)
    for note in node.notes:
        yield note.indented(4)


def _named(group: Sequence[PipelineNode]) -> Iterator[Line]:
    """Give one heading for pipelines that are alike, and all their names."""
    first = group[0]
    each = span(f", each {first.content}" if first.content else "", Role.MUTED)
    yield line(span(f"{first.symbol} {first.word}", first.role), span(f" {len(group)} pipelines", Role.STRONG), each)
    for names in names_wrapped(group):
        yield line(span(names), indent=4)
