"""The plan as rows of a tree: groups, pipelines, resources, changed places. Only what is unfolded has rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from bunsui.model.address import Address
from bunsui.plan.model import OUTSIDE_CHANGES, Action, Reason
from bunsui.view.plan.folded import FoldedRows, folded_rows
from bunsui.view.plan.groups import alike, same_updates
from bunsui.view.plan.model import PipelineNode, PlanView, ResourceRow
from bunsui.view.plan.review.standing import summed_status
from bunsui.view.spans import Line, Role, Span, line, span

DESTRUCTIVE = frozenset({Action.DELETE, Action.REPLACE, Action.RETIRE})
IN_SYNC = "in sync"
"""The key of the row that stands for every pipeline in which nothing changes."""
_ROOM_FOR_ALL = 12
"""Up to this many changed places, everything begins unfolded."""
_ROOM_FOR_PIPELINES = 20
"""Up to this many pipelines that change, those that are updated begin unfolded."""
_TOGETHER = 2
"""More pipelines than that, to which the same happens, are one row: it unfolds."""
_WHOLE = frozenset({Action.CREATE, Action.ADOPT, Action.FORGET, Action.DELETE, Action.RETIRE})
"""Actions that say all of a pipeline, so that its resources begin folded where there is little room."""


class NodeKind(Enum):
    """What a row of the tree stands for."""

    IN_SYNC = "in sync"
    GROUP = "pipelines that are alike"
    PIPELINE = "pipeline"
    FOLDED = "resources that are alike"
    RESOURCE = "resource"
    PLACE = "place"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanNode:
    """One row of the tree."""

    key: str
    kind: NodeKind
    pipelines: tuple[PipelineNode, ...]
    """The pipeline in which the row lies, or all those that it stands for."""
    rows: tuple[ResourceRow, ...] = ()
    """The resource of the row, or all those that it stands for; none for what is about pipelines."""
    place: Line | None = None
    """The changed place; None for everything above."""
    depth: int = 0
    """How many levels stand above it."""
    can_fold: bool = False
    is_open: bool = False

    @property
    def pipeline(self) -> PipelineNode:
        """The first of the pipelines, which tells of all that are alike."""
        return self.pipelines[0]

    @property
    def row(self) -> ResourceRow | None:
        """The first of the resources; None for what is about pipelines."""
        return self.rows[0] if self.rows else None

    @property
    def changes(self) -> tuple[Address, ...]:
        """The changes that the row stands for."""
        rows = self.rows or tuple(row for pipeline in self.pipelines for row in pipeline.changed)
        return tuple(row.address for row in rows if row.is_change) if self.kind is not NodeKind.IN_SYNC else ()


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

    @property
    def is_narrow(self) -> bool:
        """True when something is asked for, so that a pipeline without it is left out."""
        return bool(self.text) or self.destructive_only


@dataclass(slots=True, kw_only=True)
class PlanFolds:
    """What the user folded or unfolded, by key; the rest follows the rule."""

    open_all: bool = False
    open_updates: bool = True
    chosen: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def of(cls, view: PlanView) -> PlanFolds:
        """Begin with what there is room for."""
        changed = [pipeline for pipeline in view.pipelines if pipeline.changed]
        places = sum(len(places_of(row)) for pipeline in changed for row in pipeline.changed)
        by_themselves = len(changed) - sum(len(group) - 1 for group in _groups(changed))
        return cls(open_all=places <= _ROOM_FOR_ALL, open_updates=by_themselves <= _ROOM_FOR_PIPELINES)

    def is_open(self, key: str, pipeline: PipelineNode | None = None) -> bool:
        """Tell whether the row of that key is unfolded; `pipeline` for the row of one."""
        if key in self.chosen:
            return self.chosen[key]
        if pipeline is not None:
            return self.open_all or (self.open_updates and pipeline.action not in _WHOLE)
        return self.open_all and key.startswith("resource ")


def plan_nodes(view: PlanView, selection: Selection, folds: PlanFolds) -> Iterator[PlanNode]:
    """Return the rows from the top: what changes, alike ones together, then what is noted, then what is in sync."""
    shown = {pipeline.name: _select_rows(pipeline, selection) for pipeline in view.pipelines}
    kept = [one for one in view.pipelines if shown[one.name] or not (selection.is_narrow or selection.unchanged_too)]
    changed = [pipeline for pipeline in kept if pipeline.changed and shown[pipeline.name]]
    groups = () if selection.is_narrow else _groups(changed)
    leaders = {group[0].name: group for group in groups}
    members = {pipeline.name for group in groups for pipeline in group}
    for pipeline in changed:
        if pipeline.name in leaders:
            yield from _group(leaders[pipeline.name], selection, folds)
        elif pipeline.name not in members:
            yield from _pipeline(pipeline, shown[pipeline.name], selection, folds, 0)
    rest = [pipeline for pipeline in kept if not pipeline.changed]
    noted = [pipeline for pipeline in rest if shown[pipeline.name]]
    for pipeline in noted:
        yield from _pipeline(pipeline, shown[pipeline.name], selection, folds, 0)
    silent = tuple(pipeline for pipeline in rest if not shown[pipeline.name])
    if silent and not selection.is_narrow:
        yield PlanNode(key=IN_SYNC, kind=NodeKind.IN_SYNC, pipelines=silent)


def pipeline_key(pipeline: PipelineNode) -> str:
    """Return the key of a pipeline's row."""
    return f"pipeline {pipeline.name}"


