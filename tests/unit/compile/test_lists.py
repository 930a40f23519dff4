"""A list stays a list: what a foreach goes over, what its results give, and what is written as a list."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bunsui.model.values import Expression, Value
from tests.unit.compile.foreach.test_distributed import answers, calls, pipeline, run

BOTH = pytest.mark.parametrize("is_distributed", [False, True], ids=["inline", "distributed"])

SHAPES: dict[str, list[Any]] = {
    "[1..3]": [1, 2, 3],
    "[1..$params.none]": [],
    "['eu', 'us', 'ap']": ["eu", "us", "ap"],
    "['eu']": ["eu"],
    "[]": [],
    "[[1, 2]]": [[1, 2]],
    "[[1, 2], [3]]": [[1, 2], [3]],
    "$jobs.list.items": ["a", "b"],
    "$jobs.list.items[$ = 'b']": ["b"],
    "$jobs.list.items[$ = 'z']": [],
    "$jobs.list.items[]": ["a", "b"],
    "[{'one': 1}]": [{"one": 1}],
    "$split('x,y', ',')": ["x", "y"],
    "$map([5], function($v) { $v })": [5],
    "$filter([5, 6], function($v) { $v > 9 })": [],
    "($a := 1; [$a..2])": [1, 2],
    "$jobs.list.k = 7 ? [1..2] : ['other']": [1, 2],
    "$append([], ['a'])": ["a"],
}


@BOTH
@pytest.mark.parametrize("text", SHAPES)
def test_a_foreach_goes_over_each_item_of_what_its_expression_gives(text: str, is_distributed: bool) -> None:
    outputs = {"all": Expression("$result.output")}
    found = pipeline(outputs=outputs, is_distributed=is_distributed, items=Expression(text), label=Expression("'l'"))
    payload = [{"item": at, "return": {"Payload": {"was": item}}} for at, item in enumerate(SHAPES[text])]
    result = run(found, ["a", "b"], **({"each": payload} if payload else {}))
    assert result.output == {"each": {"all": [{"was": item} for item in SHAPES[text]]}}


NO_LISTS: dict[str, str] = {
    "$jobs.list.items[0]": "are of the type string",
    "$jobs.list.k": "are of the type number",
    "$jobs.list.missing": "gave nothing",
    "$jobs.list.missing[$ > 1]": "gave nothing",
    "{'one': 1}": "are of the type object",
    "null": "are of the type null",
    "$jobs.list.k = 7 ? 'a' : []": "are of the type string",
}


@BOTH
@pytest.mark.parametrize("text", NO_LISTS)
def test_items_that_are_no_list_fail_the_job_by_name(text: str, is_distributed: bool) -> None:
    result = run(pipeline(is_distributed=is_distributed, items=Expression(text)), ["a", "b"])
    assert (result.status.value, result.error) == ("FAILED", "Bunsui.ItemsNotList")
    assert result.cause == f"items of job each must be a list, and {NO_LISTS[text]}"


def test_a_path_over_a_list_gives_items_for_any_number_and_a_list_of_anything_can_be_asked_for() -> None:
    for text, items, expected in (
        ("$jobs.list.items.id", [], []),
        ("$jobs.list.items.id", [{"id": 5}], [5]),
        ("$jobs.list.items.id", [{"id": 5}, {"id": 6}], [5, 6]),
        ("$list($jobs.list.k)", [], [7]),
        ("$list($jobs.list.missing)", [], []),
        ("$jobs.list.items ~> $list", ["a"], ["a"]),
    ):
        found = pipeline(outputs={"all": Expression("$result.output")}, is_distributed=False, items=Expression(text))
        mocks = {"each": [{"item": at, **answers(item)} for at, item in enumerate(expected)]} if expected else {}
        assert run(found, items, **mocks).output == {"each": {"all": expected}}, text


def test_a_sum_over_no_results_is_nothing_to_worry_about_and_the_largest_of_none_is() -> None:
    found = pipeline(outputs={"sum": Expression("$sum($result.output)")}, is_distributed=False)
    assert run(found, []).output == {"each": {"sum": 0}}
    largest = run(pipeline(outputs={"top": Expression("$max($result.output)")}, is_distributed=False), [])
    assert "Bunsui.OutputMissing: output top of job each gave nothing" in (largest.cause or "")


PATHS: dict[str, tuple[Any, Any, Any]] = {
    "$result.output": ([], ["o0"], ["o0", "o1"]),
    "$result.{'is': label}": ([], [{"is": "0"}], [{"is": "0"}, {"is": "1"}]),
    "$result[status = 'succeeded'].output": ([], ["o0"], ["o0", "o1"]),
    "$result[status = 'failed'].output": ([], [], []),
    "$result^(>label).label": ([], ["0"], ["1", "0"]),
    "$map($result, function($r) { $r.output })": ([], ["o0"], ["o0", "o1"]),
    "$result ~> $map(function($r) { $r.output })": ([], ["o0"], ["o0", "o1"]),
    "($result.output)": ([], ["o0"], ["o0", "o1"]),
    "$result.status[0]": ([], ["succeeded"], ["succeeded", "succeeded"]),
    "$result": ([], [{"label": "0", "status": "succeeded", "output": "o0"}], None),
}


@BOTH
@pytest.mark.parametrize("text", PATHS)
@pytest.mark.parametrize("count", [0, 1, 2])
def test_an_output_over_the_results_of_a_foreach_is_a_list_for_any_number_of_items(
    text: str, count: int, is_distributed: bool
) -> None:
    expected = PATHS[text][count]
    if expected is None:
        expected = [{"label": str(at), "status": "succeeded", "output": f"o{at}"} for at in range(count)]
    outputs: dict[str, Value] = {"own": Expression(text), "in": {"side": Expression(text)}}
    found = pipeline(outputs=outputs, is_distributed=is_distributed)
    mocks = {"each": [{"item": at, **answers(f"o{at}")} for at in range(count)]} if count else {}
    result = run(found, list(range(count)), **mocks)
    assert result.output == {"each": {"own": expected, "in": {"side": expected}}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$result[0].output", "o0"),
        ("$result[-1].output", "o1"),
        ("$result[label = '1'].output", "o1"),
        ("($result.output)[0]", "o0"),
        ("$join($result.output)", "o0o1"),
        ("$count($result.output)", 2),
        ("$result{label: output}", {"0": "o0", "1": "o1"}),
    ],
)
def test_an_output_that_picks_one_result_or_makes_one_value_of_all_stays_as_it_is(text: str, expected: Any) -> None:
    found = pipeline(outputs={"own": Expression(text)}, is_distributed=False)
    mocks = [{"item": at, **answers(f"o{at}")} for at in range(2)]
    assert run(found, [1, 2], each=mocks).output == {"each": {"own": expected}}


def test_a_path_over_the_result_of_a_plain_job_stays_as_it_is() -> None:
    found = pipeline(calls(name="call"), outputs={"own": Expression("$result.output")}, is_distributed=False)
    job = found.jobs[1]
    plain = replace(found, jobs=(found.jobs[0], replace(job, foreach=None)))
    assert run(plain, [], each=answers({"output": [5]})).output == {"each": {"own": [5]}}
    assert run(plain, [], each=answers([{"output": 5}])).output == {"each": {"own": 5}}


def test_what_stands_in_a_written_list_is_one_member_of_it_also_where_it_is_a_list() -> None:
    outputs: dict[str, Value] = {
        "pair": [Expression("$jobs.list.items"), 1, Expression("[1, 2]"), [Expression("$jobs.list.items")]],
        "one": [Expression("$jobs.list.k")],
    }
    result = run(pipeline(outputs=outputs), ["a", "b"], each=answers(1))
    assert result.output == {"each": {"pair": [["a", "b"], 1, [1, 2], [["a", "b"]]], "one": [7]}}
