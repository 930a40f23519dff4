"""Functions of JSONata itself, as jsonata 2.0.6 and AWS have them."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.engine.context import Sources
from bunsui.engine.jsonata.evaluate import EvaluationFailure, evaluate

SOURCES = Sources(now=lambda: datetime(2026, 1, 1, tzinfo=UTC), chance=Random(0))
ROWS = '[{"k":1,"n":"first"},{"k":1,"n":"second"},{"k":0,"n":"zero"}]'


def gives(text: str, **variables: Any) -> Any:
    return evaluate("{% " + text + " %}", {**variables, "states": {}}, field="f", sources=SOURCES)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$string(1700000000000000)", "1700000000000000"),
        ("'part=' & 1700000000000000 & '.csv'", "part=1700000000000000.csv"),
        ("$string(5890840712243076)", "5890840712243076"),
        ("$string($id)", "175928847299117063"),
        ("'id=' & $id", "id=175928847299117063"),
        ("$sum([1700000000000000, 1]) & ''", "1700000000000001"),
        ("$join($map([1700000000000001, 2], $string), ',')", "1700000000000001,2"),
        ("$string(1e20)", "100000000000000000000"),
        ("$string(9223372036854775808)", "9223372036854776000"),  # what AWS gives for 2^63
        ("$string(999999999999999868928)", "999999999999999900000"),
        ("$string(1e21)", "1e+21"),
        ("$string(-1e21)", "-1e+21"),
        ("$string(0.1 + 0.2)", "0.3"),
        ("$string(1/3)", "0.333333333333333"),
        ("$string(1e-7)", "1e-7"),
        ("$string(0.0000012)", "0.0000012"),
        ("$string(1.5e300)", "1.5e+300"),
        ("$string(-0)", "0"),
        ('$string({"a": 0.1 + 0.2, "b": 1700000000000000, "c": "東京"})', '{"a":0.3,"b":1700000000000000,"c":"東京"}'),
        ('$string({"a": [], "b": [null, true]}, true)', '{\n  "a": [],\n  "b": [\n    null,\n    true\n  ]\n}'),
        ("$string([1..3])", "[1,2,3]"),
        ("$string([function($x) { $x }, 1])", '["",1]'),
        ("[1, 2].$string()", ["1", "2"]),
        ("null & ''", "null"),
    ],
)
def test_a_number_is_written_as_aws_writes_it(text: str, expected: Any) -> None:
    assert gives(text, id=175928847299117063) == expected


@pytest.mark.parametrize("text", ["1/0 & ''", "$string(1/0)", "$string([1/0])"])
def test_what_is_no_number_has_no_text(text: str) -> None:
    with pytest.raises(EvaluationFailure, match="D3001"):
        gives(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(JSON.filter(lambda value: not isinstance(value, str)))
def test_the_text_of_a_value_reads_back_as_the_value(value: Any) -> None:
    assert json.loads(gives("$string($v)", v=value)) == value
    assert json.loads(gives("$string($v, true)", v=value)) == value


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_number_reads_back_within_15_digits(value: float) -> None:
    assert math.isclose(float(gives("$string($v)", v=value)), value, rel_tol=1e-14)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"$sort({ROWS}, function($a, $b) {{ $a.k > $b.k }}).n", ["zero", "first", "second"]),
        (f"$sort({ROWS}, function($a, $b) {{ $a.k < $b.k }}).n", ["first", "second", "zero"]),
        ("$sort([3, 1, 2])", [1, 2, 3]),
        ("$sort(['b', 'a', 'é'])", ["a", "b", "é"]),
        ("$sort([2, 10, 1], function($a, $b) { $string($a) > $string($b) })", [1, 10, 2]),
        ("[2, 1] ~> $sort()", [1, 2]),
    ],
)
def test_a_sort_keeps_the_order_of_what_is_equal(text: str, expected: Any) -> None:
    assert gives(text) == expected


@given(st.lists(st.tuples(st.integers(0, 3), st.integers()), min_size=2, max_size=20))
def test_a_sort_by_a_function_is_stable(rows: list[tuple[int, int]]) -> None:
    given_rows = [{"k": key, "at": at} for at, (key, _) in enumerate(rows)]
    found = gives("$sort($rows, function($a, $b) { $a.k > $b.k })", rows=given_rows)
    assert found == sorted(given_rows, key=lambda row: row["k"])


def test_a_list_of_several_kinds_needs_a_function() -> None:
    with pytest.raises(EvaluationFailure, match="D3070"):
        gives("$sort([1, 'a'])")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"$replace('a1b2', /([a-z])(\d)/, function($m) { $m.groups[1] })", "12"),
        (r"$replace('a1b2', /([a-z])(\d)/, function($m) { $m.groups[0] & $m.match })", "aa1bb2"),
        (r"$replace('a1b2', /([a-z])(\d)/, function($m) { '-' }, 1)", "-b2"),
        (r"$replace('a1b2', /([a-z])(\d)/, '$2$1$$$0')", "1a$a12b$b2"),
        ("$replace('aaa', /a/, 'ab', 2)", "ababa"),
        ("$replace('x', /(x)|(y)/, '[$2]')", "[]"),
        ("$replace('abcdefghijklm', /(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)(l)(m)/, '$13$12$1$99')", "mlai9"),
        ("$replace('a.b', '.', '$')", "a$b"),
        ("['a1', 'b1'].$replace(/1/, 'x')", ["ax", "bx"]),
    ],
)
def test_a_replacement_sees_the_groups_of_each_match(text: str, expected: Any) -> None:
    assert gives(text) == expected


@pytest.mark.parametrize(
    ("text", "code"), [("$replace('abc', /x*/, '-')", "D1004"), ("$replace('abc', /b/, function($m) { 5 })", "D3012")]
)
def test_a_replacement_that_cannot_be_made_fails(text: str, code: str) -> None:
    with pytest.raises(EvaluationFailure, match=code):
        gives(text)


def test_an_expression_may_end_with_a_comment() -> None:
    assert gives("1 + 1 /* two */") == 2


def test_a_function_is_no_result() -> None:
    with pytest.raises(EvaluationFailure, match=r"returned an unsupported result type\.$"):
        gives("function($x) { $x }")


def test_a_time_alone_is_of_the_day_that_it_is_in_the_run() -> None:
    assert gives("$toMillis('10:30', '[H01]:[m01]')") == 1767263400000
