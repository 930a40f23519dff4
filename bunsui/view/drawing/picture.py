"""A placed graph with what is said of its nodes, as lines: a pure function of the placement and the styles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import product

from bunsui.view.drawing.glyphs import BOX
from bunsui.view.drawing.placement import ACROSS, DOWN, Bundle, Edge, PlacedNode, Placement
from bunsui.view.drawing.shape import GraphShape, place
from bunsui.view.safe import safe
from bunsui.view.spans import Line, Role, Span, span
from bunsui.view.table import cells, cut

LONGEST_NAME = 28
"""Cells of a name in a picture; the rest is cut with `…`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeStyle:
    """How a node looks, and what is said of it."""

    glyph: str = ""
    """One character behind the name: what it is without colours."""
    role: Role = Role.TEXT
    """Of the glyph and the suffix."""
    suffix: str = ""
    """A few letters behind the glyph, such as `2 tries`."""
    words: str = ""
    """What the glyph means, for the line that tells of one node."""
    name_role: Role = Role.TEXT


class EdgeMark(Enum):
    """What became of an edge; it is drawn with other lines, since colours do not tell everybody."""

    ADDED = "added"
    REMOVED = "removed"


_MARK_ROLES = {EdgeMark.ADDED: Role.CREATE, EdgeMark.REMOVED: Role.DELETE}
PLAIN_NODE = NodeStyle()


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphPicture:
    """A placed graph as it is to be drawn."""

    shape: GraphShape = field(default_factory=GraphShape)
    """What was placed."""
    placement: Placement = field(default_factory=Placement)
    styles: Mapping[str, NodeStyle] = field(default_factory=dict)
    """By name; without one a node is its name."""
    marks: Mapping[Edge, EdgeMark] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    """Nodes that have their place, and are not drawn, nor what leads to them."""
    hidden_edges: frozenset[Edge] = frozenset()

    @property
    def names(self) -> tuple[str, ...]:
        """The nodes that are drawn, in their order."""
        return tuple(node.name for node in self.placement.nodes if node.name not in self.hidden)

    @property
    def edges(self) -> tuple[Edge, ...]:
        """The edges that are drawn."""
        return tuple(edge for edge in self.placement.edges if self.shows(edge))

    def shows(self, edge: Edge) -> bool:
        """Tell whether an edge is not hidden."""
        return edge not in self.hidden_edges and self.hidden.isdisjoint(edge)

    def style(self, name: str) -> NodeStyle:
        """Return the style of a node."""
        return self.styles.get(name, PLAIN_NODE)


def picture_of(
    shape: GraphShape,
    styles: Mapping[str, NodeStyle] | None = None,
    *,
    longest: int = LONGEST_NAME,
    before: GraphPicture | None = None,
) -> GraphPicture:
    """Return the picture of a graph, names cut at `longest` cells; where nothing is wider than in the picture `before` of the
    same graph, every node stays in its place."""
    styles = styles or {}
    widths = {name: label_width(name, styles.get(name, PLAIN_NODE), longest=longest) for name in shape.names}
    if before is not None and before.shape == shape and _holds(before.placement, widths):
        return replace(before, styles=styles)
    return GraphPicture(shape=shape, placement=place(shape, widths), styles=styles)


def _holds(placement: Placement, widths: Mapping[str, int]) -> bool:
    return all(node.width >= widths[node.name] for node in placement.nodes)


def label_width(name: str, style: NodeStyle, *, longest: int = LONGEST_NAME) -> int:
    """Return how many cells the label of a node takes."""
    return min(cells(safe(name)), longest) + sum(cells(text) for text, _ in _tail(style))


