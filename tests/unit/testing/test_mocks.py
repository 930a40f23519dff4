from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bunsui.engine.clock import VirtualClock
from bunsui.engine.run import ExecutionResult, run
from bunsui.errors import InvalidInput
from bunsui.testing.mocks import MockedTasks, read_mocks

LAMBDA = "arn:aws:states:::lambda:invoke"


def task(resource: str = LAMBDA, **fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "Parameters": {"FunctionName": "f"}, "End": True, **fields}


def machine(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def ran(definition: dict[str, Any], payload: Any, **mocks: Any) -> tuple[ExecutionResult, MockedTasks, VirtualClock]:
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
    runner = MockedTasks(clock=clock, answers=read_mocks(mocks))
    return run(definition, payload, runner=runner, clock=clock), runner, clock


ALL = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 3, "IntervalSeconds": 1}]
OVER = {"Type": "Map", "ItemProcessor": machine(t=task(Retry=ALL)), "End": True}


def test_one_answer_is_for_every_item() -> None:
    result, _, _ = ran(machine(m=OVER), [1, 2, 3], t={"return": "x"})
    assert result.output == ["x", "x", "x"]


def test_a_list_answers_one_try_after_the_other() -> None:
    result, runner, clock = ran(machine(t=task(Retry=ALL)), {}, t=[{"error": "A"}, {"error": "B"}, {"return": 1}])
    assert (result.output, runner.unmet) == (1, [])
    assert (clock.now() - datetime(2026, 1, 1, tzinfo=UTC)).total_seconds() == 3


def test_each_item_begins_a_list_anew() -> None:
    result, _, _ = ran(machine(m=OVER), [1, 2], t=[{"error": "A"}, {"return": "second try"}])
    assert result.output == ["second try", "second try"]


def test_an_item_and_an_attempt_may_have_an_answer_of_their_own() -> None:
    mocks = [{"item": 1, "attempt": 1, "error": "A"}, {"item": 1, "return": "again"}, {"return": "rest"}]
    result, _, _ = ran(machine(m=OVER), [1, 2, 3], t=mocks)
    assert result.output == ["rest", "again", "rest"]


def test_items_of_maps_inside_maps_are_named_from_outside_to_inside() -> None:
    definition = machine(outer={"Type": "Map", "ItemProcessor": machine(m=OVER), "End": True})
    result, _, _ = ran(definition, [[1, 2], [3, 4]], t=[{"item": [1, 0], "return": "here"}, {"return": "there"}])
    assert result.output == [["there", "there"], ["here", "there"]]


def test_a_task_may_take_its_time() -> None:
    _, _, clock = ran(machine(t=task()), {}, t={"return": 1, "after": "2h30m"})
    assert clock.now() == datetime(2026, 1, 1, 2, 30, tzinfo=UTC)


def test_a_task_that_never_answers_ends_by_its_timeout() -> None:
    result, _, clock = ran(machine(t=task(TimeoutSeconds=90)), {}, t={"never": True})
    assert result.error == "States.Timeout"
    assert clock.now() == datetime(2026, 1, 1, 0, 1, 30, tzinfo=UTC)


def test_what_nobody_answers_is_remembered_even_when_it_is_caught() -> None:
    caught = task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "fine"}])
    result, runner, _ = ran(machine(t=caught, fine={"Type": "Succeed"}), {})
    assert str(result.status) == "SUCCEEDED"
    assert [request.state for request in runner.unmet] == ["t"]


def test_a_list_that_is_used_up_answers_no_more() -> None:
    _, runner, _ = ran(machine(t=task(Retry=ALL)), {}, t=[{"error": "A"}])
    assert runner.unmet[0].attempt == 1


@pytest.mark.parametrize("resource", [f"{LAMBDA}.waitForTaskToken", "arn:aws:states:::ecs:runTask.sync"])
def test_work_that_is_waited_for_is_submitted_first(resource: str) -> None:
    state = task(resource)
    state["Parameters"] = {"Token.$": "$$.Task.Token"} if "Token" in resource else {"Cluster": "c"}
    result, _, _ = ran(machine(t=state), {}, t={"return": {"ok": True}})
    types = [event["type"] for event in result.events]
    assert types[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]


@pytest.mark.parametrize("told", [{}, {"return": 1, "error": "A"}, "text", [1], {"returns": 1}, {"return": 1, "after": "soon"}])
def test_a_mock_that_says_nothing_clear_is_refused_by_its_name(told: Any) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_mocks({"load": told})
    assert raised.value.facts["mock"] == "load"
