"""Drawn graphs, and who reads a picture with a finger: from a node along the lines to those that it reaches."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import strategies as st

from bunsui.view.drawing.placement import ACROSS, DOWN, EAST, NORTH, SOUTH, WEST, Edge, Placement
from bunsui.view.drawing.shape import GraphShape

_STEPS = {EAST: (0, 1), NORTH: (-1, 0), SOUTH: (1, 0)}
_BACK = {EAST: WEST, NORTH: SOUTH, SOUTH: NORTH}


@st.composite
def shapes(draw: st.DrawFn, most: int = 10, *, rings: bool = False) -> GraphShape:
    names = [f"job{number}" for number in range(draw(st.integers(1, most)))]
    pairs = [(a, b) for i, b in enumerate(names) for a in (names if rings else names[:i]) if a != b]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=18)) if pairs else []
    return GraphShape(names=tuple(draw(st.permutations(names))), edges=tuple(edges))


def told_edges(placement: Placement) -> set[Edge]:
    """Return the edges that the lines of a picture tell: to the right, up and down, never back to the left."""
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for stroke in placement.strokes:
        cells[stroke.row, stroke.column].append(stroke.ways)
    found = set()
    for node in placement.nodes:
        todo = [(node.row, node.column + node.width, WEST)]
        seen = set()
        while todo:
            place = row, column, entry = todo.pop()
            if place in seen:
                continue
            seen.add(place)
            reached = placement.node_at(row, column)
            if reached is not None:
                found.add((node.name, reached.name))
                continue
            ways = _ways_on(cells.get((row, column), []), entry)
            if (row, column) not in cells and entry == WEST and _leads_on(placement, cells, row, column):
                ways = [EAST]  # the blank beside a node
            todo += [(row + _STEPS[way][0], column + _STEPS[way][1], _BACK[way]) for way in ways]
    return found


def _ways_on(strokes: list[int], entry: int) -> list[int]:
    if DOWN in strokes and ACROSS in strokes:
        return [EAST] if entry == WEST else [NORTH + SOUTH - entry]
    whole = 0
    for ways in strokes:
        whole |= ways
    if not whole & entry:
        return []
    return [way for way in (EAST, NORTH, SOUTH) if whole & way and way != entry]


def _leads_on(placement: Placement, cells: dict[tuple[int, int], list[int]], row: int, column: int) -> bool:
    return (row, column + 1) in cells or placement.node_at(row, column + 1) is not None
