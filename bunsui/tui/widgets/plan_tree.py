"""The plan as a tree: pipelines, their resources, and the places that change; only what is unfolded has rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from bunsui.model.address import Address
from bunsui.plan.model import Action, Reason
from bunsui.tui.widgets.virtual_table import Cells, Column, VirtualTable
from bunsui.view.plan.model import PipelineNode, PlanView, ResourceRow
from bunsui.view.spans import Line, Role, Span, line, span

DESTRUCTIVE = frozenset({Action.DELETE, Action.REPLACE, Action.RETIRE})
_ROOM_FOR_ALL = 12
"""Up to this many changed places, resources begin unfolded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanNode:
    """One row of the tree."""

    key: str
    pipeline: PipelineNode
    row: ResourceRow | None = None
    """None for the pipeline itself, and what its author edited."""
    place: Line | None = None
    """One changed place of the resource, or of the pipeline's file; None for the resource or the pipeline itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which resources the tree shows."""

    text: str = ""
    """Only what holds this text, in any case of letters."""
    destructive_only: bool = False
    unchanged_too: bool = False

    def shows(self, pipeline: PipelineNode, row: ResourceRow) -> bool:
        """Tell whether the resource is shown."""
        if self.destructive_only and row.action not in DESTRUCTIVE:
            return False
        if not (row.is_change or row.note or self.unchanged_too):
            return False
        return self.text.casefold() in _search_text(pipeline, row) if self.text else True


@dataclass(slots=True, kw_only=True)
class _Folds:
    """What the user folded or unfolded, by key; the rest follows the rule."""

    open_by_rule: bool = False
    chosen: dict[str, bool] = field(default_factory=dict)

    def is_open(self, key: str) -> bool:
        return self.chosen.get(key, self.open_by_rule or key.startswith("pipeline "))


