import json
from pathlib import Path
from typing import Any

import pytest

from bunsui.engine.context import ExpressionScope
from bunsui.engine.failures import RUNTIME, StateFailure
from bunsui.engine.jsonpath.choices import first_match, holds, instant

RECORDED = Path(__file__).parents[3] / "conformance" / "cases" / "choice"


def test_rules_choose_as_recorded_on_aws() -> None:
    judged = 0
    for file in sorted(RECORDED.glob("*.json")):
        case = json.loads(file.read_text())
        states = case["definition"]["States"]
        choice = states[case["definition"]["StartAt"]]
        output = case["expected"]["output"]
        if "QueryLanguage" in choice or "TestResult.$" not in output:
            continue
        place = first_match(choice["Choices"], ExpressionScope(data=case["input"], context={}))
        chosen = choice["Default"] if place is None else choice["Choices"][place]["Next"]
        assert states[chosen]["Result"] == output, file.name
        judged += 1
    assert judged > 250


def rule(data: Any, **test: Any) -> bool:
    return holds({"Variable": "$.x", **test}, ExpressionScope(data=data, context={"State": {"Name": "S"}}, variables={"v": 1}))


def test_combinations_nest() -> None:
    big, small = {"Variable": "$.x", "NumericGreaterThan": 5}, {"Variable": "$.x", "NumericLessThan": 2}
    scope = ExpressionScope(data={"x": 7}, context={})
    assert holds({"And": [big, {"Not": small}]}, scope)
    assert holds({"Or": [small, big]}, scope)
    assert not holds({"Not": {"Or": [small, big]}}, scope)


def test_presence_is_asked_without_an_error() -> None:
    assert rule({"x": None}, IsPresent=True)
    assert rule({}, IsPresent=False)
    assert not rule({}, IsPresent=True)


def test_a_variable_that_is_missing_fails_the_state_with_its_path() -> None:
    with pytest.raises(StateFailure) as caught:
        rule({}, StringEquals="a")
    cause = "Invalid path '$.x': The choice state's condition path references an invalid value."
    assert (caught.value.error, caught.value.cause) == (RUNTIME, cause)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [("log-*.txt", "log-1.txt", True), ("*", "", True), ("a\\*", "a*", True), ("a\\*", "ab", False), ("a*", "ba", False)],
)
def test_string_matches_knows_stars_and_escapes(pattern: str, text: str, matches: bool) -> None:
    assert rule({"x": text}, StringMatches=pattern) is matches


def test_a_value_of_another_type_makes_a_comparison_false() -> None:
    assert not rule({"x": "1"}, NumericEquals=1)
    assert not rule({"x": True}, NumericEquals=1)
    assert not rule({"x": 1}, BooleanEquals=True)
    assert not rule({"x": "soon"}, TimestampLessThan="2030-01-01T00:00:00Z")


def test_both_sides_may_be_paths_into_context_and_variables() -> None:
    scope = ExpressionScope(data={"x": 1, "name": "S"}, context={"State": {"Name": "S"}}, variables={"v": 1})
    assert holds({"Variable": "$v", "NumericEqualsPath": "$.x"}, scope)
    assert holds({"Variable": "$.name", "StringEqualsPath": "$$.State.Name"}, scope)


def test_timestamps_compare_as_instants() -> None:
    assert rule({"x": "2026-01-01T09:00:00+09:00"}, TimestampEquals="2026-01-01T00:00:00Z")
    assert rule({"x": "2026-01-01T00:00:00.5Z"}, TimestampGreaterThan="2026-01-01T00:00:00Z")


@pytest.mark.parametrize(
    "text", ["2016-13-05T21:29:29Z", "2016-03-14 01:59:00Z", "2016-03-14T01:59:00", "2016-03-14t01:59:00z", ""]
)
def test_what_is_no_timestamp_has_no_instant(text: str) -> None:
    assert instant(text) is None
    assert not rule({"x": text}, IsTimestamp=True)
