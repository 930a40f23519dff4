"""Arrow keys lead along edges, and to every node."""

from __future__ import annotations

from hypothesis import given, settings

from bunsui.view.drawing.picture import picture_of
from bunsui.view.drawing.shape import GraphShape
from bunsui.view.drawing.steps import Direction, step
from tests.faults.amount import amount
from tests.unit.view.drawing.graphs import shapes


@settings(max_examples=amount(25, 300, 3000))
@given(shapes())
def test_every_node_can_be_reached_from_every_other(shape: GraphShape) -> None:
    picture = picture_of(shape)
    for start in shape.names:
        reached, todo = {start}, [start]
        while todo:
            found = {step(picture, todo[-1], direction) for direction in Direction} - reached
            todo.pop()
            todo += found
            reached |= found
        assert reached == set(shape.names)


def test_left_and_right_follow_edges() -> None:
    picture = picture_of(GraphShape.of_needs({"a": (), "b": (), "c": ("a", "b"), "d": ("b",)}))
    assert step(picture, "a", Direction.RIGHT) == "c"
    assert step(picture, "d", Direction.LEFT) == "b"
    assert step(picture, "c", Direction.DOWN) == "d"
    assert step(picture, "d", Direction.RIGHT) == "d"
    assert step(picture, "gone", Direction.UP) == "a"
