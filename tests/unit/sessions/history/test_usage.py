"""What an execution used of what is billed, from its history."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bunsui.model.estimates.cost import Usage
from bunsui.model.json import Json
from bunsui.model.pipeline import Job, Operation, Pipeline
from bunsui.model.session import HistoryEvent
from bunsui.operations.lambda_function import FunctionSource, LambdaParams
from bunsui.operations.registry import builtin_registry
from bunsui.sessions.history.usage import UsageReader
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.trace import read_trace
from tests.unit.sessions.history.test_operation_runs import DEFINITION, LEFT, START, failed, scheduled, succeeded

SOURCE = FunctionSource(path="functions/load", handler="app.handler", memory=512, architecture="arm64")
CALL = Operation(id="lambda", type="lambda", params=LambdaParams(code=SOURCE))
PIPELINE = Pipeline(name="daily", path="daily.yaml", jobs=(Job(name="load", operations=(CALL,)),))
Event = tuple[str, float, Mapping[str, Json]]


def usage(*events: Event, pipeline: Pipeline | None = PIPELINE) -> Usage:
    told: list[Event] = [("TaskStateEntered", 0.0, {"name": "load", "input": "{}"}), *events]
    history = [
        HistoryEvent(id=number, previous_id=number - 1, type=kind, at=START + timedelta(seconds=at), details=details)
        for number, (kind, at, details) in enumerate(told, start=1)
    ]
    return UsageReader(pipeline, builtin_registry()).usage(machine_shape(DEFINITION), read_trace(history))


def task(service: str, action: str, answer: Json = None) -> tuple[Event, ...]:
    call = {"resourceType": service, "resource": action}
    return (
        ("TaskScheduled", 1.0, {**call, "parameters": "{}"}),
        ("TaskSucceeded", 31.0, {**call, "output": json.dumps(answer)}),
        LEFT,
    )


def test_each_try_of_a_function_is_a_request_a_transition_and_its_time() -> None:
    found = usage(scheduled(0), failed(2), scheduled(5), succeeded(9, {"ExecutedVersion": "3", "Payload": 1}), LEFT)
    assert found == Usage(transitions=2, requests=2, gb_seconds_arm64=0.5 * (2 + 4))


def test_of_a_function_whose_memory_no_file_says_the_requests_count_and_the_time_is_named() -> None:
    elsewhere = replace(PIPELINE, jobs=(Job(name="load", operations=(replace(CALL, params=LambdaParams(function="x:1")),)),))
    for pipeline in (None, elsewhere):
        found = usage(scheduled(0), succeeded(9, {}), LEFT, pipeline=pipeline)
        assert (found.requests, found.gb_seconds_arm64, found.gb_seconds_x86_64) == (1, 0, 0)
        assert found.uncounted == ("the Lambda time of load, of whose function no memory is known",)


def test_a_task_on_fargate_tells_itself_what_it_was_and_a_minute_is_the_least() -> None:
    size: dict[str, Json] = {"LaunchType": "FARGATE", "Cpu": "512", "Memory": "2048"}
    answer: dict[str, Json] = {**size, "PullStartedAt": 1000, "StoppedAt": 181_000}
    assert usage(*task("ecs", "runTask.sync", answer)) == Usage(transitions=1, vcpu_seconds=90, task_gb_seconds=360)
    short: dict[str, Json] = {**answer, "StoppedAt": 2000}
    assert usage(*task("ecs", "runTask.sync", short)).vcpu_seconds == 30


def test_what_is_billed_otherwise_is_named() -> None:
    assert usage(*task("ecs", "runTask.sync", {"LaunchType": "EC2"})).uncounted == ("the tasks of load",)
    assert usage(*task("athena", "startQueryExecution.sync")).uncounted == ("athena:startQueryExecution in load",)
    assert usage(*task("states", "startExecution.sync:2")).uncounted == ("pipelines and machines that load starts",)
