import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.asl.jsonpath import JsonPathSyntaxError, parse
from bunsui.engine.jsonpath.paths import NotAReferencePath, PathError, compact, place, select

DATA: dict[str, Any] = {
    "items": [{"v": 0, "k": "a"}, {"v": 1, "k": "b"}, {"v": 2}],
    "two words": 1,
    'Test\\""Name"': 2,
    "deep": {"er": {"v": 9}},
    "名前": "n",
    "lists": [{"t": ["x", "y"], "n": 1}, {"t": ["y"], "n": 2}, {"t": [], "n": None}],
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("$.deep.er.v", 9),
        ("$['deep']['er'].v", 9),
        ("$.items[0].v", 0),
        ("$.items[-1]", {"v": 2}),
        ("$.['items'][1].k", "b"),
        ("$['two words']", 1),
        ('$[\'Test\\""Name"\']', 2),
        ("$.名前", "n"),
        ("$.deep.er.v ", 9),
        ("$.items[*].v", [0, 1, 2]),
        ("$..v", [0, 1, 2, 9]),
        ("$.items[1:].v", [1, 2]),
        ("$.items[:1].v", [0]),
        ("$.items[0:3:2].v", [0, 1, 2]),  # Jayway reads no third part
        ("$.items[-2:].v", [1, 2]),
        ("$.items[:-1].v", [0, 1]),
        ("$.items[1:-1].v", []),  # with both bounds, Jayway counts neither from the end
        ("$.items[-3:-1].v", [0, 1]),
        ("$.items[-113667776004:2].v", [0, 1, 2, 0, 1]),  # Jayway walks from one bound to the other
        ("$.items[-113667776004:].v", [0, 1, 2]),
        ("$.items[:-113667776004].v", []),
        ("$.items[0:113667776004].v", [0, 1, 2]),
        ("$.items[9:].v", []),
        ("$.items[?(@.v<1||@.v>1)].v", [0, 2]),
        ("$.items[?(@.v>=1&&@.k=='b')].v", [1]),
        ("$.items[?(!@.k)].v", [2]),
        ("$.items[?(@.v == '1')].v", [1]),
        ("$.items[?(@.v === '1')].v", []),
        ("$.items[?(@.v in ['1', 2])].v", [1, 2]),
        ("$.items[?(@.k nin ['a'])].v", [1, 2]),
        ("$.items[?(@.k != 'a')].v", [1, 2]),
        ("$.items[?(@.v > '0')].v", [1, 2]),
        ("$.items[?(@.v =~ /[12]/)].v", [1, 2]),
        ("$.items[?(@.k =~ /a|/)].v", [0, 2]),  # what is not there reads as an empty text
        ("$.items[?(@.k =~ 'a')].v", []),
        ("$.items[?(@.none == null)].v", []),
        ("$.lists[?(@.t all ['x'])].n", [1]),
        ("$.lists[?(@.t anyof ['y'])].n", [1, 2]),
        ("$.lists[?(@.t subsetof ['y', 'z'])].n", [2, None]),
        ("$.lists[?(@.t contains 'x')].n", [1]),
        ("$.lists[?(@.t SIZE 2)].n", [1]),
        ("$.lists[?(@.t empty false)].n", [1, 2]),
        ("$.lists[?(@.t =~ /X/i)].n", [1]),
        ("$.items[0,2].v", [0, 2]),
        ("$.items[0]['v','k']", {"v": 0, "k": "a"}),
        ("$.items[?(@.v >= 1 && @.v != 2)].k", ["b"]),
        ("$.items[?(@.k == 'a' || @.v == 2)].v", [0, 2]),
        ("$.items[?(!(@.k))].v", [2]),
        ("$.items[?(@.k)].v", [0, 1]),
        ("$.items[?(@.k in ['b','c'])].v", [1]),
        ("$.items[?(@.k =~ /[AB]/i)].v", [0, 1]),
        ("$.items[?(@.v == $['two words'])].k", ["b"]),
        ("$.deep.*.v", [9]),
        ("$.items[?(@.k==b)].v", [1]),  # a text without quotes
        ("$.items[?(@.k in [a,c])].v", [0]),
        (r"$.items[?(@.k == '\u0061')].v", [0]),
        ("$..['v','k']", [{"v": 0, "k": "a"}, {"v": 1, "k": "b"}]),  # only where both are
    ],
)
def test_a_path_selects_what_it_names(path: str, expected: Any) -> None:
    assert select(path, DATA) == expected


