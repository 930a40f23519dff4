"""Two graphs in one placement: what both have stands where it stood, what is new, gone or edited says so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from bunsui.view.drawing.picture import PLAIN_NODE, EdgeMark, GraphPicture, NodeStyle, label_width
from bunsui.view.drawing.placement import Edge
from bunsui.view.drawing.shape import GraphShape, place_all, reduce_shape
from bunsui.view.spans import Role

_ADDED = NodeStyle(glyph="+", role=Role.CREATE, name_role=Role.CREATE, words="added")
_REMOVED = NodeStyle(glyph="-", role=Role.DELETE, name_role=Role.DELETE, words="removed")
_EDITED = NodeStyle(glyph="~", role=Role.UPDATE, name_role=Role.UPDATE, words="changed")


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphComparison:
    """A graph before and after a change, in one placement."""

    both: GraphPicture
    """With marks; what is removed is drawn too."""
    before: GraphPicture
    after: GraphPicture

    @property
    def is_changed(self) -> bool:
        """True when nodes or edges differ."""
        return bool(self.both.marks or self.both.styles)


def compare_graphs(before: GraphShape, after: GraphShape, *, edited: Collection[str] = ()) -> GraphComparison:
    """Return both graphs in one placement; `edited` are the nodes that are marked where both have them.

    What runs before another node anyway needs no edge to it: edges that follow from others are neither drawn nor compared.
    """
    old, new = reduce_shape(before), reduce_shape(after)
    names = tuple(dict.fromkeys((*after.names, *before.names)))
    old_edges, new_edges = set(old.edges), set(new.edges)
    common = [edge for edge in new.edges if edge in old_edges]
    edges = tuple(dict.fromkeys((*common, *new.edges, *old.edges)))
    styles = {name: style for name in names if (style := _style(name, before, after, edited)) is not None}
    widths = {name: label_width(name, styles.get(name, PLAIN_NODE)) for name in names}
    shape = GraphShape(names=names, edges=edges)
    marks = _marks(edges, old_edges, new_edges)
    plain = GraphPicture(shape=shape, placement=place_all(shape, widths))
    return GraphComparison(
        both=replace(plain, styles=styles, marks=marks),
        before=_side(plain, before, hidden_edges=new_edges - old_edges),
        after=_side(plain, after, hidden_edges=old_edges - new_edges),
    )


def _side(plain: GraphPicture, shape: GraphShape, *, hidden_edges: set[Edge]) -> GraphPicture:
    hidden = frozenset(node.name for node in plain.placement.nodes) - frozenset(shape.names)
    return replace(plain, hidden=hidden, hidden_edges=frozenset(hidden_edges))


def _style(name: str, before: GraphShape, after: GraphShape, edited: Collection[str]) -> NodeStyle | None:
    if name not in before.names:
        return _ADDED
    if name not in after.names:
        return _REMOVED
    return _EDITED if name in edited else None


def _marks(edges: Collection[Edge], old: Collection[Edge], new: Collection[Edge]) -> dict[Edge, EdgeMark]:
    added = {edge: EdgeMark.ADDED for edge in edges if edge not in old}
    return added | {edge: EdgeMark.REMOVED for edge in edges if edge not in new}