def picture_lines(picture: GraphPicture) -> tuple[Line, ...]:
    """Return the picture line by line, without blanks at the ends."""
    placement = picture.placement
    rows: list[list[tuple[int, int, list[Span]]]] = [[] for _ in range(placement.height)]
    lines = _line_cells(picture)
    for node in placement.nodes:
        if node.name not in picture.hidden:
            label = _label(node, picture.style(node.name))
            onward = lines.get((node.row, node.column + node.width + 1))
            rows[node.row].append((node.column, node.width + 1, label + _filling(node, label, onward)))
    for (row, column), (text, role) in lines.items():
        rows[row].append((column, 1, [span(text, role)]))
    return tuple(map(_row_line, rows))


def _filling(node: PlacedNode, label: list[Span], onward: tuple[str, Role] | None) -> list[Span]:
    """Return what leads a line on to a label that is narrower than its node."""
    missing = node.width - sum(cells(part.text) for part in label)
    if not missing or onward is None:
        return []
    across = onward[0] if onward[0] in BOX.across else BOX.character(ACROSS)
    return [span(" "), span(across * missing, onward[1])]


def _row_line(pieces: list[tuple[int, int, list[Span]]]) -> Line:
    """Return pieces (column, cells, spans) as a line; neighbours of one role become one span."""
    found: list[Span] = []
    at = 0
    for column, width, spans in sorted(pieces, key=lambda piece: piece[0]):
        blank = span(" " * (column - at), Role.MUTED)
        for part in (blank, *spans):
            if part.text and found and found[-1].role is part.role:
                found[-1] = span(found[-1].text + part.text, part.role)
            elif part.text:
                found.append(part)
        at = column + min(sum(cells(part.text) for part in spans), width)
    return Line(tuple(found))


def _label(node: PlacedNode, style: NodeStyle) -> list[Span]:
    """Return name, glyph and suffix, cut to the node's width."""
    tail = _tail(style)
    room = max(node.width - sum(cells(text) for text, _ in tail), 1)
    spans = [span(cut(safe(node.name), room), style.name_role)]
    return [*spans, *(span(text, role) for text, role in tail)]


def _tail(style: NodeStyle) -> list[tuple[str, Role]]:
    return [(" " + safe(text), style.role) for text in (style.glyph, style.suffix) if text]


def _line_cells(picture: GraphPicture) -> dict[tuple[int, int], tuple[str, Role]]:
    """Return the character of each cell through which a line goes."""
    bundles = picture.placement.bundles
    shown = [_is_shown(bundle, picture) for bundle in bundles]
    marks = [_mark(bundle, picture) for bundle in bundles]
    ways: dict[tuple[int, int], list[tuple[int, EdgeMark | None]]] = defaultdict(list)
    for stroke in picture.placement.strokes:
        if shown[stroke.bundle]:
            ways[stroke.row, stroke.column].append((stroke.ways, marks[stroke.bundle]))
    return {place: _cell(found) for place, found in ways.items()}


def _cell(strokes: list[tuple[int, EdgeMark | None]]) -> tuple[str, Role]:
    crossing = [stroke for stroke in strokes if stroke[0] == DOWN]
    if crossing and any(way == ACROSS for way, _ in strokes):
        strokes = crossing
    whole = 0
    for way, _ in strokes:
        whole |= way
    found = {mark for _, mark in strokes}
    mark = found.pop() if len(found) == 1 else None
    role = _MARK_ROLES[mark] if mark is not None else Role.MUTED
    return BOX.character(whole, "" if mark is None else mark.value), role


def _is_shown(bundle: Bundle, picture: GraphPicture) -> bool:
    if not picture.hidden and not picture.hidden_edges:
        return True
    sources, targets = bundle.sources - picture.hidden, bundle.targets - picture.hidden
    if not bundle.sources or not bundle.targets:
        return bool(sources or targets)
    return any(edge not in picture.hidden_edges for edge in product(sources, targets))


def _mark(bundle: Bundle, picture: GraphPicture) -> EdgeMark | None:
    """Return the mark that all edges that are drawn in the bundle have in common."""
    if not picture.marks:
        return None
    found = {picture.marks.get(edge) for edge in product(bundle.sources, bundle.targets) if picture.shows(edge)}
    return found.pop() if len(found) == 1 else None
