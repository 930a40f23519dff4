"""From one node of a picture to the next, as arrow keys go."""

from __future__ import annotations

from enum import Enum

from bunsui.view.drawing.picture import GraphPicture
from bunsui.view.drawing.placement import PlacedNode


class Direction(Enum):
    """Where to."""

    LEFT = "left"
    RIGHT = "right"
    UP = "up"
    DOWN = "down"


def step(picture: GraphPicture, name: str, direction: Direction) -> str:
    """Return the node in that direction, the same one when there is none; the first one when there is no node of that name.

    To the left and right the way follows edges, up and down it goes through what is equally far from the start, then on to
    other rows: so every node can be reached.
    """
    nodes = {node.name: node for node in picture.placement.nodes if node.name not in picture.hidden}
    here = nodes.get(name)
    if here is None:
        return next(iter(nodes), "")
    match direction:
        case Direction.LEFT:
            found = [nodes[first] for first, second in picture.edges if second == name]
        case Direction.RIGHT:
            found = [nodes[second] for first, second in picture.edges if first == name]
        case Direction.UP:
            found = _nearest_layer([node for node in nodes.values() if node.row < here.row], here)
        case Direction.DOWN:
            found = _nearest_layer([node for node in nodes.values() if node.row > here.row], here)
    nearest = min(found, key=lambda node: (abs(node.row - here.row), node.row, abs(node.column - here.column)), default=here)
    return nearest.name


def _nearest_layer(nodes: list[PlacedNode], here: PlacedNode) -> list[PlacedNode]:
    """Return those that are equally far from the start; else those whose place is the nearest to that."""
    distance = min((abs(node.layer - here.layer) for node in nodes), default=0)
    return [node for node in nodes if abs(node.layer - here.layer) == distance]
