"""Scripted answers in the list form."""

from __future__ import annotations

from typing import Any

import pytest

from bunsui.engine.clock import VirtualClock
from bunsui.engine.mocks import from_list
from bunsui.engine.run import ExecutionResult, run
from bunsui.errors import InvalidInput
from tests.scripted import START, machine, task

TOKEN = "arn:aws:states:::sqs:sendMessage.waitForTaskToken"


def answered(definition: dict[str, Any], payload: Any, *mocks: dict[str, Any]) -> ExecutionResult:
    clock = VirtualClock(START)
    return run(definition, payload, runner=from_list(mocks, clock), clock=clock)


def succeeds(state: str, output: Any, **more: Any) -> dict[str, Any]:
    return {"state": state, "result": {"kind": "succeed", "output": output}, **more}


def test_answers_are_given_in_their_order() -> None:
    failure = {"state": "work", "result": {"kind": "fail", "error": "E", "cause": {"a": 1}}}
    state = task(Retry=[{"ErrorEquals": ["E"]}])
    assert answered(machine(work=state), {}, failure, succeeds("work", 2)).output == 2


def test_a_cause_that_is_an_object_becomes_its_text() -> None:
    failure = {"state": "work", "result": {"kind": "fail", "error": "E", "cause": {"a": 1}}}
    assert answered(machine(work=task()), {}, failure).cause == '{"a":1}'


def test_answers_belong_to_iterations() -> None:
    inner = {"StartAt": "work", "States": {"work": task(End=True)}}
    definition = machine(each={"Type": "Map", "ItemProcessor": inner})
    mocks = [succeeds("work", "b", path=[["each", 1]]), succeeds("work", "a", path=[["each", 0]])]
    assert answered(definition, [0, 0], *mocks).output == ["a", "b"]


def test_what_was_submitted_is_told_before_the_answer() -> None:
    result = answered(machine(work={"Type": "Task", "Resource": TOKEN}), {}, succeeds("work", 1, submitted={"MessageId": "m"}))
    assert [event["type"] for event in result.events][2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]


def test_a_timeout_never_answers() -> None:
    result = answered(machine(work=task(TimeoutSeconds=9)), {}, {"state": "work", "result": {"kind": "timeout"}})
    assert result.error == "States.Timeout"


def test_a_try_without_an_answer_fails_and_says_so() -> None:
    result = answered(machine(work=task()), {})
    assert result.error == "States.TaskFailed"
    assert result.cause == "No mock is left for the state 'work'"


@pytest.mark.parametrize("mock", [{"result": {"kind": "succeed"}}, {"state": "work", "result": {"kind": "maybe"}}])
def test_what_cannot_be_read_is_refused(mock: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        from_list([mock], VirtualClock(START))
