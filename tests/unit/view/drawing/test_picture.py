"""A placed graph with what is said of its nodes, as lines."""

from __future__ import annotations

from bunsui.view.ascii import ascii_signs
from bunsui.view.drawing.caption import cut_names, node_caption, picture_notes
from bunsui.view.drawing.picture import NodeStyle, picture_lines, picture_of
from bunsui.view.drawing.shape import GraphShape
from bunsui.view.spans import Role, plain

SHAPE = GraphShape.of_needs({"extract": (), "clean": ("extract",), "enrich": ("extract",), "load": ("clean", "enrich")})
FAILED = NodeStyle(glyph="✗", role=Role.BAD, suffix="2 tries", words="failed")


def test_a_node_says_its_status_and_a_few_letters_more() -> None:
    picture = picture_of(SHAPE, {"load": FAILED, "extract": NodeStyle(glyph="✓", role=Role.GOOD)})
    lines = picture_lines(picture)
    assert plain(lines) == "extract ✓ ── ┬─ clean ──┬ ── load ✗ 2 tries\n             └─ enrich ─┘\n"
    assert [(part.text, part.role) for part in lines[0].parts][-2:] == [("load", Role.TEXT), (" ✗ 2 tries", Role.BAD)]


def test_a_picture_in_ascii_holds_nothing_else() -> None:
    text = ascii_signs(plain(picture_lines(picture_of(SHAPE))))
    assert text == "extract -- +- clean --+ -- load\n           +- enrich -+\n"


def test_nodes_keep_their_places_while_what_is_said_of_them_gets_shorter() -> None:
    before = picture_of(SHAPE, {"load": FAILED})
    assert picture_of(SHAPE, {"extract": NodeStyle(glyph="●")}, before=before).placement is not before.placement
    assert picture_of(SHAPE, {"load": NodeStyle(glyph="●")}, before=before).placement is before.placement


def test_a_long_name_is_cut_and_that_is_said() -> None:
    name = "a-name-that-is-much-longer-than-a-node-may-be"
    picture = picture_of(GraphShape.of_needs({name: (), "b": (name,)}), {name: FAILED}, longest=12)
    assert plain(picture_lines(picture)) == "a-name-that… ✗ 2 tries ── b\n"
    assert cut_names(picture) == (name,)
    assert picture_notes(picture).text == "1 name cut"
    assert node_caption(picture, name).text == f"{name}  ✗ failed 2 tries  before b"


def test_an_edge_without_a_line_is_told_in_words() -> None:
    shape = GraphShape(names=("check", "wait"), edges=(("check", "wait"), ("wait", "check")))
    assert picture_notes(picture_of(shape)).text == "leads back, no line: wait → check"
    assert picture_notes(picture_of(SHAPE)).text == ""


def test_foreign_text_is_harmless_in_a_picture() -> None:
    picture = picture_of(GraphShape.of_needs({"a\x1b[31m": ()}), {"a\x1b[31m": NodeStyle(glyph="\x07", suffix="\x9b")})
    assert plain(picture_lines(picture)) == "a\\x1b[31m \\x07 \\x9b\n"
