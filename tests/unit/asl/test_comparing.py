"""A text that is equalled with a number throws, wherever the path that is compared can be told from the syntax tree."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.asl.expressions import problem, rewrite
from bunsui.engine.context import Sources
from bunsui.engine.jsonata.evaluate import EvaluationFailure, evaluate

ERROR = "Own.TypesDiffer"
DATA: dict[str, Any] = {
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
        ("true and $not($jobs.a.`odd-name` = 5)", "$jobs.a.odd-name is a text"),
        ("$jobs.a.number = 5 ? $jobs.a.text = 5 : false", "$jobs.a.text is a text"),
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
    ],
)
def test_anything_else_is_compared_as_before(text: str, expected: object) -> None:
    assert value(text) == expected


@pytest.mark.parametrize("text", ["$params.n = 5", "$session.date = '2026-01-31'", "$status.a = 'failed'", "$jobs.a.n > 5"])
def test_what_is_of_one_type_already_stays_as_it_was_written(text: str) -> None:
    assert rewrite(text, lambda name: None, type_error=ERROR) == text


def test_what_is_put_in_can_stand_where_the_path_stood() -> None:
    written = rewrite("'x' & ($jobs.a.n=1 ? 'a' : 'b')", {"jobs": "$states.input.jobs"}.get, type_error=ERROR)
    assert problem(written) is None
