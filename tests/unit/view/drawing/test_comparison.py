"""A graph before and after a change stands in one placement."""

from __future__ import annotations

from hypothesis import given, settings

from bunsui.view.drawing.comparison import compare_graphs
from bunsui.view.drawing.picture import EdgeMark, picture_lines
from bunsui.view.drawing.shape import GraphShape, reduce_shape
from bunsui.view.spans import plain
from tests.faults.amount import amount
from tests.unit.view.drawing.graphs import shapes

OLD = GraphShape.of_needs({"extract": (), "load": ("extract",), "audit": ("extract",)})
NEW = GraphShape.of_needs({"extract": (), "clean": ("extract",), "load": ("clean",)})


@settings(max_examples=amount(25, 300, 3000))
@given(shapes(7), shapes(7))
def test_each_side_shows_its_own_edges_and_the_marks_tell_the_difference(before: GraphShape, after: GraphShape) -> None:
    found = compare_graphs(before, after)
    back = set(found.both.placement.undrawn)
    for side, shape in ((found.before, before), (found.after, after)):
        assert set(side.names) == set(shape.names)
        assert set(side.edges) | {edge for edge in back if side.shows(edge)} == set(reduce_shape(shape).edges)
        assert side.placement is found.both.placement
    assert {edge for edge, mark in found.both.marks.items() if mark is EdgeMark.ADDED} == (
        set(reduce_shape(after).edges) - set(reduce_shape(before).edges)
    )


def test_what_both_have_stands_where_it_stood_and_the_rest_is_marked_without_colours() -> None:
    found = compare_graphs(OLD, NEW, edited={"load"})
    assert plain(picture_lines(found.both)) == (
        "extract ─┬━ clean + ━┬─ load ~\n"
        "         ├╌╌╌╌╌╌╌╌╌╌╌┘\n"
        "         └╌ audit -\n"
    )  # fmt: skip
    assert plain(picture_lines(found.before)) == (
        "extract ─┐           ┌─ load\n"
        "         ├───────────┘\n"
        "         └─ audit\n"
    )  # fmt: skip
    assert plain(picture_lines(found.after)) == "extract ─── clean ───── load\n\n\n"


def test_a_graph_that_did_not_change_has_no_marks() -> None:
    assert not compare_graphs(OLD, OLD).is_changed
    assert compare_graphs(OLD, OLD, edited={"load"}).is_changed
