"""Distributed maps: their runs, their children, their limits."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from bunsui.model.json import Json
from tests.unit.emulator.stepfunctions.bench import Bench, running, saved


@pytest.fixture
def bench() -> Iterator[Bench]:
    with running() as found:
        yield found


def spread(**more: Any) -> dict[str, Any]:
    """Return a machine with a distributed Map over three items."""
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "item",
        "States": {"item": {"Type": "Pass", "End": True}},
    }
    each = {"Type": "Map", "Label": "each", "ItemProcessor": processor, "End": True, **more}
    return {"StartAt": "each", "States": {"each": each}}


def test_a_distributed_map_has_a_run_with_children_that_can_be_read(bench: Bench) -> None:
    execution = bench.start(bench.machine("m", spread()), [10, 20, 30])
    assert json.loads(bench.ended(execution)["output"]) == [10, 20, 30]

    (listed,) = bench.ask("ListMapRuns", executionArn=execution)["mapRuns"]
    run = bench.ask("DescribeMapRun", mapRunArn=listed["mapRunArn"])
    children = bench.ask("ListExecutions", mapRunArn=listed["mapRunArn"])["executions"]

    assert run["status"] == "SUCCEEDED"
    assert (run["itemCounts"]["total"], run["executionCounts"]["succeeded"]) == (3, 3)
    assert len(children) == 3
    assert [
        e["executionArn"] for e in bench.ask("ListExecutions", stateMachineArn=execution_machine(execution))["executions"]
    ] == [execution]
    outputs = {bench.ask("DescribeExecution", executionArn=child["executionArn"])["output"] for child in children}
    assert outputs == {"10", "20", "30"}
    assert bench.types(children[0]["executionArn"])[-1] == "ExecutionSucceeded"


def execution_machine(execution: str) -> str:
    return execution.replace(":execution:", ":stateMachine:").rpartition(":")[0]


def test_a_distributed_map_reads_its_items_from_an_object(bench: Bench) -> None:
    bench.services.handlers["s3", "getObject"] = lambda _request: {"Body": "[1, 2]"}
    parameters = {"Bucket": "b", "Key": "k"}
    reader = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"}, "Parameters": parameters}

    found = bench.ran(spread(ItemReader=reader), {})

    assert json.loads(found["output"]) == [1, 2]


@pytest.mark.parametrize("restarted", [False, True])
def test_limits_of_a_map_run_change_while_it_runs(restarted: bool) -> None:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "item",
        "States": {"item": {"Type": "Wait", "Seconds": 1, "End": True}},
    }
    definition = spread(MaxConcurrency=1, ItemProcessor=processor)
    with running() as bench:
        execution = bench.start(bench.machine("m", definition), [10, 20, 30])
        (listed,) = bench.ask("ListMapRuns", executionArn=execution)["mapRuns"]
        run = listed["mapRunArn"]
        assert bench.ask("DescribeMapRun", mapRunArn=run)["executionCounts"]["running"] == 1

        bench.ask("UpdateMapRun", mapRunArn=run, maxConcurrency=3)

        changed = bench.ask("DescribeMapRun", mapRunArn=run)
        assert (changed["executionCounts"]["running"], changed["maxConcurrency"]) == (3, 3)
        assert bench.refusal("UpdateMapRun", mapRunArn=run).code == "ValidationException"
        state = saved(bench)
        if not restarted:
            assert json.loads(bench.ended(execution)["output"]) == [10, 20, 30]
            assert bench.refusal("UpdateMapRun", mapRunArn=run, maxConcurrency=1).code == "ValidationException"
            return
    with running(saved=state) as bench:
        assert json.loads(bench.ended(execution)["output"]) == [10, 20, 30]
        assert bench.ask("DescribeMapRun", mapRunArn=run)["executionCounts"]["succeeded"] == 3
        state = saved(bench)
    assert json.dumps(state).count("MaxConcurrency") == 2, "the machine's definition and the execution's, none for a child"
    with running(saved=state) as bench:
        assert len(bench.ask("ListExecutions", mapRunArn=run)["executions"]) == 3


def test_a_failed_map_is_redriven_with_only_its_failed_children(bench: Bench) -> None:
    tries: list[Json] = []

    def invoke(request: Mapping[str, Json]) -> dict[str, Json]:
        tries.append(request["Payload"])
        if request["Payload"] == "2" and tries.count("2") == 1:
            return {"Payload": '{"errorType": "Odd"}', "FunctionError": "Unhandled", "StatusCode": 200}
        return {"Payload": str(request["Payload"]), "StatusCode": 200}

    bench.services.handlers["lambda", "invoke"] = invoke
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "item",
        "States": {"item": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", "End": True}},
    }
    execution = bench.start(bench.machine("m", spread(MaxConcurrency=1, ItemProcessor=processor)), [1, 2, 3])
    assert bench.ended(execution)["status"] == "FAILED"
    (listed,) = bench.ask("ListMapRuns", executionArn=execution)["mapRuns"]
    children = bench.ask("ListExecutions", mapRunArn=listed["mapRunArn"])["executions"]
    failed = next(child["executionArn"] for child in children if child["status"] == "FAILED")
    assert bench.ask("DescribeExecution", executionArn=failed)["redriveStatus"] == "REDRIVABLE_BY_MAP_RUN"
    assert bench.refusal("RedriveExecution", executionArn=failed).code == "ExecutionNotRedrivable"

    bench.ask("RedriveExecution", executionArn=execution)

    assert json.loads(bench.ended(execution)["output"]) == [1, 2, 3]
    assert sorted(str(one) for one in tries) == ["1", "2", "2", "3"]
    run = bench.ask("DescribeMapRun", mapRunArn=listed["mapRunArn"])
    assert (run["status"], run["redriveCount"], run["executionCounts"]["succeeded"]) == ("SUCCEEDED", 1, 3)
    redriven = bench.ask("DescribeExecution", executionArn=failed)
    assert (redriven["status"], redriven["redriveCount"]) == ("SUCCEEDED", 1)
