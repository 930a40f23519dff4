"""The pages about the row of a plan under the cursor: its difference, its impact, the findings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical

from bunsui.command_line import Invocation
from bunsui.model.address import Address
from bunsui.plan.model import Plan, ResourceChange
from bunsui.tui.lines import beside
from bunsui.tui.widgets.diff_pane import DiffPane
from bunsui.tui.widgets.tab_line import TabLine
from bunsui.view.plan.details import details, findings_page, nothing_to_change
from bunsui.view.plan.impact import impact_page
from bunsui.view.plan.model import PlanView
from bunsui.view.plan.split import SplitRow, split_rows
from bunsui.view.plan.tree import PlanNode
from bunsui.view.spans import Line, Role, line, span

DIFF, IMPACT, FINDINGS = "diff", "impact", "findings"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPlan:
    """A plan with what is shown of it."""

    plan: Plan
    view: PlanView
    context: int = 0
    """Unchanged neighbours on each side of a changed field."""

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
    """

    def __init__(self, *, invocation: Invocation) -> None:
        """Begin empty; `invocation` completes the commands that are offered."""
        super().__init__(id="pages")
        self.tabs = TabLine((DIFF, IMPACT, FINDINGS), id="tabs")
        self.diff = DiffPane(id="diff", invocation=invocation)
        self.is_split = False
        self._shown: ShownPlan | None = None
        self._node: PlanNode | None = None

    def compose(self) -> ComposeResult:
        """The names of the pages over the page."""
        yield self.tabs
        yield self.diff

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

    def _draw(self) -> None:
        shown = self._shown
        if shown is None:
            return
        count = sum(1 for found in shown.view.findings if found.accepted is None)
        state = [f"context {shown.context if shown.context < 1000 else 'all'}"] if shown.context else []
        state += ["split"] if self.is_split else []
        beside = line(span("  ".join(state), Role.WARN))
        self.tabs.note({FINDINGS: str(count)} if count else {}, beside)
        about = f"{self.tabs.chosen} {self._node.key if self._node is not None else ''} {self.is_split}"
        self.diff.show_about(about, tuple(self._lines(shown)))

    def _lines(self, shown: ShownPlan) -> Iterator[Line]:
        node = self._node
        if self.tabs.chosen == FINDINGS:
            yield from findings_page(node, shown.view)
        elif node is None and not shown.view.counts:
            yield from nothing_to_change(shown.view)
        elif node is None:
            yield line(span("nothing matches the filter", Role.MUTED))
        elif self.tabs.chosen == IMPACT:
            yield from impact_page(shown.plan, frozenset(node.changes))
        elif self.is_split:
            yield from self._split(shown, node)
        else:
            yield from details(node, shown.view)

    def _split(self, shown: ShownPlan, node: PlanNode) -> Iterator[Line]:
        rows = [row for row in node.rows[:1] or node.pipeline.changed if row.is_change or row.drift]
        if not rows:
            yield from details(node, shown.view)
            return
        known = shown.changes
        width = max(self.diff.text_width, 24)
        for row in split_rows([known[row.address] for row in rows], [row.heading for row in rows], context=shown.context):
            yield from _side_by_side(row, width)


def _side_by_side(row: SplitRow, width: int) -> Iterator[Line]:
    if row.heading is not None:
        yield row.heading
    elif row.left.parts or row.right.parts:
        yield from beside(row.left, row.right, width)
    else:
        yield line()
