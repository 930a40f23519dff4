"""Parallel states.

The recordings of Parallel lost their order; what they kept (the failing one) and the developer guide, "Parallel workflow state"
(https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html), decide here.
"""

from __future__ import annotations

from typing import Any

from bunsui.engine.execution import Status
from tests.scripted import Played, fails, gives, machine, played, scope, task


def branch(**states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": scope(states)}


def side_by_side(*branches: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Parallel", "Branches": list(branches), **fields}


def previous(run: Played, kind: str) -> int:
    return int(next(event["previousEventId"] for event in run.execution.events if event["type"] == kind))


def test_outputs_come_in_the_order_of_the_branches_whatever_ends_first() -> None:
    state = side_by_side(branch(slow=task()), branch(fast=task()))
    run = played(machine(both=state), slow=[gives("slow", after_seconds=20)], fast=[gives("fast", after_seconds=10)])
    assert run.output == ["slow", "fast"]
    assert run.seconds == 20


def test_branches_take_turns() -> None:
    state = side_by_side(branch(a={"Type": "Pass"}, b={"Type": "Pass"}), branch(c={"Type": "Pass"}, d={"Type": "Pass"}))
    assert played(machine(both=state)).entered == ["both", "a", "c", "b", "d"]


def test_every_branch_follows_the_start_and_the_exit_follows_the_last_branch() -> None:
    run = played(machine(both=side_by_side(branch(a={"Type": "Pass"}), branch(b={"Type": "Pass"}))))
    events = run.execution.events
    started = next(event["id"] for event in events if event["type"] == "ParallelStateStarted")
    assert [event["previousEventId"] for event in events if event["type"] == "PassStateEntered"] == [started, started]
    last = [event["id"] for event in events if event["type"] == "PassStateExited"][-1]
    assert previous(run, "ParallelStateSucceeded") == last
    assert previous(run, "ParallelStateExited") == last


def test_the_first_failure_aborts_the_siblings() -> None:
    state = side_by_side(branch(bad=task()), branch(good=task()), branch(rest={"Type": "Wait", "Seconds": 50}))
    run = played(machine(all=state), bad=[fails(after_seconds=5)], good=[gives(after_seconds=9)])
    assert (run.status, run.execution.error, run.seconds) == (Status.FAILED, "Broken", 5)
    assert run.types[-6:] == [
        *["LambdaFunctionFailed", "TaskStateAborted", "TaskStateAborted", "WaitStateAborted"],
        *["ParallelStateFailed", "ExecutionFailed"],
    ]
    assert run.script.stopped == ["good"]


def test_what_is_nested_is_aborted_from_the_inside() -> None:
    inner = side_by_side(branch(deep={"Type": "Wait", "Seconds": 50}))
    items = {
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemProcessor": branch(each={"Type": "Wait", "Seconds": 50}),
    }
    state = side_by_side(branch(bad=task()), branch(inner=inner), branch(items=items))
    run = played(machine(all=state), {"items": [1]}, bad=[fails(after_seconds=5)])
    aborted = [kind for kind in run.types if kind.endswith("Aborted")]
    assert aborted == [
        *["TaskStateAborted", "WaitStateAborted", "ParallelStateAborted"],
        *["WaitStateAborted", "MapIterationAborted", "MapStateAborted"],
    ]


def test_a_parallel_that_is_tried_again_runs_all_branches_again() -> None:
    state = side_by_side(branch(bad=task()), branch(good=task()), Retry=[{"ErrorEquals": ["Broken"], "IntervalSeconds": 7}])
    run = played(machine(both=state), bad=[fails(), gives(1)], good=[gives(2)])
    assert run.output == [1, 2]
    assert [request.state for request in run.script.requests] == ["bad", "good", "bad", "good"]
    assert run.types.count("ParallelStateStarted") == 2
    assert "ParallelStateFailed" not in run.types


def test_a_caught_failure_is_told_before_the_exit() -> None:
    state = side_by_side(branch(bad=task()), Catch=[{"ErrorEquals": ["States.ALL"], "Next": "after"}])
    run = played(machine(both=state, after={"Type": "Pass"}), bad=[fails()])
    place = run.types.index("ParallelStateFailed")
    assert run.types[place + 1] == "ParallelStateExited"
    assert run.status is Status.SUCCEEDED


def test_branches_read_outer_variables_and_keep_their_own() -> None:
    left = branch(a={"Type": "Pass", "Assign": {"mine": 1}}, b={"Type": "Pass", "Output": "{% $mine + $outer %}"})
    right = branch(c={"Type": "Pass", "Output": "{% $exists($mine) %}"})
    states = machine(
        first={"Type": "Pass", "Assign": {"outer": 41}},
        both=side_by_side(left, right),
        last={"Type": "Pass", "Output": "{% {'from': $states.input, 'mine': $exists($mine)} %}"},
    )
    assert played({**states, "QueryLanguage": "JSONata"}).output == {"from": [42, False], "mine": False}


def test_a_parallel_shapes_its_input_and_result() -> None:
    state = side_by_side(
        branch(a={"Type": "Pass"}),
        branch(b={"Type": "Pass"}),
        Parameters={"x.$": "$.n"},
        ResultSelector={"first.$": "$[0].x"},
        ResultPath="$.found",
    )
    assert played(machine(both=state), {"n": 5}).output == {"n": 5, "found": {"first": 5}}


def test_a_fail_state_in_a_branch_fails_the_parallel() -> None:
    state = side_by_side(branch(end={"Type": "Fail", "Error": "No", "Cause": "because"}))
    run = played(machine(both=state))
    assert (run.execution.error, run.execution.cause) == ("No", "because")
    assert run.types[-3:] == ["FailStateEntered", "ParallelStateFailed", "ExecutionFailed"]


def test_a_succeed_state_ends_only_its_branch() -> None:
    state = side_by_side(branch(end={"Type": "Succeed"}), branch(rest={"Type": "Wait", "Seconds": 5}))
    assert played(machine(both=state), 1).output == [1, 1]


def test_a_runtime_error_in_a_branch_ends_the_execution_at_once() -> None:
    broken = branch(fast={"Type": "Pass", "Parameters": {"m.$": "$.nope"}})
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "after"}]
    run = played(machine(both=side_by_side(broken, branch(work=task()), Catch=catch), after={"Type": "Pass"}), work=[[]])
    assert run.types == [
        *["ExecutionStarted", "ParallelStateEntered", "ParallelStateStarted", "PassStateEntered", "ExecutionFailed"],
    ]
    assert str(run.execution.cause).startswith(
        "An error occurred while executing the state 'fast' (entered at the event id #4)."
    )


def test_work_of_siblings_is_stopped_then_too() -> None:
    late = branch(rest={"Type": "Wait", "Seconds": 5}, fast={"Type": "Pass", "Parameters": {"m.$": "$.nope"}})
    run = played(machine(both=side_by_side(late, branch(work=task()))), work=[[]])
    assert (run.execution.error, run.script.stopped) == ("States.Runtime", ["work"])
    run.execution.redrive()
    run.drain()
    assert [request.state for request in run.script.requests] == ["work", "work"]