def row_key(row: ResourceRow) -> str:
    """Return the key of a resource's row."""
    return f"resource {row.address}"


def parent_key(node: PlanNode, nodes: Sequence[PlanNode]) -> str:
    """Return the key of the row above which it is folded into; empty at the top."""
    at = next((place for place, one in enumerate(nodes) if one.key == node.key), 0)
    return next((one.key for one in reversed(nodes[:at]) if one.depth < node.depth), "")


def places_of(row: ResourceRow) -> tuple[Line, ...]:
    """Return what the row unfolds into: what apply changes, or else what was changed outside."""
    return row.lines or row.drift


def label(node: PlanNode, *, mark: str = " ") -> Line:
    """Return the row's name with its triangle, after one cell for the mark."""
    marked = span(mark, Role.HINT if mark == "x" else Role.MUTED)
    if node.place is not None:
        return line(marked, span(" " * (2 * node.depth + 1)), *node.place.parts)
    triangle = "▾ " if node.is_open else "▸ " if node.can_fold else "  "
    return line(marked, span(" " * (2 * node.depth)), span(triangle, Role.MUTED), *_name(node))


def words(node: PlanNode, status: Mapping[Address, Line]) -> Line:
    """Return in a few words what happens to the row; `status` is where each resource stands in an apply."""
    match node.kind:
        case NodeKind.PLACE:
            return line()
        case NodeKind.IN_SYNC:
            return line(span("s shows them", Role.MUTED))
        case NodeKind.GROUP | NodeKind.PIPELINE:
            return summed_status(node.changes, status) or _pipeline_words(node.pipeline)
        case NodeKind.RESOURCE | NodeKind.FOLDED:
            return summed_status([row.address for row in node.rows], status) or _row_words(node.rows[0])


def _groups(changed: Sequence[PipelineNode]) -> Sequence[Sequence[PipelineNode]]:
    return (*alike(changed, beyond=_TOGETHER), *same_updates(changed, beyond=_TOGETHER))


def _select_rows(pipeline: PipelineNode, selection: Selection) -> tuple[ResourceRow, ...]:
    return tuple(row for row in pipeline.rows if selection.shows(pipeline, row))


def _group(group: Sequence[PipelineNode], selection: Selection, folds: PlanFolds) -> Iterator[PlanNode]:
    key = f"alike {group[0].name}"
    is_open = folds.is_open(key)
    yield PlanNode(key=key, kind=NodeKind.GROUP, pipelines=tuple(group), can_fold=True, is_open=is_open)
    if is_open:
        for pipeline in group:
            is_member_open = folds.chosen.get(pipeline_key(pipeline), False)
            yield from _pipeline(pipeline, _select_rows(pipeline, selection), selection, folds, 1, is_open=is_member_open)


def _pipeline(
    pipeline: PipelineNode,
    rows: tuple[ResourceRow, ...],
    selection: Selection,
    folds: PlanFolds,
    depth: int,
    *,
    is_open: bool | None = None,
) -> Iterator[PlanNode]:
    key, own = pipeline_key(pipeline), (pipeline,)
    unfolded = bool(rows) and (folds.is_open(key, pipeline) if is_open is None else is_open)
    yield PlanNode(key=key, kind=NodeKind.PIPELINE, pipelines=own, depth=depth, can_fold=bool(rows), is_open=unfolded)
    if not unfolded:
        return
    for number, edit in enumerate(() if selection.destructive_only else pipeline.edits):
        # It is of no resource, so that only a text chooses among what an author edited.
        if selection.text.casefold() in edit.text.casefold():
            yield PlanNode(key=f"{key} {number}", kind=NodeKind.PLACE, pipelines=own, place=edit, depth=depth + 1)
    for group in folded_rows(rows):
        yield from _resources(pipeline, group, folds, depth + 1)


