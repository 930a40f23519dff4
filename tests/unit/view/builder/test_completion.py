"""Names are offered while one is typed inside of an expression, and put where they were begun."""

from __future__ import annotations

import pytest

from bunsui.document.form.expression_names import OfferedName
from bunsui.view.builder.completion import (
    TypedLine,
    completed_line,
    completed_list,
    completion_lines,
    completions,
    listed_completions,
)

NAMES = (
    OfferedName(text="$params.count", meaning="parameter, integer"),
    OfferedName(text="$jobs.`a-b`.rows", meaning="output of a-b"),
    OfferedName(text="$count(", meaning="function", is_function=True),
)


def typed(text: str) -> TypedLine:
    """`|` is where the cursor is."""
    before, _, after = text.partition("|")
    return TypedLine(text=before + after, cursor=len(before))


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("{% $|", ["$params.count", "$jobs.`a-b`.rows"]),
        ("{% $C| %}", ["$count("]),
        ("{% $jobs.`a|", ["$jobs.`a-b`.rows"]),
        ("{% $params.count|", []),
        ("$p|", ["$params.count"]),
        ("{% 1 %} $p|", []),
        ("costs $p|", []),
        ("{% x|", []),
    ],
)
def test_what_fits_is_offered_inside_of_an_expression(text: str, offered: list[str]) -> None:
    assert [one.text for one in completions(NAMES, typed(text))] == offered


@pytest.mark.parametrize(
    ("text", "done"),
    [
        ("{% 1 + $pa| > 0 %}", "{% 1 + $params.count| > 0 %}"),
        ("$pa|", "{% $params.count| %}"),
        ("{% $|", "{% $params.count|"),
    ],
)
def test_a_name_is_put_where_it_was_begun(text: str, done: str) -> None:
    assert completed_line(typed(text), NAMES[0]) == typed(done)


def test_the_chosen_name_is_always_among_those_that_are_shown() -> None:
    assert completion_lines((), 0, room=3) == ()
    for chosen in range(3):
        shown = completion_lines(NAMES, chosen, room=2)
        assert [one.text for one in shown if one.text.startswith("▌")] == [
            one.text for one in shown if NAMES[chosen].text in one.text
        ]
        assert shown[-1].text == f"  {chosen + 1} of 3"


def test_words_of_a_list_are_offered_once_each() -> None:
    jobs = tuple(OfferedName(text=name, meaning="") for name in ("extract", "enrich", "load"))
    assert [one.text for one in listed_completions(jobs, typed("|"))] == ["extract", "enrich", "load"]
    assert [one.text for one in listed_completions(jobs, typed("extract, e|"))] == ["enrich"]
    assert completed_list(typed("extract, e|"), jobs[1]) == typed("extract, enrich|")
    assert listed_completions(jobs, typed("load|")) == ()
