"""The placement of a graph on a grid of terminal cells, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

Edge: TypeAlias = tuple[str, str]
"""The name of a node, and that of one that runs after it."""

WEST, EAST, NORTH, SOUTH = 1, 2, 4, 8
"""The ways on which a cell is left; a stroke has some of them."""
ACROSS, DOWN = WEST | EAST, NORTH | SOUTH


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedNode:
    """A node in its place."""

    name: str
    row: int
    column: int
    width: int
    """In cells."""
    layer: int
    """How many nodes are on the longest way to it."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Edges that are drawn as one line: from each source to each target. Without sources it leads in, without targets out."""

    sources: frozenset[str]
    targets: frozenset[str]


class Stroke(NamedTuple):
    """What lines there are in one cell, all of one bundle.

    Strokes that share a cell are joined, except where one goes across and another one down: these cross.
    """

    row: int
    column: int
    ways: int
    """The sum of `WEST`, `EAST`, `NORTH`, `SOUTH`."""
    bundle: int
    """Its place in `Placement.bundles`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Nodes in their places, and the lines between them."""

    nodes: tuple[PlacedNode, ...] = ()
    """In the order of the names that were placed."""
    edges: tuple[Edge, ...] = ()
    """Those that are drawn: what follows from others is not."""
    undrawn: tuple[Edge, ...] = ()
    """Those that lead back to what runs before: there is no line for them, so that a face says them in words."""
    bundles: tuple[Bundle, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    width: int = 0
    height: int = 0

    def node(self, name: str) -> PlacedNode | None:
        """Return the node of that name, None when there is none."""
        return next((node for node in self.nodes if node.name == name), None)

    def node_at(self, row: int, column: int) -> PlacedNode | None:
        """Return the node that covers the cell."""
        on_row = (node for node in self.nodes if node.row == row)
        return next((node for node in on_row if node.column <= column < node.column + node.width), None)
