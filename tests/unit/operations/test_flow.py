"""The types that steer: wait, choice, check, asl."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from bunsui.asl.model import Catcher, Choice, Fail, Parallel, Pass, RawState, Retrier, Wait
from bunsui.model.values import Expression
from tests.unit.operations.harness import emitted, evaluated, kind_of, operation, result_of

CATCH = (Catcher(errors=("States.ALL",), next="job.caught"),)


def entry(text: str | dict[str, Any], **context: Any) -> Any:
    return next(iter(emitted(text, **context).values()))


def test_a_wait_lasts_as_long_as_it_says() -> None:
    state = entry("{type: wait, for: 1h30m}")
    assert isinstance(state, Wait)
    assert (state.seconds, state.timestamp, state.next) == (5400, None, "after")


def test_a_wait_can_be_computed() -> None:
    assert entry({"type": "wait", "for": "{% $params.seconds %}"}).seconds == "{% $params.seconds %}"
    assert entry({"type": "wait", "until": "{% $params.at %}"}).timestamp == "{% $params.at %}"
    assert entry({"type": "wait", "until": "2026-01-31T06:00:00+09:00"}).timestamp == "2026-01-31T06:00:00+09:00"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "either for"),
        ({"for": "1m", "until": "2026-01-31T06:00:00Z"}, "either for"),
        ({"for": "5"}, "5 has no unit"),
        ({"for": "-5m"}, "longer than nothing"),
        ({"for": 5}, "for"),
        ({"until": "tomorrow"}, "until"),
        ({"until": "2026-01-31"}, "until"),
    ],
)
def test_a_wait_that_cannot_be_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        operation({"type": "wait", **given})


CHOICE: dict[str, Any] = {
    "type": "choice",
    "cases": [
        {"when": "{% $params.n = 10 %}", "operations": [{"type": "lambda", "function": "many:live"}]},
        {"when": "{% $params.n = 1 %}", "operations": [{"type": "lambda", "function": "few:live"}]},
    ],
}


def choice(**more: Any) -> dict[str, Any]:
    return {**CHOICE, "cases": [dict(case) for case in CHOICE["cases"]], **more}


def test_the_cases_are_looked_at_in_order() -> None:
    states = emitted(choice())
    first = states["job"]
    assert isinstance(first, Choice)
    assert [(rule.condition, rule.next) for rule in first.rules] == [
        ("{% $params.n = 10 %}", "job.case1"),
        ("{% $params.n = 1 %}", "job.case2"),
    ]
    assert all(getattr(states[rule.next], "next", None) == "after" for rule in first.rules)


def test_without_a_default_nothing_runs_and_the_result_is_empty() -> None:
    state = entry(choice())
    assert state.default == "after"
    assert result_of(state, None, "choice") == {}
    states = emitted(choice(), next=None)
    last = states["job.default"]
    assert isinstance(last, Pass)
    assert last.next is None
    assert result_of(last, None, "choice") == {}


def test_a_default_is_taken_when_no_condition_holds() -> None:
    states = emitted(choice(default=[{"type": "wait", "for": "1m"}]))
    assert states["job"].default == "job.default"  # type: ignore[union-attr]
    assert isinstance(states["job.default"], Wait)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (
            {"type": "choice", "cases": [{"when": "{% $params.n > 1 %}", "operations": [{"type": "wait", "for": "1m"}]}]},
            "case 1 of job",
        ),
        ({"type": "check", "that": "{% $params.n > 1 %}"}, "that of job"),
    ],
)
def test_a_condition_that_may_give_nothing_fails_the_job_by_name(text: dict[str, Any], cause: str) -> None:
    states = emitted(deepcopy(text))
    first = states["job"]
    assert isinstance(first, Choice)
    neither = first.rules[0]
    assert (neither.condition, neither.next) == ("{% $not(($params.n > 1) in [true, false]) %}", "job.no-truth")
    failing = states["job.no-truth"]
    assert isinstance(failing, Fail)
    assert failing.error == "Bunsui.ConditionNotBoolean"
    assert cause in str(failing.cause)
    caught = emitted(deepcopy(text), catch=CATCH)
    assert caught["job"].rules[0].next == "job.caught"  # type: ignore[union-attr]
    assert "job.no-truth" not in caught


def test_nested_operations_are_known() -> None:
    made = operation(choice(default=[{"type": "wait", "for": "1m"}]))
    assert [nested.type for nested in kind_of(made).operations(made.params)] == ["lambda", "lambda", "wait"]
    assert kind_of(made).operation_lists == (("cases", "*", "operations"), ("default",))


def test_a_check_that_holds_goes_on() -> None:
    state = entry({"type": "check", "that": "{% $params.n = 1 %}"})
    assert isinstance(state, Choice)
    (rule,) = state.rules
    assert (rule.condition, rule.next) == ("{% $params.n = 1 %}", "after")
    assert evaluated(rule.output, states={"input": {}})["ops"]["check"] == {"passed": True}


def test_a_check_at_the_end_has_a_state_to_end_in() -> None:
    states = emitted({"type": "check", "that": "{% $params.n = 1 %}"}, next=None)
    last = states["job.passed"]
    assert result_of(last, None, "check") == {"passed": True}


def test_a_check_that_does_not_hold_fails_with_its_message() -> None:
    states = emitted({"type": "check", "that": "{% $params.n = 1 %}", "message": "{% 'only ' & $string($params.n) %}"})
    failure = states[states["job"].default]  # type: ignore[union-attr,index]
    assert failure == Fail(error="CheckFailed", cause="{% 'only ' & $string($params.n) %}")


def test_a_failed_check_of_an_isolated_job_is_caught() -> None:
    states = emitted({"type": "check", "that": "{% $params.n = 1 %}", "message": "no"}, catch=CATCH)
    failure = states["job.failed"]
    assert isinstance(failure, Parallel)
    assert failure.catch == CATCH
    (branch,) = failure.branches
    assert branch.states == {branch.start_at: Fail(error="CheckFailed", cause="no")}


def test_a_check_can_warn_or_skip_instead() -> None:
    states = emitted({"type": "check", "that": "{% $params.n = 1 %}", "else": "warn", "message": "no"})
    warned = states["job.warned"]
    assert result_of(warned, None, "check") == {"passed": False, "message": "no"}
    assert warned.next == "after"  # type: ignore[union-attr]
    skipping = entry({"type": "check", "that": "{% $params.n = 1 %}", "else": "skip"})
    assert skipping.default == "job.skipped"


def test_a_check_needs_an_expression() -> None:
    with pytest.raises(ValueError, match="an expression is needed here"):
        operation({"type": "check", "that": "rows > 0"})


ASL: dict[str, Any] = {
    "type": "asl",
    "input": {"n": "{% $ops.count.n %}"},
    "start_at": "Look",
    "states": {
        "Look": {
            "Type": "Choice",
            "Choices": [{"Condition": "{% $states.input.n > 0 %}", "Next": "Each"}],
            "Default": "Nothing",
        },
        "Each": {
            "Type": "Map",
            "Items": "{% $states.input.list %}",
            "ItemProcessor": {"StartAt": "One", "States": {"One": {"Type": "Pass", "Output": {"Next": "One"}, "End": True}}},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Nothing"}],
            "End": True,
        },
        "Nothing": {"Type": "Succeed"},
    },
}


def test_raw_states_are_a_branch_of_their_own() -> None:
    retry = (Retrier(errors=("States.ALL",), interval_seconds=1, max_attempts=2),)
    state = entry(ASL, catch=CATCH, retry=retry)
    assert isinstance(state, Parallel)
    assert (state.catch, state.retry, state.next) == (CATCH, retry, "after")
    assert result_of(state, [{"answer": 1}], "asl") == {"answer": 1}
    (branch,) = state.branches
    assert branch.states[branch.start_at] == Pass(output={"n": "{% $states.input.ops.count.n %}"}, next="job.Look")


def test_raw_states_are_renamed_everywhere_and_otherwise_untouched() -> None:
    state = entry(ASL)
    inner = {name: found.fields for name, found in state.branches[0].states.items() if isinstance(found, RawState)}
    assert inner["job.Look"] == {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $states.input.n > 0 %}", "Next": "job.Each"}],
        "Default": "job.Nothing",
    }
    each = inner["job.Each"]
    assert each["ItemProcessor"] == {
        "StartAt": "job.One",
        "States": {"job.One": {"Type": "Pass", "Output": {"Next": "One"}, "End": True}},
    }
    assert each["Catch"] == [{"ErrorEquals": ["States.ALL"], "Next": "job.Nothing"}]
    assert list(each) == ["Type", "Items", "ItemProcessor", "Catch", "End"]


def test_only_the_input_of_raw_states_is_in_our_names() -> None:
    made = operation(ASL)
    expressions = kind_of(made).expressions
    assert expressions is not None
    assert expressions(made.params) == [Expression("$ops.count.n")]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"start_at": "X", "states": {"A": {"Type": "Pass", "End": True}}}, "there is no state X"),
        ({"start_at": "A", "states": {"A": {"Type": "Pass", "ResultPath": "$.a", "End": True}}}, "uses JSONPath"),
        ({"start_at": "A", "states": {"A": {"Type": "Pass", "QueryLanguage": "JSONPath", "End": True}}}, "uses JSONPath"),
        (
            {
                "start_at": "A",
                "states": {
                    "A": {"Type": "Map", "ItemProcessor": {"StartAt": "A", "States": {"A": {"Type": "Pass"}}}, "End": True}
                },
            },
            "two states are called A",
        ),
        ({"start_at": "A", "states": {}}, "states"),
    ],
)
def test_raw_states_that_cannot_stand_in_the_machine_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        operation({"type": "asl", **given})
