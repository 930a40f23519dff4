"""What one row of the plan means: its changes, what was changed outside, what it may do to people, and the findings on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bunsui.command_line import Invocation
from bunsui.plan.model import Reason, Risk
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.tui.widgets.plan_tree import PlanNode
from bunsui.view.commands import hint_lines, prose
from bunsui.view.plan.model import FindingLine, PipelineNode, PlanView, ResourceRow
from bunsui.view.plan.text import accepted_findings
from bunsui.view.spans import Line, Role, line, span

IMPACT: Mapping[Risk, str] = {
    Risk.NONE: "nothing that anybody relies on changes",
    Risk.COSMETIC: "only words change; nothing behaves differently",
    Risk.NEW_SESSIONS_ONLY: "sessions that are running finish as they began; new ones get the change",
    Risk.GRANTS_POWER: "something new may pass roles, read secrets, or act on everything",
    Risk.AFFECTS_RUNNING_SESSIONS: "sessions that are running get the change too",
    Risk.OVERWRITES_OUTSIDE_CHANGE: "a change that somebody made outside is overwritten",
    Risk.WIDENS_PERMISSIONS: "permissions become wider",
    Risk.RETIRES: "nothing starts it any more; it stays for its sessions, and a later apply deletes it",
    Risk.REPLACES: "it is deleted and made anew",
    Risk.DESTROYS: "it is deleted, with what it holds",
}
"""What a risk means, in a sentence."""


class DiffPane(LinePane, inherit_bindings=False):
    """Shows the row of the plan that is under the tree's cursor."""

    BINDINGS = LinePane.BINDINGS

    DEFAULT_CSS = """
    DiffPane { background: $background; border-left: solid $rule; padding: 0 1 0 2; }
    """

    def __init__(self, *, id: str | None = None, invocation: Invocation | None = None) -> None:  # noqa: A002 (Textual's)
        """Begin empty; `invocation` completes the commands that are offered."""
        super().__init__(id=id, invocation=invocation)
        self._shown_key = ""

    def show_node(self, node: PlanNode, view: PlanView) -> None:
        """Show everything about the pipeline or the resource of that row, from the top when it is another one."""
        is_other, self._shown_key = node.key != self._shown_key, node.key
        found = [finding for finding in view.findings if concerns(finding, node.pipeline)]
        if node.row is None:
            self.show(pipeline_lines(node.pipeline, found), from_top=is_other)
        else:
            about = [finding for finding in found if finding.place == str(node.row.address)]
            self.show(resource_lines(node.row, about), from_top=is_other)


def concerns(finding: FindingLine, pipeline: PipelineNode) -> bool:
    """Tell whether the finding is about the pipeline, one of its resources, its file, or the project as a whole."""
    if finding.pipeline or not finding.place:
        return finding.pipeline in ("", pipeline.name)
    return bool(pipeline.path) and finding.place.startswith(f"{pipeline.path}:")


def pipeline_lines(pipeline: PipelineNode, findings: Iterable[FindingLine]) -> tuple[Line, ...]:
    """Return a pipeline with all that changes in it."""
    lines = [line(span(f"{pipeline.symbol} {pipeline.word} ", pipeline.role), span(pipeline.name, Role.STRONG))]
    if not pipeline.changed:
        is_retired = any(row.reason is Reason.RETIRED for row in pipeline.rows)
        word = span("○ retired ", Role.MUTED) if is_retired else span("✓ in sync ", Role.GOOD)
        lines = [line(word, span(pipeline.name, Role.STRONG))]
    lines += [line(span(text, Role.MUTED)) for text in (pipeline.path, pipeline.content) if text]
    lines += _section("edited", pipeline.edits)
    lines += (*pipeline.notes, *pipeline.settings)
    for row in pipeline.rows:
        note = [line(span(row.note, Role.MUTED), indent=2)] if row.note else []
        if row.is_change:
            lines += [line(), row.heading, *(item.indented(2) for item in row.lines), *note]
        elif note:
            lines += [line(), line(span(row.title, Role.STRONG)), *note]
    return (*lines, *finding_lines(findings))


def resource_lines(row: ResourceRow, findings: Iterable[FindingLine]) -> tuple[Line, ...]:
    """Return a resource: what changes, what was changed outside, the impact, the findings."""
    lines = [row.heading]
    if row.physical_name not in row.heading.text:
        lines.append(line(span(row.physical_name, Role.MUTED)))
    if row.note:
        lines.append(line(*prose(row.note, Role.WARN)))
    lines += _section("will be" if row.word == "create" else "changes", row.lines)
    if row.reason is not Reason.DRIFT:  # there, what apply changes is the same places the other way round
        lines += _section("changed outside bunsui", row.drift)
    if row.is_change and row.risk is not Risk.NONE:
        role = Role.RISK if row.risk not in (Risk.COSMETIC, Risk.NEW_SESSIONS_ONLY) else Role.PLAIN
        lines += _section("impact", [line(span(IMPACT[row.risk], role))])
    return (*lines, *finding_lines(findings))


def finding_lines(findings: Iterable[FindingLine]) -> list[Line]:
    """Return the findings, each with what is wrong and how to fix it."""
    lines: list[Line] = []
    found = tuple(findings)
    for finding in (one for one in found if one.accepted is None):
        lines.append(finding.heading)
        lines += [line(span(finding.detail), indent=2)] if finding.detail else []
        lines += [item.indented(2) for item in hint_lines(finding.hint, Role.HINT)]
    return _section("findings", [*lines, *accepted_findings(found)])


def _section(name: str, lines: Iterable[Line]) -> list[Line]:
    body = [item.indented(2) for item in lines]
    return [line(), line(span(name, Role.MUTED)), *body] if body else []
