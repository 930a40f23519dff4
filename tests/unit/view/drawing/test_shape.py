"""Every graph is placed whole, and its lines tell its edges and no others."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bunsui.view.drawing.picture import picture_lines, picture_of
from bunsui.view.drawing.shape import GraphShape, place, place_all, reduce_shape
from bunsui.view.spans import plain
from tests.faults.amount import amount
from tests.unit.view.drawing.graphs import shapes, told_edges


def drawn(needs: dict[str, tuple[str, ...]]) -> str:
    return plain(picture_lines(picture_of(GraphShape.of_needs(needs))))


@settings(max_examples=amount(25, 300, 3000))
@given(shapes(), st.integers(1, 12))
def test_every_job_is_placed_once_and_nothing_lies_upon_it(shape: GraphShape, width: int) -> None:
    placement = place(shape, {name: 1 + (width + index) % 12 for index, name in enumerate(shape.names)})
    assert sorted(node.name for node in placement.nodes) == sorted(shape.names)
    taken = [(node.row, node.column + cell) for node in placement.nodes for cell in range(node.width)]
    assert len(set(taken)) == len(taken)
    assert not {(stroke.row, stroke.column) for stroke in placement.strokes} & set(taken)
    assert all(0 <= row < placement.height and 0 <= column < placement.width for row, column in taken)


@settings(max_examples=amount(25, 300, 3000))
@given(shapes())
def test_the_lines_tell_the_edges_and_no_others(shape: GraphShape) -> None:
    placement = place(shape, dict.fromkeys(shape.names, 3))
    assert told_edges(placement) == set(placement.edges) == set(reduce_shape(shape).edges)


@settings(max_examples=amount(25, 300, 3000))
@given(shapes(rings=True))
def test_an_edge_that_leads_round_is_told_apart_and_none_is_lost(shape: GraphShape) -> None:
    placement = place_all(shape, dict.fromkeys(shape.names, 3))
    assert {*placement.edges, *placement.undrawn} == set(shape.edges)
    assert told_edges(placement) == set(placement.edges)


def test_what_is_no_tree_is_drawn_edge_by_edge() -> None:
    assert drawn({"a": (), "b": (), "c": ("a", "b"), "d": ("b",), "end": ("c", "d")}) == (
        "a ───────┬─ c ─┬─ end\n"
        "b ─┬─────┘     │\n"
        "   └────────d ─┘\n"
    )  # fmt: skip
