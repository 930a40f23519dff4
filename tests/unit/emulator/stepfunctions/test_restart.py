"""What was saved is taken up: executions go on where their journals leave them, and never vanish."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bunsui.emulator.stepfunctions.errors import ApiError
from bunsui.model.json import Json
from tests.unit.emulator.stepfunctions.bench import Bench, ToldServices, calling, passing, running, saved, waiting


def until(bench: Bench, execution: str, event: str) -> None:
    """Wait for an event of the execution."""
    deadline = time.monotonic() + 5
    while event not in bench.types(execution):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_everything_is_there_after_a_restart() -> None:
    with running() as bench:
        machine = bench.machine("m", passing(1), publish=True, tags=[{"key": "a", "value": "1"}])
        routes = [{"stateMachineVersionArn": f"{machine}:1", "weight": 100}]
        alias = bench.ask("CreateStateMachineAlias", name="live", routingConfiguration=routes)["stateMachineAliasArn"]
        bench.ask("CreateActivity", name="a")
        execution = bench.start(alias, {"a": 1})
        before = bench.ended(execution)
        events = bench.ask("GetExecutionHistory", executionArn=execution)["events"]
        described = bench.ask("DescribeStateMachine", stateMachineArn=f"{machine}:1")
        state = saved(bench)

    with running(saved=state) as bench:
        assert bench.ask("DescribeExecution", executionArn=execution) == before
        assert bench.ask("GetExecutionHistory", executionArn=execution)["events"] == events
        assert bench.ask("DescribeStateMachine", stateMachineArn=f"{machine}:1") == described
        assert bench.ask("DescribeStateMachineAlias", stateMachineAliasArn=alias)["routingConfiguration"] == routes
        assert bench.ask("ListTagsForResource", resourceArn=machine)["tags"] == [{"key": "a", "value": "1"}]
        assert len(bench.ask("ListActivities")["activities"]) == 1
        assert saved(bench) == state


def test_a_wait_goes_on_and_ends_when_it_would_have() -> None:
    with running() as bench:
        execution = bench.start(bench.machine("m", waiting(2)))
        state = saved(bench)
    time.sleep(1)

    with running(saved=state) as bench:
        assert bench.ask("DescribeExecution", executionArn=execution)["status"] == "RUNNING"
        found = bench.ended(execution)

    assert found["stopDate"] - found["startDate"] == pytest.approx(2, abs=0.001)


def test_a_wait_that_ran_out_meanwhile_ends_at_once() -> None:
    with running() as bench:
        execution = bench.start(bench.machine("m", waiting(1)))
        state = saved(bench)
    time.sleep(1.5)

    with running(saved=state) as bench:
        found = bench.ended(execution, seconds=0.5)

    assert found["stopDate"] - found["startDate"] == pytest.approx(1, abs=0.001)


def counting(services: ToldServices, name: str, *, blocks: bool = False) -> list[int]:
    """Let lambda answer its payload, or never; give the list that grows with each call."""
    calls: list[int] = []

    def invoke(request: Mapping[str, Json]) -> dict[str, Json]:
        calls.append(1)
        if blocks:
            time.sleep(2)
        return {"Payload": json.dumps({name: len(calls)}), "StatusCode": 200}

    services.handlers["lambda", "invoke"] = invoke
    return calls


def test_what_was_done_is_not_done_again_and_what_was_not_is() -> None:
    function = "arn:aws:lambda:us-east-1:111111111111:function:f"
    task = {"Type": "Task", "Resource": function}
    states = {
        "first": {**task, "Next": "wait"},
        "wait": {"Type": "Wait", "Seconds": 1, "Next": "second"},
        "second": {**task, "End": True},
    }
    first, second = ToldServices(), ToldServices()
    done, again = counting(first, "before"), counting(second, "after")
    with running(first) as bench:
        execution = bench.start(bench.machine("m", {"StartAt": "first", "States": states}))
        until(bench, execution, "WaitStateEntered")
        state = saved(bench)

    with running(second, saved=state) as bench:
        found = bench.ended(execution)
        types = bench.types(execution)

    assert (len(done), len(again)) == (1, 1)
    assert json.loads(found["output"]) == {"after": 1}
    assert types.count("LambdaFunctionScheduled") == 2


def test_a_call_that_had_no_answer_is_made_again() -> None:
    first, second = ToldServices(), ToldServices()
    counting(first, "before", blocks=True)
    again = counting(second, "after")
    with running(first) as bench:
        execution = bench.start(bench.machine("m", calling("arn:aws:states:::lambda:invoke", {"FunctionName": "f"})))
        until(bench, execution, "TaskStarted")
        state = saved(bench)

    with running(second, saved=state) as bench:
        found = bench.ended(execution)
        types = bench.types(execution)

    assert len(again) == 1
    assert json.loads(found["output"])["Payload"] == {"after": 1}
    assert types.count("TaskScheduled") == 1


def test_a_child_is_still_waited_for_whichever_of_the_two_is_taken_up_first() -> None:
    with running() as bench:
        child = bench.machine("child", waiting(2))
        services = bench.services
        services.handlers["stepfunctions", "startExecution"] = lambda _request: {
            "ExecutionArn": bench.start(child),
            "StartDate": 1,
        }
        resource = "arn:aws:states:::states:startExecution.sync:2"
        parent = bench.start(bench.machine("parent", calling(resource, {"StateMachineArn": child})))
        until(bench, parent, "TaskSubmitted")
        state = saved(bench)

    with running(saved=state) as bench:
        assert bench.ask("DescribeExecution", executionArn=parent)["status"] == "RUNNING"
        found = bench.ended(parent)
    assert json.loads(found["output"])["Status"] == "SUCCEEDED"


def test_a_token_is_still_waited_for() -> None:
    services = ToldServices()
    services.handlers["sqs", "sendMessage"] = lambda _request: {"MessageId": "1"}
    body = {"token": "{% $states.context.Task.Token %}"}
    definition = calling("arn:aws:states:::sqs:sendMessage.waitForTaskToken", {"QueueUrl": "q", "MessageBody": body})
    with running(services) as bench:
        execution = bench.start(bench.machine("m", definition))
        until(bench, execution, "TaskSubmitted")
        state = saved(bench)
    sent: Any = next(request for _, action, request in services.calls if action == "sendMessage")

    with running(services, saved=state) as bench:
        bench.ask("SendTaskSuccess", taskToken=sent["MessageBody"]["token"], output="3")
        assert json.loads(bench.ended(execution)["output"]) == 3
    assert [action for _, action, _ in services.calls].count("sendMessage") == 1


def test_what_an_execution_already_ended_with_is_not_told_again() -> None:
    with running() as bench:
        execution = bench.start(bench.machine("m", waiting(600)))
        state = saved(bench)
    with running(saved=state) as bench:
        bench.ask("StopExecution", executionArn=execution)
        bench.ended(execution)
        bench.service.stop()
        assert [json.loads(entry["Detail"])["status"] for entry in bench.events] == ["ABORTED"]


def test_an_execution_that_cannot_be_taken_up_fails_and_says_why() -> None:
    with running() as bench:
        execution = bench.start(bench.machine("m", waiting(600)), name="one")
        state = saved(bench)
    broken = json.loads(json.dumps(state).replace("WaitStateEntered", "PassStateEntered"))

    with running(saved=broken) as bench:
        found = bench.ended(execution)
        assert bench.types(execution)[-1] == "ExecutionFailed"

    assert (found["status"], found["error"]) == ("FAILED", "States.Runtime")
    assert "started again" in found["cause"]


def test_executions_that_ended_long_ago_are_forgotten() -> None:
    with running() as bench:
        execution = bench.start(bench.machine("m", passing(1)))
        stopped = bench.ended(execution)["stopDate"]
        state = saved(bench)
    old = json.loads(json.dumps(state).replace(f'stopped_at\\":{stopped}', f'stopped_at\\":{stopped - 91 * 86_400}'))

    with running(saved=old) as bench:
        assert bench.refusal("DescribeExecution", executionArn=execution).code == "ExecutionDoesNotExist"


def test_what_another_program_saved_is_refused() -> None:
    with pytest.raises(ValueError, match="earlier version"), running(saved={"state_machines": {}}):
        raise AssertionError


def failing_once(attempts: list[int]) -> ToldServices:
    """Return services whose lambda fails the first time."""
    services = ToldServices()

    def invoke(_request: Mapping[str, Json]) -> dict[str, Json]:
        attempts.append(1)
        if len(attempts) == 1:
            return {"Payload": '{"errorType": "Odd"}', "FunctionError": "Unhandled", "StatusCode": 200}
        return {"Payload": "3", "StatusCode": 200}

    services.handlers["lambda", "invoke"] = invoke
    return services


@pytest.mark.parametrize("restarted", [False, True])
def test_a_redrive_does_again_only_what_failed(restarted: bool) -> None:
    attempts: list[int] = []
    services = failing_once(attempts)
    states = {
        "before": {"Type": "Pass", "Next": "call"},
        "call": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", "End": True},
    }
    state: Mapping[str, Any] | None = None
    with running(services) as bench:
        execution = bench.start(bench.machine("m", {"StartAt": "before", "States": states}))
        assert bench.ended(execution)["redriveStatus"] == "REDRIVABLE"
        if not restarted:
            _redriven(bench, execution)
            return
        state = saved(bench)
    with running(services, saved=state) as bench:
        _redriven(bench, execution)


def _redriven(bench: Bench, execution: str) -> None:
    bench.ask("RedriveExecution", executionArn=execution)
    found = bench.ended(execution)
    types = bench.types(execution)

    assert (found["status"], json.loads(found["output"])) == ("SUCCEEDED", 3)
    assert (found["redriveCount"], found["redriveStatus"]) == (1, "NOT_REDRIVABLE")
    assert "error" not in found
    assert types.count("PassStateEntered") == 1
    assert "ExecutionRedriven" in types
    with pytest.raises(ApiError, match="ExecutionNotRedrivable"):
        bench.ask("RedriveExecution", executionArn=execution)


def test_a_redriven_execution_survives_a_restart() -> None:
    attempts: list[int] = []
    states = {
        "call": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", "Next": "wait"},
        "wait": {"Type": "Wait", "Seconds": 1, "End": True},
    }
    services = failing_once(attempts)
    with running(services) as bench:
        execution = bench.start(bench.machine("m", {"StartAt": "call", "States": states}))
        bench.ended(execution)
        bench.ask("RedriveExecution", executionArn=execution)
        until(bench, execution, "WaitStateEntered")
        state = saved(bench)

    with running(services, saved=state) as bench:
        found = bench.ended(execution)

    assert (found["status"], found["redriveCount"], len(attempts)) == ("SUCCEEDED", 1, 2)


def slowly(_request: Mapping[str, Json]) -> dict[str, Json]:
    """Answer after a moment."""
    time.sleep(0.02)
    return {"Payload": "1", "StatusCode": 200}


@settings(max_examples=15, deadline=None)
@given(st.lists(st.sampled_from(["parallel", "map", "retry", "pass"]), min_size=1, max_size=4), st.data())
def test_a_restart_at_any_moment_changes_nothing_in_the_history(kinds: list[str], data: st.DataObject) -> None:
    """The history after a restart begins with the history before it, and the execution ends as it would have."""
    function = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f"}

    def part(name: str) -> dict[str, Any]:
        return {"StartAt": name, "States": {name: {**function, "End": True}}}

    def made(kind: str, name: str) -> dict[str, Any]:
        fields: dict[str, dict[str, Any]] = {
            "parallel": {"Type": "Parallel", "Branches": [part(f"{name}a"), part(f"{name}b")]},
            "map": {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": part(f"{name}i")},
            "retry": {**function, "Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1}]},
            "pass": {"Type": "Pass"},
        }
        return {**fields[kind], "ResultPath": f"$.r{name}"}

    names = [f"{number}" for number in range(len(kinds))]
    states = {
        name: {**made(kind, name), **({"Next": following} if following else {"End": True})}
        for name, kind, following in zip(names, kinds, [*names[1:], None], strict=True)
    }
    services = ToldServices()
    services.handlers["lambda", "invoke"] = slowly
    with running(services) as bench:
        execution = bench.start(bench.machine("m", {"StartAt": "0", "States": states}), {"items": [1, 2]})
        time.sleep(data.draw(st.floats(0, 0.15)))
        state = saved(bench)
        (region_store,) = state["region_stores"]
        before = json.loads(region_store["executions"][0])["events"]

    with running(services, saved=state) as bench:
        found = bench.ended(execution)
        after = bench.ask("GetExecutionHistory", executionArn=execution)["events"]

    assert found["status"] == "SUCCEEDED"
    assert after[: len(before)] == before
    assert [event["id"] for event in after] == list(range(1, len(after) + 1))


def test_a_parked_execution_ends_says_why_and_can_be_run_on() -> None:
    with running() as bench:
        execution = bench.start(bench.machine("m", waiting(1)), {"a": 1})
        until(bench, execution, "WaitStateEntered")
        state = saved(bench)

    with running(saved=state, parked=[execution]) as bench:
        found = bench.ask("DescribeExecution", executionArn=execution)
        assert (found["status"], found["error"]) == ("ABORTED", "BunsuiLocal.Parked")
        assert f"`bunsui resume {found['name']}`" in found["cause"]
        assert bench.types(execution)[-1] == "ExecutionAborted"
        state = saved(bench)

    with running(saved=state) as bench:
        assert bench.ask("DescribeExecution", executionArn=execution)["redriveStatus"] == "REDRIVABLE"
        bench.ask("RedriveExecution", executionArn=execution)
        assert bench.ended(execution)["status"] == "SUCCEEDED"
