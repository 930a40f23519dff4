"""Executions from their start to their end, as callers see them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bunsui.emulator.stepfunctions.lag import Lag
from bunsui.model.json import Json
from tests.unit.emulator.stepfunctions.bench import HERE, Bench, passing, running, waiting

FAILING: dict[str, Any] = {"StartAt": "no", "States": {"no": {"Type": "Fail", "Error": "TooFew", "Cause": "no rows"}}}


@pytest.fixture
def bench() -> Iterator[Bench]:
    with running() as found:
        yield found


def test_an_execution_is_described_with_all_there_is_to_it(bench: Bench) -> None:
    machine = bench.machine("m", passing({"rows": 3}), publish=True)
    arn = bench.start(f"{machine}:1", {"day": "月"}, name="one", traceHeader="Root=1-2-3")

    found = bench.ended(arn)

    assert found["executionArn"] == arn == "arn:aws:states:us-east-1:111111111111:execution:m:one"
    assert (found["stateMachineArn"], found["stateMachineVersionArn"]) == (machine, f"{machine}:1")
    assert (found["status"], json.loads(found["output"]), json.loads(found["input"])) == (
        "SUCCEEDED",
        {"rows": 3},
        {"day": "月"},
    )
    assert found["startDate"] <= found["stopDate"]
    assert (found["redriveCount"], found["redriveStatus"], found["traceHeader"]) == (0, "NOT_REDRIVABLE", "Root=1-2-3")
    assert found["redriveStatusReason"] == "Execution is SUCCEEDED and cannot be redriven"
    assert "error" not in found


def test_a_failed_execution_has_an_error_and_no_output(bench: Bench) -> None:
    found = bench.ended(bench.start(bench.machine("m", FAILING)))

    assert (found["status"], found["error"], found["cause"]) == ("FAILED", "TooFew", "no rows")
    assert found["redriveStatus"] == "REDRIVABLE"
    assert "output" not in found


def test_the_same_start_gives_the_same_execution_only_while_it_runs(bench: Bench) -> None:
    machine = bench.machine("m", waiting())
    arn = bench.start(machine, {"a": 1}, name="one")

    assert bench.start(machine, {"a": 1}, name="one") == arn
    assert bench.refusal("StartExecution", stateMachineArn=machine, name="one", input="{}").code == "ExecutionAlreadyExists"
    bench.ask("StopExecution", executionArn=arn)
    again = bench.refusal("StartExecution", stateMachineArn=machine, name="one", input=json.dumps({"a": 1}))
    assert again.code == "ExecutionAlreadyExists"
    assert len(bench.ask("ListExecutions", stateMachineArn=machine)["executions"]) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "a/b"}, "InvalidName"),
        ({"input": "{"}, "InvalidExecutionInput"),
        ({"input": "NaN"}, "InvalidExecutionInput"),
        ({"input": json.dumps("月" * 90_000, ensure_ascii=False)}, "InvalidExecutionInput"),
        ({"input": json.dumps("a" * 300_000)}, "ValidationException"),
        ({"stateMachineArn": "arn:aws:states:us-east-1:111111111111:activity:a"}, "InvalidArn"),
        ({"stateMachineArn": "arn:aws:states:us-east-1:111111111111:stateMachine:none"}, "StateMachineDoesNotExist"),
    ],
)
def test_a_bad_start_is_refused(bench: Bench, change: dict[str, str], code: str) -> None:
    machine = bench.machine("m", passing(1))

    assert bench.refusal("StartExecution", **{"stateMachineArn": machine, **change}).code == code


def test_a_stop_tells_error_and_cause_and_is_repeated_without_change(bench: Bench) -> None:
    arn = bench.start(bench.machine("m", waiting()))

    first = bench.ask("StopExecution", executionArn=arn, error="Enough", cause="it takes too long")
    second = bench.ask("StopExecution", executionArn=arn, error="Other")
    found = bench.ended(arn)

    assert first == second == {"stopDate": found["stopDate"]}
    assert (found["status"], found["error"], found["cause"]) == ("ABORTED", "Enough", "it takes too long")
    assert bench.types(arn)[-1] == "ExecutionAborted"


def test_executions_are_listed_newest_first_by_status_and_page(bench: Bench) -> None:
    machine = bench.machine("m", waiting())
    started = [bench.start(machine, name=f"e{number}") for number in range(5)]

    first = bench.ask("ListExecutions", stateMachineArn=machine, maxResults=2)
    bench.start(machine, name="later")
    second = bench.ask("ListExecutions", stateMachineArn=machine, maxResults=3, nextToken=first["nextToken"])
    bench.ask("StopExecution", executionArn=started[1])
    stopped = bench.ask("ListExecutions", stateMachineArn=machine, statusFilter="ABORTED")

    assert [e["executionArn"] for page in (first, second) for e in page["executions"]] == started[::-1]
    assert [e["name"] for e in stopped["executions"]] == ["e1"]


def test_running_executions_are_listed_by_start_or_redrive_and_ended_ones_by_their_end(bench: Bench) -> None:
    machine = bench.machine("m", waiting())

    def names(**more: Any) -> list[str]:
        return [one["name"] for one in bench.ask("ListExecutions", stateMachineArn=machine, **more)["executions"]]

    long, short, last = (bench.start(machine, name=name) for name in ("long", "short", "last"))
    time.sleep(0.01)
    bench.ask("StopExecution", executionArn=long)
    assert names() == ["long", "last", "short"]
    time.sleep(0.01)
    bench.ask("StopExecution", executionArn=short)
    assert names() == ["short", "long", "last"]
    time.sleep(0.01)
    bench.ask("RedriveExecution", executionArn=long)
    assert names() == ["long", "short", "last"]
    assert names(statusFilter="RUNNING") == ["long", "last"]
    bench.ask("StopExecution", executionArn=last)
    bench.ask("StopExecution", executionArn=long)


def test_pages_go_on_where_the_last_one_ended_whatever_ends_meanwhile(bench: Bench) -> None:
    machine = bench.machine("m", waiting())
    started = [bench.start(machine, name=f"e{number}") for number in range(6)]
    first = bench.ask("ListExecutions", stateMachineArn=machine, maxResults=3)
    for arn in (started[5], started[4]):  # what was given moves to the front, and is not given again
        bench.ask("StopExecution", executionArn=arn)
    second = bench.ask("ListExecutions", stateMachineArn=machine, maxResults=10, nextToken=first["nextToken"])
    assert [one["executionArn"] for page in (first, second) for one in page["executions"]] == started[::-1]


@pytest.mark.parametrize(
    "filters", [{"redriveFilter": "REDRIVEN"}, {"redriveFilter": "NOT_REDRIVEN"}, {"statusFilter": "PENDING_REDRIVE"}]
)
def test_filters_of_child_executions_need_a_map_run(bench: Bench, filters: dict[str, str]) -> None:
    machine = bench.machine("m", passing(1))
    assert bench.refusal("ListExecutions", stateMachineArn=machine, **filters).code == "ValidationException"


def test_reads_lag_behind_on_demand(bench: Bench) -> None:
    machine = bench.machine("m", passing(1))
    arn = bench.start(machine)
    bench.ended(arn)
    bench.service.lag = Lag(lists=0.5, describes=0.25)
    assert bench.refusal("DescribeExecution", executionArn=arn).code == "ExecutionDoesNotExist"
    assert bench.ask("ListExecutions", stateMachineArn=machine)["executions"] == []
    time.sleep(0.3)
    assert bench.ask("DescribeExecution", executionArn=arn)["status"] == "SUCCEEDED"
    assert bench.ask("ListExecutions", stateMachineArn=machine)["executions"] == []
    time.sleep(0.3)
    assert [one["status"] for one in bench.ask("ListExecutions", stateMachineArn=machine)["executions"]] == ["SUCCEEDED"]


def test_an_execution_that_ended_a_moment_ago_is_told_as_running_by_a_read_that_lags(bench: Bench) -> None:
    machine = bench.machine("m", waiting())
    arn = bench.start(machine)
    time.sleep(0.3)
    bench.ask("StopExecution", executionArn=arn, error="E")
    bench.service.lag = Lag(lists=0.2, describes=0.2)
    found = bench.ask("DescribeExecution", executionArn=arn)
    assert found["status"] == "RUNNING"
    assert not {"stopDate", "error"} & found.keys()
    assert bench.ask("ListExecutions", stateMachineArn=machine, statusFilter="ABORTED")["executions"] == []


def test_executions_of_an_alias_and_a_version_are_listed_apart(bench: Bench) -> None:
    machine = bench.machine("m", passing(1), publish=True)
    routes = [{"stateMachineVersionArn": f"{machine}:1", "weight": 100}]
    alias = bench.ask("CreateStateMachineAlias", name="live", routingConfiguration=routes)["stateMachineAliasArn"]
    bench.start(machine, name="plain")
    bench.start(f"{machine}:1", name="version")
    bench.start(alias, name="alias")

    def names(arn: str) -> set[str]:
        return {found["name"] for found in bench.ask("ListExecutions", stateMachineArn=arn)["executions"]}

    assert names(machine) == {"plain", "version", "alias"}
    assert names(f"{machine}:1") == {"version", "alias"}
    assert names(alias) == {"alias"}


def test_a_history_comes_in_pages_and_backwards_and_without_data(bench: Bench) -> None:
    arn = bench.start(bench.machine("m", passing(1)), {"secret": 1})
    bench.ended(arn)

    first = bench.ask("GetExecutionHistory", executionArn=arn, maxResults=3)
    rest = bench.ask("GetExecutionHistory", executionArn=arn, maxResults=3, nextToken=first["nextToken"])
    backwards = bench.ask("GetExecutionHistory", executionArn=arn, reverseOrder=True)["events"]
    bare = bench.ask("GetExecutionHistory", executionArn=arn, includeExecutionData=False)["events"]

    assert [event["id"] for event in first["events"] + rest["events"]] == [1, 2, 3, 4]
    assert [event["id"] for event in backwards] == [4, 3, 2, 1]
    assert "secret" not in json.dumps(bare)
    assert bare[1]["stateEnteredEventDetails"] == {"name": "only"}
    assert "nextToken" not in rest


def test_a_running_execution_keeps_the_definition_it_began_with(bench: Bench) -> None:
    machine = bench.machine("m", waiting())
    arn = bench.start(machine)

    bench.ask("UpdateStateMachine", stateMachineArn=machine, definition=json.dumps(passing(1)))

    found = bench.ask("DescribeStateMachineForExecution", executionArn=arn)
    assert json.loads(found["definition"]) == waiting()
    assert found["name"] == "m"


def test_the_clock_is_real(bench: Bench) -> None:
    arn = bench.start(bench.machine("m", waiting(1)))
    began = time.monotonic()

    found = bench.ended(arn)

    assert time.monotonic() - began > 0.8
    assert found["stopDate"] - found["startDate"] == pytest.approx(1, abs=0.001)


def test_an_express_machine_answers_with_its_end(bench: Bench) -> None:
    machine = bench.machine("m", passing({"a": 1}), type="EXPRESS")

    answer = bench.ask("StartSyncExecution", stateMachineArn=machine, name="one", input='{"b": 2}')

    assert answer["executionArn"].startswith("arn:aws:states:us-east-1:111111111111:express:m:one:")
    assert (answer["status"], json.loads(answer["output"]), answer["input"]) == ("SUCCEEDED", {"a": 1}, '{"b": 2}')
    assert answer["billingDetails"] == {"billedMemoryUsedInMB": 64, "billedDurationInMilliseconds": 100}
    assert "redriveStatus" not in answer


def test_express_machines_cannot_be_asked_for_what_they_do_not_keep(bench: Bench) -> None:
    express = bench.machine("e", passing(1), type="EXPRESS")
    arn = bench.start(express, name="one")

    assert arn != bench.start(express, name="one")
    assert bench.refusal("DescribeExecution", executionArn=arn).code == "InvalidArn"
    assert bench.refusal("ListExecutions", stateMachineArn=express).code == "StateMachineTypeNotSupported"
    standard = bench.machine("s", passing(1))
    assert bench.refusal("StartSyncExecution", stateMachineArn=standard).code == "StateMachineTypeNotSupported"


def test_an_express_machine_that_turns_in_circles_keeps_nobody_waiting(bench: Bench) -> None:
    leave = {"Variable": "$.no", "IsPresent": True, "Next": "end"}
    states = {
        "a": {"Type": "Choice", "Choices": [leave], "Default": "b"},
        "b": {"Type": "Pass", "Next": "a"},
        "end": {"Type": "Succeed"},
    }
    circle = {"StartAt": "a", "TimeoutSeconds": 2, "States": states}
    answer = bench.service.answer(
        HERE,
        "StartSyncExecution",
        {"stateMachineArn": bench.machine("c", circle, type="EXPRESS"), "input": "{}"},
    )

    bench.ask("ListStateMachines")

    assert not answer.done()
    assert answer.result(timeout=20)["status"] == "TIMED_OUT"


def test_status_changes_are_told_to_event_bridge(bench: Bench) -> None:
    arn = bench.start(bench.machine("m", passing(1)), {"a": 1}, name="one")
    bench.ended(arn)
    bench.start(bench.machine("x", passing(1), type="EXPRESS"))

    bench.service.stop()
    details = [json.loads(entry["Detail"]) for entry in bench.events]

    assert [detail["status"] for detail in details] == ["RUNNING", "SUCCEEDED"]
    assert {entry["Source"] for entry in bench.events} == {"aws.states"}
    assert {entry["DetailType"] for entry in bench.events} == {"Step Functions Execution Status Change"}
    assert details[1]["executionArn"] == arn
    assert (details[1]["input"], details[1]["output"], details[0]["output"]) == ('{"a": 1}', "1", None)
    assert details[1]["stopDate"] >= details[1]["startDate"] > 1_600_000_000_000


@pytest.mark.parametrize(("level", "expected"), [("ALL", 4), ("ERROR", 1), ("FATAL", 1)])
def test_histories_are_logged_as_the_level_says(bench: Bench, level: str, expected: int) -> None:
    written: list[dict[str, Any]] = []
    bench.services.handlers["logs", "createLogStream"] = lambda _arguments: {}

    def put(arguments: Mapping[str, Any]) -> dict[str, Json]:
        written.append(dict(arguments))
        return {}

    bench.services.handlers["logs", "putLogEvents"] = put
    group = "arn:aws:logs:us-east-1:111111111111:log-group:exists:*"
    states = {"a": {"Type": "Pass", "Next": "no"}, **FAILING["States"]}
    destinations = [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]
    logging = {"level": level, "includeExecutionData": False, "destinations": destinations}
    arn = bench.start(bench.machine("m", {"StartAt": "a", "States": states}, loggingConfiguration=logging), {"secret": 1})
    bench.ended(arn)

    bench.service.stop()
    lines = [json.loads(line["Message"]) for request in written for line in request["LogEvents"]]

    assert len(lines) >= expected
    assert lines[-1]["type"] == "ExecutionFailed"
    assert {line["execution_arn"] for line in lines} == {arn}
    assert (level == "ALL") == ("PassStateEntered" in [line["type"] for line in lines])
    assert "secret" not in json.dumps(lines)
    assert {request["LogGroupName"] for request in written} == {"exists"}


def test_executions_are_counted(bench: Bench) -> None:
    bench.ended(bench.start(bench.machine("m", FAILING)))

    bench.service.stop()
    requests: list[Any] = [request for _, action, request in bench.services.calls if action == "putMetricData"]
    names = [metric["MetricName"] for request in requests for metric in request["MetricData"]]

    assert names == ["ExecutionsStarted", "ExecutionsFailed", "ExecutionTime"]


def test_an_execution_that_breaks_the_engine_ends_and_says_so(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from bunsui.engine.execution import EngineExecution

    def broken(_execution: EngineExecution) -> None:
        raise RuntimeError("out of order")

    machine = bench.machine("m", passing(1))
    monkeypatch.setattr(EngineExecution, "start", broken)
    found = bench.ended(bench.start(machine))
    monkeypatch.undo()

    assert (found["status"], found["error"]) == ("FAILED", "States.Runtime")
    assert "out of order" in found["cause"]
    assert bench.types(found["executionArn"]) == ["ExecutionFailed"]
    assert bench.ended(bench.start(machine))["status"] == "SUCCEEDED"


def test_a_history_ends_with_the_failure_when_the_engine_breaks_midway(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from bunsui.engine.state_execution import StateExecution

    def broken(_visit: StateExecution, *_arguments: object) -> None:
        raise RuntimeError("out of order")

    machine = bench.machine("m", passing(1))
    monkeypatch.setattr(StateExecution, "leave", broken)
    execution = bench.start(machine)
    bench.ended(execution)
    monkeypatch.undo()

    events = bench.ask("GetExecutionHistory", executionArn=execution)["events"]
    assert [event["type"] for event in events] == ["ExecutionStarted", "PassStateEntered", "ExecutionFailed"]
    assert [event["id"] for event in events] == [1, 2, 3]