class PlanTree(VirtualTable, inherit_bindings=False):
    """Shows a plan view; posts `Moved` with the key of the row, which `node` gives back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *VirtualTable.BINDINGS[:-1],
        Binding("l,right", "unfold", "unfold, or go to the details", id="tree.unfold", show=False),
        Binding("h,left", "fold", "fold, or go to the parent", id="tree.fold", show=False),
        Binding("enter,space", "toggle_fold", "fold or unfold", id="tree.toggle", show=False),
    ]

    DEFAULT_CSS = """
    PlanTree { background: $background; }
    """

    class Left(Message):
        """The user went on to the right, out of the tree."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(_columns(10), id="tree")
        self._view: PlanView | None = None
        self._selection = Selection()
        self._status: Mapping[Address, Line] = {}
        self._by_key: dict[str, PlanNode] = {}
        self._folds = _Folds()
        self.shown_resources = 0
        """How many resources the selection lets through."""

    def show_plan(self, view: PlanView, selection: Selection, status: Mapping[Address, Line]) -> None:
        """Show the plan; `status` is what happens to resources in an apply, shown in place of how they change."""
        is_first = self._view is None
        if is_first:
            places = sum(len(_places(row)) for pipeline in view.pipelines for row in pipeline.changed)
            self._folds.open_by_rule = places <= _ROOM_FOR_ALL
        self._view, self._selection, self._status = view, selection, status
        self._fit_columns()
        self._rebuild()
        if is_first:
            changed = (pipeline for pipeline in view.pipelines if pipeline.changed)
            self.move_to(next(map(_pipeline_key, changed), ""))

    def on_resize(self) -> None:
        """Return the words their share of the new width."""
        super().on_resize()
        self._fit_columns()

    def _fit_columns(self) -> None:
        wide = self._status or (self._view is not None and self._view.drifted)
        self.set_columns(_columns(18 if wide and self.row_width >= 46 else 12 if wide else 10))

    def forget_plan(self) -> None:
        """Show nothing, and fold what comes next by the rule."""
        self._view, self._by_key, self._folds = None, {}, _Folds()
        self.show((), self._cells)

    def node(self, key: str | None) -> PlanNode | None:
        """Return the row of that key."""
        return self._by_key.get(key) if key is not None else None

    def action_toggle_fold(self) -> None:
        """Fold or unfold the row under the cursor; a row that has nothing to unfold opens the details."""
        node = self.node(self.cursor_key)
        if node is None:
            return
        if self._can_fold(node):
            self._set_fold(node.key, is_open=not self._folds.is_open(node.key))
        else:
            self.post_message(self.Left())

    def action_choose(self) -> None:
        """Do to a row that is clicked twice what enter does."""
        self.action_toggle_fold()

    def on_click(self, event: events.Click) -> None:
        """Fold and unfold at the triangle too; Textual then lets the table move its cursor to the row."""
        node = self.node(self.key_at(event.y))
        if node is not None and event.chain == 1 and self._can_fold(node) and event.x in _triangle(node):
            self._set_fold(node.key, is_open=not self._folds.is_open(node.key))

    def action_unfold(self) -> None:
        """Unfold the row under the cursor; when it is unfolded, or has nothing to unfold, go to the details."""
        node = self.node(self.cursor_key)
        if node is not None and self._can_fold(node) and not self._folds.is_open(node.key):
            self._set_fold(node.key, is_open=True)
        else:
            self.post_message(self.Left())

    def action_fold(self) -> None:
        """Fold the row under the cursor; when it is folded, go to its parent."""
        node = self.node(self.cursor_key)
        if node is None:
            return
        if self._can_fold(node) and self._folds.is_open(node.key):
            self._set_fold(node.key, is_open=False)
        elif node.place is not None and node.row is not None:
            self.move_to(_row_key(node.row))
        elif node.place is not None or node.row is not None:
            self.move_to(_pipeline_key(node.pipeline))

    def _set_fold(self, key: str, *, is_open: bool) -> None:
        self._folds.chosen[key] = is_open
        self._rebuild()

    def _can_fold(self, node: PlanNode) -> bool:
        if node.row is None:
            return node.place is None and any(self._selection.shows(node.pipeline, row) for row in node.pipeline.rows)
        return node.place is None and bool(_places(node.row))

    def _rebuild(self) -> None:
        view = self._view
        if view is None:
            return
        nodes: list[PlanNode] = []
        self.shown_resources = 0
        for pipeline in view.pipelines:
            rows = [row for row in pipeline.rows if self._selection.shows(pipeline, row)]
            self.shown_resources += len(rows)
            if not rows and (self._selection.text or self._selection.destructive_only):
                continue
            nodes.append(PlanNode(key=_pipeline_key(pipeline), pipeline=pipeline))
            if self._folds.is_open(nodes[-1].key):
                nodes.extend(self._edits(pipeline))
                for row in rows:
                    nodes.extend(self._resource(pipeline, row))
        self._by_key = {node.key: node for node in nodes}
        self.show(tuple(self._by_key), self._cells)

    def _edits(self, pipeline: PipelineNode) -> list[PlanNode]:
        """Return what the author edited; it is of no resource, so that only a text chooses among it."""
        key, text = _pipeline_key(pipeline), self._selection.text.casefold()
        return [
            PlanNode(key=f"{key} {number}", pipeline=pipeline, place=place)
            for number, place in enumerate(() if self._selection.destructive_only else pipeline.edits)
            if text in place.text.casefold()
        ]

    def _resource(self, pipeline: PipelineNode, row: ResourceRow) -> list[PlanNode]:
        key = _row_key(row)
        nodes = [PlanNode(key=key, pipeline=pipeline, row=row)]
        if self._folds.is_open(key):
            nodes += [
                PlanNode(key=f"{key} {number}", pipeline=pipeline, row=row, place=place)
                for number, place in enumerate(_places(row))
            ]
        return nodes

    def _cells(self, key: str) -> Cells:
        node = self._by_key[key]
        if node.place is not None:
            return (node.place.indented(6 if node.row is not None else 4),)
        fold = ("▾ " if self._folds.is_open(key) else "▸ ") if self._can_fold(node) else "  "
        if node.row is None:
            return self._pipeline_cells(node.pipeline, fold)
        row = node.row
        role = Role.PLAIN if row.is_change else Role.MUTED
        label = line(span(fold, Role.MUTED), span(f"{row.symbol} ", row.role), span(row.title, role), indent=2)
        return label, self._status.get(row.address) or _how(row)

    def _pipeline_cells(self, pipeline: PipelineNode, fold: str) -> Cells:
        label = line(
            span(fold, Role.MUTED),
            span(pipeline.name, Role.STRONG),
            span(f"  {pipeline.title}" if pipeline.title else "", Role.MUTED),
        )
        noted = [row.reason for row in pipeline.rows if row.note and not row.is_change]
        if any(reason is not Reason.RETIRED for reason in noted):
            return label, line(span("? not all known", Role.WARN))
        if pipeline.action is Action.NO_OP and noted:
            return label, line(span("○ retired", Role.MUTED))
        if pipeline.action is Action.NO_OP:
            return label, line(span("✓ in sync", Role.GOOD))
        return label, line(span(f"{pipeline.symbol} {pipeline.word}", pipeline.role))


def _triangle(node: PlanNode) -> range:
    """Return the columns of a row in which its triangle stands."""
    begin = 1 if node.row is None else 3
    return range(begin, begin + 2)


def _columns(words: int) -> list[Column]:
    """Return the columns, the second one so many cells wide."""
    return [Column(title="", quiet=True), Column(title="", width=words, least_room=34, quiet=True)]


def _places(row: ResourceRow) -> tuple[Line, ...]:
    """Return what the row unfolds into: what apply changes, or else what was changed outside."""
    return row.lines or row.drift


def _how(row: ResourceRow) -> Line:
    """Return in a few words how a resource changes."""
    if row.reason is Reason.RETIRED:
        return line(span("kept", Role.MUTED))
    if not row.is_change and row.note:
        return line(span("? unknown", Role.WARN))
    if row.action is Action.UPDATE:
        count = len(row.lines) - row.neighbours
        drifted: list[Span] = [span(", drifted", Role.DRIFT)] if row.drift else []
        return line(span(f"{count} change{'s' * (count != 1)}", Role.MUTED), *drifted)
    return line(span(row.word, row.role))


def _pipeline_key(pipeline: PipelineNode) -> str:
    return f"pipeline {pipeline.name}"


def _row_key(row: ResourceRow) -> str:
    return f"resource {row.address}"


def _search_text(pipeline: PipelineNode, row: ResourceRow) -> str:
    edits = (edit.text for edit in pipeline.edits)
    texts = (pipeline.name, *edits, row.title, row.word, row.physical_name, row.reason.value, row.risk.value)
    return " ".join((*texts, *(item.text for item in row.lines))).casefold()
