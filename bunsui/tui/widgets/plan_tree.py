"""The plan as a tree that folds, with a mark on what is chosen for an apply; only what is unfolded has rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from bunsui.model.address import Address
from bunsui.tui.widgets.virtual_table import Cells, Column, VirtualTable
from bunsui.view.plan.model import PlanView
from bunsui.view.plan.review.marks import Marks
from bunsui.view.plan.review.tree import (
    IN_SYNC,
    NodeKind,
    PlanFolds,
    PlanNode,
    Selection,
    label,
    parent_key,
    plan_nodes,
    words,
)
from bunsui.view.spans import Line

_NO_MARKS = Marks()
_OF_RESOURCES = (NodeKind.RESOURCE, NodeKind.FOLDED)
_OF_PIPELINES = (NodeKind.PIPELINE, NodeKind.GROUP)


class PlanTree(VirtualTable, inherit_bindings=False):
    """Shows a plan view; posts `Moved` with the key of the row, which `node` gives back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *VirtualTable.BINDINGS[:-1],
        Binding("l,right", "unfold", "unfold, or go to the details", id="tree.unfold", show=False),
        Binding("h,left", "fold", "fold, or go to the parent", id="tree.fold", show=False),
        Binding("enter", "toggle_fold", "fold or unfold", id="tree.toggle", show=False),
        Binding("n", "next_change(1)", "next change", id="tree.next", show=False),
        Binding("N", "next_change(-1)", "previous change", id="tree.before", show=False),
    ]

    DEFAULT_CSS = """
    PlanTree { background: $background; }
    """

    class Left(Message):
        """The user went on to the right, out of the tree."""

    class InSyncAsked(Message):
        """The user opened the row that stands for what is in sync."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(_columns(10), id="tree")
        self._view: PlanView | None = None
        self._selection = Selection()
        self._status: Mapping[Address, Line] = {}
        self._marks = _NO_MARKS
        self._tree_rows: tuple[PlanNode, ...] = ()
        self._by_key: dict[str, PlanNode] = {}
        self._folds = PlanFolds()
        self.shown_resources = 0
        """How many resources the selection lets through."""

    def show_plan(self, view: PlanView, selection: Selection, status: Mapping[Address, Line]) -> None:
        """Show the plan; `status` is what happens to resources in an apply, shown in place of how they change."""
        is_first = self._view is None
        if is_first:
            self._folds = PlanFolds.of(view)
        self._view, self._selection, self._status = view, selection, status
        shown = (selection.shows(pipeline, row) for pipeline in view.pipelines for row in pipeline.rows)
        self.shown_resources = sum(shown)
        self._fit_columns()
        self._rebuild()
        if is_first:
            self.move_to(next((node.key for node in self._tree_rows if node.kind is not NodeKind.IN_SYNC), ""))

    def show_status(self, status: Mapping[Address, Line]) -> None:
        """Show where the resources stand; the rows stay."""
        self._status = status
        self._fit_columns()
        self.show(self.keys, self._cells)

    def show_marks(self, marks: Marks) -> None:
        """Show what is chosen for an apply."""
        self._marks = marks
        self.refresh()

    def on_resize(self) -> None:
        """Return the words their share of the new width."""
        self._fit_columns()

    def _fit_columns(self) -> None:
        wide = bool(self._status) or (self._view is not None and bool(self._view.drifted))
        self.set_columns(_columns(18 if wide and self.row_width >= 46 else 16 if wide else 12))

    def forget_plan(self) -> None:
        """Show nothing, and fold what comes next by the rule."""
        self._view, self._by_key, self._tree_rows, self._folds = None, {}, (), PlanFolds()
        self.show((), self._cells)

    def node(self, key: str | None) -> PlanNode | None:
        """Return the row of that key."""
        return self._by_key.get(key) if key is not None else None

    def action_toggle_fold(self) -> None:
        """Fold or unfold the row under the cursor; a row that has nothing to unfold opens the details."""
        node = self.node(self.cursor_key)
        if node is None:
            return
        if node.key == IN_SYNC:
            self.post_message(self.InSyncAsked())
        elif node.can_fold:
            self._set_fold(node, is_open=not node.is_open)
        else:
            self.post_message(self.Left())

    def action_choose(self) -> None:
        """Do to a row that is clicked twice what enter does."""
        self.action_toggle_fold()

    def on_click(self, event: events.Click) -> None:
        """Fold and unfold at the triangle too; Textual then lets the table move its cursor to the row."""
        node = self.node(self.key_at(event.y))
        if node is not None and event.chain == 1 and node.can_fold and event.x in _triangle(node):
            self._set_fold(node, is_open=not node.is_open)

    def action_unfold(self) -> None:
        """Unfold the row under the cursor; when it is unfolded, or has nothing to unfold, go to the details."""
        node = self.node(self.cursor_key)
        if node is not None and node.can_fold and not node.is_open:
            self._set_fold(node, is_open=True)
        else:
            self.post_message(self.Left())

    def action_fold(self) -> None:
        """Fold the row under the cursor; when it is folded, go to its parent."""
        node = self.node(self.cursor_key)
        if node is None:
            return
        if node.can_fold and node.is_open:
            self._set_fold(node, is_open=False)
        else:
            self.move_to(parent_key(node, self._tree_rows))

    def action_next_change(self, step: int) -> None:
        """Move to the next resource that changes (1), or the one before (-1); a pipeline that hides it is unfolded, pipelines
        that are alike are one change."""
        at = next((place for place, key in enumerate(self.keys) if key == self.cursor_key), -1)
        node = self._tree_rows[at] if self._tree_rows else None
        if step > 0 and node is not None and node.kind is NodeKind.PIPELINE and node.changes and not node.is_open:
            self._set_fold(node, is_open=True)
        places = range(at + 1, len(self._tree_rows)) if step > 0 else range(at - 1, -1, -1)
        for place in places:
            found = self._tree_rows[place]
            if found.changes and (found.kind in _OF_RESOURCES or (found.kind in _OF_PIPELINES and not found.is_open)):
                self.move_to(found.key)
                return

    def _set_fold(self, node: PlanNode, *, is_open: bool) -> None:
        self._folds.chosen[node.key] = is_open
        self._rebuild()

    def _rebuild(self) -> None:
        if self._view is None:
            return
        self._tree_rows = tuple(plan_nodes(self._view, self._selection, self._folds))
        self._by_key = {node.key: node for node in self._tree_rows}
        self.show(tuple(self._by_key), self._cells)

    def _cells(self, key: str) -> Cells:
        node = self._by_key[key]
        name = label(node, mark=self._marks.of(node.changes) if node.kind is not NodeKind.PLACE else " ")
        return (name,) if node.place is not None else (name, words(node, self._status))


def _triangle(node: PlanNode) -> range:
    """Return the columns of a row in which its triangle stands, after the cursor's and the mark's."""
    begin = 2 + 2 * node.depth
    return range(begin, begin + 2)


def _columns(words: int) -> list[Column]:
    """Return the columns, the second one so many cells wide."""
    return [Column(title="", quiet=True), Column(title="", width=words, least_room=34, quiet=True)]
