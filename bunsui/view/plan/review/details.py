"""What one row of the plan means: its changes, what was changed outside, what it may do to people, and the findings on it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bunsui.plan.model import Reason, Risk
from bunsui.view.commands import hint_lines, prose
from bunsui.view.plan.folded import FoldedRows, folded_rows
from bunsui.view.plan.groups import names_wrapped
from bunsui.view.plan.model import FindingLine, PipelineNode, PlanView, ResourceRow
from bunsui.view.plan.review.impact import IMPACT, MILD
from bunsui.view.plan.review.tree import NodeKind, PlanNode
from bunsui.view.plan.text import accepted_findings
from bunsui.view.spans import Line, Role, line, span

_NAMED = 6


def details(node: PlanNode, view: PlanView) -> tuple[Line, ...]:
    """Return everything about the pipeline or the resource of that row, without what concerns the project as a whole."""
    match node.kind:
        case NodeKind.IN_SYNC:
            listed = (line(span(names), indent=2) for names in names_wrapped(node.pipelines))
            return line(span("✓ in sync", Role.GOOD)), *listed
        case NodeKind.GROUP:
            return _group_lines(node.pipelines)
        case NodeKind.FOLDED:
            heading = FoldedRows(rows=node.rows).heading
            names = (line(span(row.physical_name, Role.MUTED), indent=2) for row in node.rows)
            return heading, *_resource_body(node.rows[0]), line(), line(span("each of", Role.MUTED)), *names
        case _:
            found = findings_of(node, view)
            if node.row is None:
                return pipeline_lines(node.pipeline, found)
            return resource_lines(node.row, found)


def findings_of(node: PlanNode, view: PlanView) -> tuple[FindingLine, ...]:
    """Return the findings about the pipelines of the row, or about its resource alone."""
    places = {str(row.address) for row in node.rows}
    found = [one for one in view.findings if any(concerns(one, pipeline) for pipeline in node.pipelines)]
    return tuple(one for one in found if not places or one.place in places)


def concerns(finding: FindingLine, pipeline: PipelineNode) -> bool:
    """Tell whether the finding is about the pipeline, one of its resources, or its file."""
    if finding.pipeline:
        return finding.pipeline == pipeline.name
    return bool(pipeline.path) and finding.place.startswith(f"{pipeline.path}:")


def findings_page(node: PlanNode | None, view: PlanView) -> tuple[Line, ...]:
    """Return the findings about the row, then those about the project as a whole, then how many others have."""
    own = findings_of(node, view) if node is not None else ()
    whole = tuple(one for one in view.findings if not any(concerns(one, pipeline) for pipeline in view.pipelines))
    left = {id(one) for one in (*own, *whole)}
    others = dict.fromkeys(one.pipeline or one.place for one in view.findings if id(one) not in left)
    about = node.row.title if node is not None and node.row is not None else node.pipeline.name if node is not None else ""
    lines = _section(f"about {about}", _finding_body(own))
    lines += _section("about the project as a whole", _finding_body(whole))
    if others:
        more = f" and {len(others) - _NAMED} more" if len(others) > _NAMED else ""
        lines += [line(), line(span(f"others are about {', '.join(list(others)[:_NAMED])}{more}", Role.MUTED))]
    return tuple(lines[1:]) if lines else (line(span("no findings", Role.MUTED)),)


def pipeline_lines(pipeline: PipelineNode, findings: Iterable[FindingLine]) -> tuple[Line, ...]:
    """Return a pipeline with all that changes in it."""
    lines = [line(span(f"{pipeline.symbol} {pipeline.word} ", pipeline.role), span(pipeline.name, Role.STRONG))]
    if not pipeline.changed:
        is_retired = any(row.reason is Reason.RETIRED for row in pipeline.rows)
        word = span("○ retired ", Role.MUTED) if is_retired else span("✓ in sync ", Role.GOOD)
        lines = [line(word, span(pipeline.name, Role.STRONG))]
    lines += [line(span(text, Role.MUTED)) for text in (pipeline.path, pipeline.content) if text]
    return (*lines, *_pipeline_body(pipeline), *finding_lines(findings))


def resource_lines(row: ResourceRow, findings: Iterable[FindingLine]) -> tuple[Line, ...]:
    """Return a resource: what changes, what was changed outside, the impact, the findings."""
    lines = [row.heading]
    if row.physical_name not in row.heading.text:
        lines.append(line(span(row.physical_name, Role.MUTED)))
    return (*lines, *_resource_body(row), *finding_lines(findings))


def finding_lines(findings: Iterable[FindingLine]) -> list[Line]:
    """Return the findings, each with what is wrong and how to fix it."""
    return _section("findings", _finding_body(findings))


def nothing_to_change(view: PlanView) -> tuple[Line, ...]:
    """Return what there is to say of a plan without a change."""
    retired = [row for node in view.pipelines for row in node.rows if row.reason is Reason.RETIRED and row.note]
    return (
        line(span("✓ ", Role.GOOD), span("Nothing to change", Role.STRONG)),
        line(),
        line(span("s", Role.HINT), span(" shows what was compared", Role.MUTED)),
        *(
            line(span("○ ", Role.MUTED), span(row.physical_name, Role.NAME), span(f"  {row.note}", Role.MUTED))
            for row in retired
        ),
        *finding_lines(view.findings),
    )


def _group_lines(group: Sequence[PipelineNode]) -> tuple[Line, ...]:
    first = group[0]
    heading = line(span(f"{first.symbol} {first.word} ", first.role), span(f"{len(group)} pipelines", Role.STRONG))
    names = [line(span(names), indent=2) for names in names_wrapped(group)]
    made = [line(span(f"each {first.content}", Role.MUTED))] if first.content else []
    return heading, *names, line(), *made, line(span(f"as in {first.name}", Role.MUTED)), *_pipeline_body(first)


def _pipeline_body(pipeline: PipelineNode) -> list[Line]:
    lines = _section("edited", pipeline.edits)
    lines += (*pipeline.notes, *pipeline.settings)
    for group in folded_rows(row for row in pipeline.rows if row.is_change or row.note):
        row = group.rows[0]
        note = [line(span(row.note, Role.MUTED), indent=2)] if row.note else []
        if row.is_change:
            lines += [line(), group.heading, *(item.indented(2) for item in row.lines), *note]
        else:
            lines += [line(), line(span(row.title, Role.STRONG)), *note]
    return lines


def _resource_body(row: ResourceRow) -> list[Line]:
    lines = [line(*prose(row.note, Role.WARN))] if row.note else []
    lines += _section("will be" if row.word == "create" else "changes", row.lines)
    if row.reason is not Reason.DRIFT:  # there, what apply changes is the same places the other way round
        lines += _section("changed outside bunsui", row.drift)
    if row.is_change and row.risk is not Risk.NONE:
        role = Role.PLAIN if row.risk in MILD else Role.RISK
        lines += _section("impact", [line(span(IMPACT[row.risk], role))])
    return lines


def _finding_body(findings: Iterable[FindingLine]) -> list[Line]:
    lines: list[Line] = []
    found = tuple(findings)
    for finding in (one for one in found if one.accepted is None):
        lines.append(finding.heading)
        lines += [line(span(finding.detail), indent=2)] if finding.detail else []
        lines += [item.indented(2) for item in hint_lines(finding.hint, Role.HINT)]
    return [*lines, *accepted_findings(found)]


def _section(name: str, lines: Iterable[Line]) -> list[Line]:
    body = [item.indented(2) for item in lines]
    return [line(), line(span(name, Role.MUTED)), *body] if body else []
