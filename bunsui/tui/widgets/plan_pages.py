"""The pages about the row of a plan under the cursor: its difference, its impact, the findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical

from bunsui.command_line import Invocation
from bunsui.kinds.state_machine import MACHINE
from bunsui.model.address import Address
from bunsui.plan.model import Plan, ResourceChange
from bunsui.tui.lines import beside
from bunsui.tui.widgets.diff_pane import DiffPane
from bunsui.tui.widgets.graph_pane import GraphPane
from bunsui.tui.widgets.tab_line import TabLine
from bunsui.view.drawing.comparison import GraphComparison
from bunsui.view.plan.model import PlanView
from bunsui.view.plan.review.details import details, findings_page, nothing_to_change
from bunsui.view.plan.review.graph_page import drawn_machine
from bunsui.view.plan.review.impact import impact_page
from bunsui.view.plan.review.split import SplitRow, split_rows
from bunsui.view.plan.review.tree import NodeKind, PlanNode
from bunsui.view.spans import Line, Role, line, span

DIFF, GRAPH, IMPACT, FINDINGS = "diff", "graph", "impact", "findings"
SIDES = ("both", "before", "after")
"""What of a machine's graph is shown: all, with marks on what changes, or how it is before and after, in the same places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPlan:
    """A plan with what is shown of it."""

    plan: Plan
    view: PlanView
    context: int = 0
    """Unchanged neighbours on each side of a changed field."""
    applied: Line | None = None
    """What an apply makes of the row; the pages still say what was planned."""

    @property
    def changes(self) -> Mapping[Address, ResourceChange]:
        """The changes by address."""
        return {change.address: change for change in self.plan.changes}


class PlanPages(Vertical):
    """Shows one page about one row; lines that were handed over stand in place of them while there are any."""

    DEFAULT_CSS = """
    PlanPages { border-left: solid $rule; }
    PlanPages.-alone { border-left: none; }
    PlanPages.-alone #tabs { display: none; }
    PlanPages #graph { display: none; padding: 1 0 0 1; }
    PlanPages.-graph #graph { display: block; }
    PlanPages.-graph #diff { display: none; }
    """

    def __init__(self, *, invocation: Invocation) -> None:
        """Begin empty; `invocation` completes the commands that are offered."""
        super().__init__(id="pages")
        self.tabs = TabLine((DIFF, GRAPH, IMPACT, FINDINGS), id="tabs")
        self.diff = DiffPane(id="diff", invocation=invocation)
        self.graph = GraphPane(id="graph")
        self.is_split = False
        self.side = SIDES[0]
        self._shown: ShownPlan | None = None
        self._node: PlanNode | None = None

    def compose(self) -> ComposeResult:
        """The names of the pages over the page."""
        yield self.tabs
        yield self.diff
        yield self.graph

    def on_resize(self) -> None:
        """Lay what stands side by side out anew."""
        if self.is_split:
            self._draw()

    def on_tab_line_turned(self, message: TabLine.Turned) -> None:
        """Show the page that was chosen."""
        message.stop()
        self._draw()

    def show_lines(self, about: str, lines: tuple[Line, ...]) -> None:
        """Show lines in place of the pages."""
        self._shown = self._node = None
        self.remove_class("-graph")
        self.diff.show_about(about, lines)

    def show_row(self, shown: ShownPlan, node: PlanNode | None) -> None:
        """Show the page about that row; None where nothing is under the cursor."""
        self._shown, self._node = shown, node
        self._draw()

    def turn_split(self) -> None:
        """Show the difference side by side, or in sentences again."""
        self.is_split = not self.is_split
        self.tabs.choose(DIFF)
        self._draw()

    def focus_page(self) -> None:
        """Focus the page that is shown."""
        (self.graph if self.has_class("-graph") else self.diff).focus()

    def turn_side(self) -> None:
        """Show the graph with marks, or before the change, or after it, in turn."""
        self.side = SIDES[(SIDES.index(self.side) + 1) % len(SIDES)]
        self.tabs.choose(GRAPH)
        self._draw()

    def _draw(self) -> None:
        shown = self._shown
        if shown is None:
            return
        compared = self._find_graph(shown) if self.tabs.chosen == GRAPH else None
        self.set_class(compared is not None, "-graph")
        if compared is not None:
            self.graph.show({"before": compared.before, "after": compared.after}.get(self.side, compared.both))
        count = sum(1 for found in shown.view.findings if found.accepted is None)
        state = [f"context {shown.context if shown.context < 1000 else 'all'}"] if shown.context else []
        state += ["split"] if self.is_split and self.tabs.chosen == DIFF else []
        state += [f"{self.side}  v turns"] if compared is not None else []
        beside = line(span("  ".join(state), Role.WARN))
        self.tabs.note({FINDINGS: str(count)} if count else {}, beside)
        about = f"{self.tabs.chosen} {self._node.key if self._node is not None else ''} {self.is_split}"
        self.diff.show_about(about, tuple(self._lines(shown)))

    def _lines(self, shown: ShownPlan) -> Iterator[Line]:
        node = self._node
        if shown.applied is not None and self.tabs.chosen != FINDINGS:
            yield line(*shown.applied.parts, span("   this was planned:", Role.MUTED))
            yield line()
        if self.tabs.chosen == FINDINGS:
            yield from findings_page(node, shown.view)
        elif node is None and not shown.view.counts:
            yield from nothing_to_change(shown.view)
        elif node is None:
            yield line(span("nothing matches the filter", Role.MUTED))
        elif self.tabs.chosen == GRAPH:
            yield line(span(_no_graph(node), Role.MUTED))
        elif self.tabs.chosen == IMPACT:
            yield from impact_page(shown.plan, frozenset(node.changes))
        elif self.is_split:
            yield from self._split(shown, node)
        else:
            yield from details(node, shown.view)

    def _find_graph(self, shown: ShownPlan) -> GraphComparison | None:
        if self._node is None or self._node.kind is NodeKind.IN_SYNC:
            return None
        machine = shown.changes.get(Address(MACHINE, self._node.pipeline.name))
        return drawn_machine(machine, shown.plan) if machine is not None else None

    def _split(self, shown: ShownPlan, node: PlanNode) -> Iterator[Line]:
        rows = [row for row in node.rows[:1] or node.pipeline.changed if row.is_change or row.drift]
        if not rows:
            yield from details(node, shown.view)
            return
        known = shown.changes
        width = max(self.diff.text_width, 24)
        for row in split_rows([known[row.address] for row in rows], [row.heading for row in rows], context=shown.context):
            yield from _side_by_side(row, width)


def _no_graph(node: PlanNode) -> str:
    if node.kind is NodeKind.IN_SYNC:
        return "a graph is of one pipeline: s shows those that are in sync"
    return f"no definition of {node.pipeline.name} is known here: a saved plan holds what changes in it, not all of it"


def _side_by_side(row: SplitRow, width: int) -> Iterator[Line]:
    if row.heading is not None:
        yield row.heading
    elif row.left.parts or row.right.parts:
        yield from beside(row.left, row.right, width)
    else:
        yield line()
