"""A text that is equalled with a number throws, wherever in an expression the two are compared."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.asl.expressions import problem, rewrite
from bunsui.engine.context import Sources
from bunsui.engine.jsonata.evaluate import EvaluationFailure, evaluate

ERROR = "Own.TypesDiffer"
DATA: dict[str, Any] = {
    "rows": {"list": [{"n": 3, "tags": ["x"]}, {"n": 4, "tags": []}], "texts": [{"n": "3"}], "ids": [1, 2], "mixed": [1, "2"]},
    "jobs": {"a": {"text": "5", "number": 5, "none": None, "list": ["5"], "texts": ["a", "b"], "odd-name": "5"}},
    "result": {"state": 200},
    "file": "x",
}


def value(text: str) -> Any:
    written = rewrite(text, lambda name: None, type_error=ERROR)
    return evaluate(f"{{% {written} %}}", DATA, field="Output", sources=Sources())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("$jobs.a.text = 5", "$jobs.a.text is a text, and is compared with a number: write $number($jobs.a.text)"),
        ("5 = $jobs.a.text", "$jobs.a.text is a text"),
        ("$jobs.a.number != '5'", "$jobs.a.number is a number, and is compared with a text"),
        ("$result.state = 'ok'", "$result.state is a number"),
        ("$file = 1", "$file is a text"),
        (
            "$jobs.a.text = $jobs.a.number",
            "of $jobs.a.text and $jobs.a.number, which are compared, one is a text and one a number",
        ),
        ("true and $not($jobs.a.`odd-name` = 5)", "$jobs.a.`odd-name` is a text"),
        ("$jobs.a.number = 5 ? $jobs.a.text = 5 : false", "$jobs.a.text is a text"),
        ("$rows.list[n = '3']", "n is a number, and is compared with a text"),
        ("$count($rows.texts[n = 3]) > 0", "n is a text, and is compared with a number: write $number(n)"),
        ("$rows.list[0].n = '3'", "$rows.list[0].n is a number"),
        ("$rows.list[n > 3].n = '4'", "$rows.list[n > 3].n is a number"),
        ("$rows.ids[$ = '1']", "$ is a number"),
        ("$rows.list[n > 3 and $not(n = '4')]", "n is a number"),
        ("$rows.list.(n = '3')", "n is a number"),
        ("$rows.list.{'x': n = '3'}", "n is a number"),
        ("$rows.list@$r[$r.n = '3']", "$r.n is a number"),
        ("$filter($rows.list, function($r) { $r.n = '3' })", "$r.n is a number"),
        ("$map($rows.list, function($r) { $r.n = '3' ? 'three' : 'other' })", "$r.n is a number"),
        ("$rows.list ~> $filter(function($r) { $r.n != '3' })", "$r.n is a number"),
        ("$reduce($rows.ids, function($a, $v) { $v = '1' ? $a : $v })", "$v is a number"),
        ("($found := $rows.list[0]; $found.n = '3')", "$found.n is a number"),
        ("($same := function($x) { $x = 3 }; $same($rows.texts[0].n))", "$x is a text"),
        ("$lookup($rows.list[0], 'n') = '3'", "$lookup($rows.list[0], 'n') is a number"),
        ("($jobs.a.text) = 5", "($jobs.a.text) is a text"),
        ("$rows.list[n = $jobs.a.text]", "of n and $jobs.a.text, which are compared, one is a text and one a number"),
        ("$rows.list[n = $rows.texts[0].n]", "of n and $rows.texts[0].n, which"),
        ("$jobs.a.text in [1, 5]", "$jobs.a.text is a text, and is compared with a number"),
        ("$result.state in ['200', '201']", "$result.state is a number, and is compared with a text"),
        ("'1' in $rows.ids", "$rows.ids holds numbers only, and a text is looked for in it"),
        ("$jobs.a.text in $rows.ids", "of $jobs.a.text and what $rows.ids holds, which are compared, one is a text"),
        ("$rows.list[n in ['3', '4']]", "n is a number"),
        ("'1' in [$rows.ids[0], $rows.ids[1]]", "[$rows.ids[0], $rows.ids[1]] holds numbers only"),
    ],
)
def test_a_text_beside_a_number_throws(text: str, words: str) -> None:
    with pytest.raises(EvaluationFailure, match="threw an error during evaluation") as failure:
        value(text)
    assert f"{ERROR}: {words}" in failure.value.cause


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$jobs.a.text = '5'", True),
        ("$jobs.a.number = 5", True),
        ("$jobs.a.number = 5 /* five */", True),
        ("$jobs.a.none = 5", False),
        ("$jobs.a.absent = 5", False),
        ("$jobs.a.list = 5", False),
        ("$jobs.a.absent = $jobs.a.number", False),
        ("false and $jobs.a.text = 5", False),
        ("$jobs.a.text = 5 or $jobs.a.text = '5'", True),
        ("$type($jobs.a.text) = 'string' ? $jobs.a.text = '5' : $jobs.a.text = 5", True),
        ("$count($jobs.a.texts[$ = 'a'])", 1),
        ("$count($rows.list[n = 3])", 1),
        ("$count($rows.list[n = 3 or n = '3'])", 1),
        ("$count($rows.list[absent = '3'])", 0),
        ("$rows.list['x' in tags].n", 3),
        ("$count($rows.list[tags = 'x'])", 0),
        ("$rows.list[n in $rows.list.n and n = 4].n", 4),
        ("$map($rows.list, function($r, $i) { $r.n = 3 and $i = 0 })", [True, False]),
        ("($f := function($n) { $n = 0 ? 0 : $f($n - 1) }; $f(300))", 0),
        ("($compared := 2; $rows.ids[$ = $compared])", 2),
        ("'1' in $rows.mixed", False),
        ("2 in $rows.ids", True),
        ("'1' in $rows.absent", False),
        ("$rows.ids = $rows.ids", True),
        ("$rows.list[] = 3", False),
        ("$rows.absent in $rows.ids", False),
        ("$rows.list.tags[%.n = 3]", "x"),
        ("$jobs.a.none = null", True),
        ("$rows.list^(n).n = $rows.list.n", True),
    ],
)
def test_anything_else_is_compared_as_before(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "$params.n = 5",
        "$session.date = '2026-01-31'",
        "$status.a = 'failed'",
        "$jobs.a.n > 5",
        "$rows.list[n < '3']",
        "$count($params.x) = 3",
        "$params.a = $session.date",
    ],
)
def test_what_is_of_one_type_already_stays_as_it_was_written(text: str) -> None:
    assert rewrite(text, lambda name: None, type_error=ERROR) == text


def test_what_is_put_in_can_stand_where_the_path_stood() -> None:
    written = rewrite("'x' & ($jobs.a.n=1 ? 'a' : 'b')", {"jobs": "$states.input.jobs"}.get, type_error=ERROR)
    assert problem(written) is None


def test_paths_whose_types_are_known_need_no_test() -> None:
    text = "$result[status = 'failed' and output.n = 3].label"
    written = rewrite(text, lambda name: None, type_error=ERROR, known=frozenset({("result", "status")}))
    assert "[status = 'failed' and ($compared := output.n;" in written


_SIDES = st.sampled_from(
    [
        "3",
        "'3'",
        "n",
        "$.n",
        "$rows.ids[0]",
        "$rows.texts[0].n",
        "$jobs.a.none",
        "$jobs.a.absent",
        "$count(tags)",
        "(n)",
        "tags[0]",
    ]
)
_TESTS = st.recursive(
    st.tuples(_SIDES, st.sampled_from(["=", "!=", "<", " in "]), _SIDES).map("".join),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map("".join),
        inner.map(lambda text: f"$not({text})"),
        inner.map(lambda text: f"({text})"),
        st.tuples(inner, inner).map(lambda both: f"({both[0]} ? {both[1]} : {both[0]})"),
        inner.map(lambda text: f"$count($rows.list[{text}]) = 1"),
        inner.map(lambda text: f"$exists($filter($rows.list, function($n) {{ {text} or $n.n = 4 }}))"),
    ),
    max_leaves=5,
)


@given(_TESTS)
def test_what_is_put_in_changes_no_value_but_throws(test: str) -> None:
    text = f"$rows.list[{test}].n"
    try:
        found = value(text)
    except EvaluationFailure as failure:
        if ERROR in failure.cause:
            return
        found = failure.error
    try:
        bare = evaluate(f"{{% {text} %}}", DATA, field="Output", sources=Sources())
    except EvaluationFailure as failure:
        bare = failure.error
    assert found == bare
