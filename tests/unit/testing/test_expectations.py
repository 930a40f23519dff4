from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.pipeline_test import Expectation
from bunsui.model.session import JobProgress, JobStatus
from bunsui.testing.expectations import Mismatch, alike, judge_expectations
from bunsui.testing.facts import RunFacts

FACTS = RunFacts(
    status="succeeded",
    output={"load": {"rows": 10, "files": [{"name": "a", "size": 1}]}},
    jobs=(JobProgress(name="a", status=JobStatus.SUCCEEDED), JobProgress(name="b", status=JobStatus.SKIPPED)),
    path=("a", "left", "right", "z"),
    side_by_side=frozenset({frozenset(("left", "right"))}),
    retries={"a.fetch": 2, "a.load": 1, "z": 1},
    seconds=90,
)
FAILED = RunFacts(status="failed", error="CheckFailed", cause="only 12 days of records")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


def judge(facts: RunFacts = FACTS, **expected: Any) -> tuple[Mismatch, ...]:
    return judge_expectations([Expectation(name=name, value=value) for name, value in expected.items()], facts)


@pytest.mark.parametrize(
    "expected",
    [
        {"status": "succeeded"},
        {"path": ["a", "left", "right", "z"]},
        {"path": ["a", "right", "left", "z"]},
        {"jobs": {"b": "skipped"}},
        {"output": {"load": {"rows": 10}}},
        {"output": {"load": {"files": [{"name": "a"}]}}},
        {"retries": 4},
        {"retries": {"a": 3, "a.load": 1, "other": 0}},
        {"duration": "90s"},
        {"duration": "1m30s"},
        {"duration": "< 2m"},
        {"duration": ">=90s"},
    ],
)
def test_what_is_as_expected_is_not_mentioned(expected: dict[str, Any]) -> None:
    assert judge(**expected) == ()


@pytest.mark.parametrize(
    "expected",
    [
        {"status": "failed"},
        {"path": ["left", "a", "right", "z"]},
        {"path": ["a", "left", "z"]},
        {"path": ["a", "left", "left", "z"]},
        {"jobs": {"b": "succeeded"}},
        {"jobs": {"unknown": "succeeded"}},
        {"output": {"load": {"rows": "10"}}},
        {"output": {"load": {"files": []}}},
        {"output": {"load": {"missing": None}}},
        {"error": "CheckFailed"},
        {"retries": 3},
        {"retries": {"a": 2}},
        {"duration": "< 90s"},
        {"duration": "91s"},
    ],
)
def test_what_is_not_as_expected_is_one_mismatch(expected: dict[str, Any]) -> None:
    mismatches = judge(**{"status": "succeeded", **expected})
    assert [mismatch.name for mismatch in mismatches] == list(expected)


def test_an_error_and_a_part_of_its_cause_can_be_expected() -> None:
    assert judge(FAILED, error="CheckFailed", cause="12 days") == ()
    assert [mismatch.name for mismatch in judge(FAILED, error="Other", cause="13 days")] == ["error", "cause"]


def test_a_test_that_says_nothing_of_the_status_expects_success() -> None:
    assert [mismatch.name for mismatch in judge(FAILED, output={})] == ["status", "output"]
    assert judge(FAILED, error="CheckFailed") == ()


def test_a_difference_is_told_by_its_place() -> None:
    (mismatch,) = judge(output={"load": {"rows": 11, "files": [{"name": "b"}]}})
    assert [(change.path, change.before, change.after) for change in mismatch.differences] == [
        (("load", "files", "0", "name"), "b", "a"),
        (("load", "rows"), 11, 10),
    ]


@given(JSON)
def test_every_value_is_like_itself(value: Any) -> None:
    assert judge(RunFacts(status="succeeded", output=value), output=value) == ()
    assert alike(value, value) == value


@given(st.dictionaries(st.text(max_size=2), JSON, max_size=4), st.dictionaries(st.text(max_size=2), JSON, max_size=4))
def test_an_object_may_hold_more_than_is_expected(expected: dict[str, Any], more: dict[str, Any]) -> None:
    assert judge(RunFacts(status="succeeded", output={**more, **expected}), output=expected) == ()
