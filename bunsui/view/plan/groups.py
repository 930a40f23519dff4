"""Pipelines that are alike in what happens to them: where there are many, they are told together."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence

from bunsui.plan.model import Action
from bunsui.view.plan.model import PipelineNode, ResourceRow

FOLDED = frozenset({Action.CREATE, Action.ADOPT, Action.FORGET})
"""Actions that fold a pipeline into one line when they happen to all of it."""
TOGETHER = 20
"""More pipelines than that, to which the same happens, are told together, by their names."""
_WIDE = 76
"""Columns of a line of names."""
_WHOLE = FOLDED | {Action.DELETE}


def alike(nodes: Iterable[PipelineNode], *, beyond: int = TOGETHER) -> Sequence[Sequence[PipelineNode]]:
    """Return the groups of many pipelines, more than `beyond`, that wholly come or go and are made of the same; nothing in them
    is worth a word of its own."""
    found: dict[tuple[Action, str], list[PipelineNode]] = {}
    for node in nodes:
        told = node.notes or node.settings or node.edits or any(row.drift or row.note for row in node.changed)
        if node.action in _WHOLE and not told:
            found.setdefault((node.action, node.content), []).append(node)
    return [group for group in found.values() if len(group) > beyond]


def same_updates(nodes: Iterable[PipelineNode], *, beyond: int) -> Sequence[Sequence[PipelineNode]]:
    """Return the groups of more than `beyond` pipelines that stay, and in which the very same changes: a rule for all of them,
    a file that they share."""
    found: dict[Hashable, list[PipelineNode]] = {}
    for node in nodes:
        if node.action is Action.UPDATE:
            edits = tuple(item.text for item in (*node.edits, *node.notes))
            found.setdefault((edits, *map(_sameness, node.changed)), []).append(node)
    return [group for group in found.values() if len(group) > beyond]


def _sameness(row: ResourceRow) -> Hashable:
    texts = (*row.lines, *row.drift)
    said = (row.action, row.reason, row.risk, row.note, row.remarks)
    return row.address.kind, row.address.name, *said, *(item.text for item in texts)


def names_wrapped(group: Iterable[PipelineNode]) -> Iterator[str]:
    """Return all names, in lines."""
    names = ""
    for node in group:
        longer = f"{names}, {node.name}" if names else str(node.name)
        if names and len(longer) > _WIDE:
            yield f"{names},"
            longer = str(node.name)
        names = longer
    if names:
        yield names