def test_a_definite_path_gives_the_value_and_an_indefinite_one_a_list() -> None:
    assert select("$.a", {"a": [1]}) == [1]
    assert select("$.a[*]", {"a": [1]}) == [1]
    assert select("$.a[*]", {"a": []}) == []


@pytest.mark.parametrize("path", ["$.a[*]", "$.a.b[1:5].c", "$[*]", "$.a[:1]", "$..a", "$.a[?(@.b)]"])
def test_an_indefinite_path_that_finds_nothing_gives_an_empty_list(path: str) -> None:
    assert select(path, {}) == []


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("$.No", "Invalid path '$.No' : No results for path: $['No']"),
        ("$.no.such.path", "Invalid path '$.no.such.path' : Missing property in path $['no']"),
        ("$.items[9]", "Invalid path '$.items[9]' : No results for path: $['items'][9]"),
        ("$.deep.no.more", "Invalid path '$.deep.no.more' : Missing property in path $['deep']['no']"),
    ],
)
def test_a_definite_path_that_finds_nothing_says_so_as_aws_does(path: str, message: str) -> None:
    with pytest.raises(PathError) as caught:
        select(path, DATA)
    assert str(caught.value) == message


def test_reading_a_field_of_a_text_is_an_error() -> None:
    with pytest.raises(PathError, match="Expected to find an object with property"):
        select("$.名前.x", DATA)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "$.",
        "$.a b",
        "$[",
        "$['a",
        "$[?(@.a",
        "$[?(@.a ==)]",
        "$.a..",
        "$[a]",
        "$.a[1",
        "$.a[:]",
        "$.a[::2]",
        "$[?(@.a == b.c)]",
        "$[?(@.a == b-c)]",
        "$[?(@.a == b())]",
    ],
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(JsonPathSyntaxError):
        parse(text)


def test_a_path_may_start_at_the_context_object_or_at_a_variable() -> None:
    assert [parse(text).root for text in ("$", "$$", "$$.Execution.Id", "$total", "$total.sum[0]")] == [
        "$",
        "$$",
        "$$",
        "total",
        "total",
    ]


def test_placing_makes_the_objects_on_the_way_and_changes_nothing_given() -> None:
    into = {"a": {"x": 1}}
    assert place("$.a.b.c", 5, into) == {"a": {"x": 1, "b": {"c": 5}}}
    assert into == {"a": {"x": 1}}
    assert place("$", 5, into) == 5
    assert place("$.a.x", None, into) == {"a": {"x": None}}
    assert place("$.l[1]", 5, {"l": [1, 2]}) == {"l": [1, 5]}


@pytest.mark.parametrize(("path", "into"), [("$.a", 1), ("$.a.b", {"a": "text"}), ("$.a[0]", {"a": []}), ("$.a[*]", {})])
def test_a_result_cannot_be_placed_where_there_is_no_object(path: str, into: Any) -> None:
    with pytest.raises(NotAReferencePath):
        place(path, 1, into)


names = st.text("abcXYZ名 -_", min_size=1, max_size=5)


@given(st.lists(names, min_size=1, max_size=4), st.integers(), st.dictionaries(names, st.integers(), max_size=3))
def test_what_was_placed_is_selected(steps: list[str], value: int, into: dict[str, int]) -> None:
    into = {name: item for name, item in into.items() if name != steps[0]}
    path = "$" + "".join(f"['{step}']" for step in steps)
    placed = place(path, value, into)
    assert select(path, placed) == value
    assert all(select(f"$['{name}']", placed) == item for name, item in into.items())


@given(st.text(max_size=30))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(JsonPathSyntaxError, PathError):
        select("$" + text, DATA)


def test_json_text_is_compact_and_keeps_order() -> None:
    assert compact({"b": [1, "é"], "a": None}) == '{"b":[1,"é"],"a":null}'