def _resources(pipeline: PipelineNode, group: FoldedRows, folds: PlanFolds, depth: int) -> Iterator[PlanNode]:
    if len(group.rows) == 1:
        yield from _resource(pipeline, group.rows[0], folds, depth)
        return
    key = f"alike {group.rows[0].address}"
    is_open = folds.is_open(key)
    yield PlanNode(
        key=key,
        kind=NodeKind.FOLDED,
        pipelines=(pipeline,),
        rows=group.rows,
        depth=depth,
        can_fold=True,
        is_open=is_open,
    )
    if is_open:
        for row in group.rows:
            yield from _resource(pipeline, row, folds, depth + 1)


def _resource(pipeline: PipelineNode, row: ResourceRow, folds: PlanFolds, depth: int) -> Iterator[PlanNode]:
    key, places = row_key(row), places_of(row)
    is_open = bool(places) and folds.is_open(key)
    yield PlanNode(
        key=key,
        kind=NodeKind.RESOURCE,
        pipelines=(pipeline,),
        rows=(row,),
        depth=depth,
        can_fold=bool(places),
        is_open=is_open,
    )
    for number, place in enumerate(places if is_open else ()):
        yield PlanNode(
            key=f"{key} {number}",
            kind=NodeKind.PLACE,
            pipelines=(pipeline,),
            rows=(row,),
            place=place,
            depth=depth + 1,
        )


def _name(node: PlanNode) -> tuple[Span, ...]:
    match node.kind:
        case NodeKind.IN_SYNC:
            unread = sum(map(_is_assumed, node.pipelines))
            count = len(node.pipelines) - unread
            parts = [f"{count} pipeline{'s' * (count != 1)} in sync"] if count else []
            parts += [f"{unread} not read, assumed as last applied"] if unread else []
            return (span(", ".join(parts), Role.MUTED),)
        case NodeKind.GROUP:
            first, last = node.pipelines[0], node.pipelines[-1]
            return span(f"{len(node.pipelines)} alike  ", Role.STRONG), span(f"{first.name} … {last.name}", Role.MUTED)
        case NodeKind.PIPELINE:
            beside = f"  {node.pipeline.title}" if node.pipeline.title else ""
            return span(node.pipeline.name, Role.STRONG), span(beside, Role.MUTED)
        case NodeKind.FOLDED:
            _, title, *_ = FoldedRows(rows=node.rows).heading.parts
            return span(f"{node.rows[0].symbol} ", node.rows[0].role), span(title.text.strip())
        case NodeKind.RESOURCE | NodeKind.PLACE:
            row = node.rows[0]
            return span(f"{row.symbol} ", row.role), span(row.title, Role.PLAIN if row.is_change else Role.MUTED)


def _pipeline_words(pipeline: PipelineNode) -> Line:
    noted = [row.reason for row in pipeline.rows if row.note and not row.is_change]
    if any(reason is not Reason.RETIRED for reason in noted):
        return line(span("? not all known", Role.WARN))
    if pipeline.action is Action.NO_OP:
        if _is_assumed(pipeline):
            return line(span("· not read", Role.MUTED))
        return line(span("○ retired", Role.MUTED)) if noted else line(span("✓ in sync", Role.GOOD))
    if any(row.is_change and row.reason in OUTSIDE_CHANGES for row in pipeline.rows):
        return line(span(f"{pipeline.symbol} ", pipeline.role), span("≠ undoes outside", Role.DRIFT))
    return line(span(f"{pipeline.symbol} {pipeline.word}", pipeline.role))


def _is_assumed(pipeline: PipelineNode) -> bool:
    return any(row.reason is Reason.ASSUMED for row in pipeline.rows)


def _row_words(row: ResourceRow) -> Line:
    """Return in a few words how a resource changes."""
    if row.reason is Reason.RETIRED:
        return line(span("kept", Role.MUTED))
    if not row.is_change and row.note:
        return line(span("? unknown", Role.WARN))
    if row.is_change and row.reason is Reason.DRIFT:
        return line(span("≠ undoes outside", Role.DRIFT))
    if row.action is Action.UPDATE:
        count = row.count
        drifted = [span(", drifted", Role.DRIFT)] if row.drift else []
        return line(span(f"{count} change{'s' * (count != 1)}", Role.MUTED), *drifted)
    return line(span(row.word, row.role))


def _search_text(pipeline: PipelineNode, row: ResourceRow) -> str:
    edits = (edit.text for edit in pipeline.edits)
    texts = (pipeline.name, *edits, row.title, row.word, row.physical_name, row.reason.value, row.risk.value)
    return " ".join((*texts, *(item.text for item in row.lines))).casefold()
