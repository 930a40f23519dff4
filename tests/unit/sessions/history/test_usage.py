"""What an execution used, from its history: every call that is billed is counted once, or named as not counted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from bunsui.model.estimates.cost import Usage
from bunsui.model.json import Json
from bunsui.model.pipeline import Job, Operation, Pipeline
from bunsui.model.session import HistoryEvent
from bunsui.model.values import Expression
from bunsui.operations.choice import Case, ChoiceParams
from bunsui.operations.lambda_function import FunctionSource, LambdaParams
from bunsui.operations.registry import builtin_registry
from bunsui.sessions.history.usage import UsageReader, flat_operations, function_usage, job_functions
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.trace import read_trace
from tests.unit.sessions.history.test_operation_runs import START

REGISTRY = builtin_registry()
Step = tuple[str, float, dict[str, Json]]


def own(name: str, memory: int = 512, architecture: Any = "x86_64") -> Operation:
    source = FunctionSource(path="f", handler="app.handler", memory=memory, architecture=architecture)
    return Operation(id=name, type="lambda", params=LambdaParams(code=source))


ELSEWHERE = Operation(id="away", type="lambda", params=LambdaParams(function="f"))


def entered(state: str, at: float = 0, kind: str = "Task") -> Step:
    return f"{kind}StateEntered", at, {"name": state, "input": "{}"}


def left(state: str, at: float = 99, kind: str = "Task") -> Step:
    return f"{kind}StateExited", at, {"name": state, "output": "{}"}


def call(at: float, calls: str = "lambda:invoke") -> Step:
    kind, _, action = calls.partition(":")
    return "TaskScheduled", at, {"resourceType": kind, "resource": action, "parameters": "{}"}


def answered(at: float, answer: Json = None) -> Step:
    return "TaskSucceeded", at, {"output": json.dumps(answer)}


def failed(at: float) -> Step:
    return "TaskFailed", at, {"error": "E", "cause": "no"}


def usage(*steps: Step, operations: tuple[Operation, ...] | None = None, job: str = "load") -> Usage:
    """Return what an execution of a machine with the states `load`, `load.a` and `load.b` used."""
    states: dict[str, Json] = {name: {"Type": "Task"} for name in ("load", "load.a", "load.b", "load.b.more")}
    shape = machine_shape({"StartAt": "_start", "States": {"_start": {"Type": "Pass"}, **states, "each": {"Type": "Map"}}})
    events = [
        HistoryEvent(id=number, previous_id=number - 1, type=kind, at=START + timedelta(seconds=at), details=details)
        for number, (kind, at, details) in enumerate(steps, 1)
    ]
    jobs = (Job(name="other", operations=()), Job(name=job, operations=operations or ()))
    pipeline = Pipeline(name="p", path="p.yaml", jobs=jobs) if operations is not None else None
    return UsageReader(pipeline, REGISTRY).usage(shape, read_trace(events))


INVOKED = (entered("load"), call(1), answered(3), left("load"))
TRIED = (entered("load"), call(1), failed(3), call(10), answered(14), left("load"))


@pytest.mark.parametrize(
    ("steps", "operations", "expected"),
    [
        ((), None, Usage()),
        ((entered("load"),), None, Usage(transitions=1)),
        ((entered("_start", 0, "Pass"), left("_start", 0, "Pass"), entered("load")), None, Usage(transitions=2)),
        (INVOKED, (own("call"),), Usage(transitions=1, requests=1, gb_seconds_x86_64=1)),
        (INVOKED, (own("call", 256, "arm64"),), Usage(transitions=1, requests=1, gb_seconds_arm64=0.5)),
        (TRIED, (own("call"),), Usage(transitions=2, requests=2, gb_seconds_x86_64=3)),
        ((entered("load"), call(1)), (own("call"),), Usage(transitions=1, requests=1)),
        ((entered("load", 7, "Wait"), left("load", kind="Wait")), (own("call"),), Usage(transitions=1)),
        ((entered("load"), ("ActivityScheduled", 1, {"resource": "arn"}), left("load")), None, Usage(transitions=1)),
    ],
)  # fmt: skip
def test_what_states_and_functions_use(steps: tuple[Step, ...], operations: Any, expected: Usage) -> None:
    assert usage(*steps, operations=operations) == expected


UNKNOWN = "the Lambda time of load, of whose function no memory is known"


@pytest.mark.parametrize(
    ("state", "operations", "gigabytes"),
    [
        ("load", None, None),
        ("load", (), None),
        ("load", (ELSEWHERE,), None),
        ("load", (own("a"), ELSEWHERE), None),
        ("load", (own("a"), own("b", 1024)), None),
        ("load", (own("a"), own("b", architecture="arm64")), None),
        ("load", (own("a"), own("b")), 0.5),
        ("load.a", (own("a"), own("b", 1024)), 0.5),
        ("load.b", (own("a"), own("b", 1024)), 1),
        ("load.b.more", (own("a"), own("b", 1024)), 1),
        ("load.a", (own("c"), own("b", 1024)), None),
        ("load.a", (ELSEWHERE, own("a")), 0.5),
        ("load.b", (own("c"), own("d")), 0.5),
    ],
)
def test_a_function_is_known_by_the_operation_of_its_state_or_by_the_only_size_that_it_can_have(
    state: str, operations: Any, gigabytes: float | None
) -> None:
    found = usage(entered(state), call(1), answered(2), left(state), operations=operations)
    assert (found.requests, found.transitions, found.gb_seconds_arm64) == (1, 1, 0)
    assert (found.gb_seconds_x86_64, found.uncounted) == ((gigabytes, ()) if gigabytes is not None else (0, (UNKNOWN,)))


def test_a_job_that_the_file_does_not_have_is_named() -> None:
    assert usage(*INVOKED, operations=(own("call"),), job="renamed").uncounted == (UNKNOWN,)


def task(**more: Json) -> dict[str, Json]:
    """Return a task as ECS describes it: half a CPU and 1 GB for two minutes."""
    times: dict[str, Json] = {"PullStartedAt": 1_000_000, "StoppedAt": 1_120_000}
    return {"LaunchType": "FARGATE", "Cpu": "512", "Memory": "1024", **times, **more}


def on_fargate(seconds: float, *uncounted: str, tries: int = 1) -> Usage:
    return Usage(transitions=tries, vcpu_seconds=seconds / 2, task_gb_seconds=seconds, uncounted=uncounted)


TASKS = Usage(transitions=1, uncounted=("the tasks of load",))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (task(), on_fargate(120)),
        (task(Memory=2048), Usage(transitions=1, vcpu_seconds=60, task_gb_seconds=240)),
        (task(StoppedAt=1_061_000), on_fargate(61)),
        (task(StoppedAt=1_059_000), on_fargate(60)),
        (task(PullStartedAt=None), on_fargate(299)),
        (task(StoppedAt="soon"), on_fargate(299)),
        (task(LaunchType="EC2"), TASKS),
        (task(Cpu=True), TASKS),
        (task(Cpu=[512]), TASKS),
        (task(Memory="much"), TASKS),
        ([], TASKS),
        (None, TASKS),
    ],
)
def test_a_task_on_fargate_is_billed_by_the_second_and_a_minute_at_least(answer: Json, expected: Usage) -> None:
    told = (entered("load"), call(1, "ecs:runTask.sync"), answered(300, answer), left("load", 301))
    assert usage(*told) == expected


def test_of_tries_on_fargate_that_failed_nobody_knows_what_they_used() -> None:
    steps = (call(1, "ecs:runTask.sync"), failed(5), call(10, "ecs:runTask.sync"), answered(300, task()))
    assert usage(entered("load"), *steps, left("load")) == on_fargate(120, "tries of load that failed", tries=2)


@pytest.mark.parametrize(
    ("calls", "told"),
    [
        ("states:startExecution.sync:2", "pipelines and machines that load starts"),
        ("glue:startJobRun.sync", "glue:startJobRun in load"),
        ("aws-sdk:s3:getObject", "aws-sdk:s3:getObject in load"),
    ],
)
def test_what_is_billed_elsewhere_is_named(calls: str, told: str) -> None:
    steps = (entered("load"), call(1, calls), answered(2), left("load"))
    assert usage(*steps) == Usage(transitions=1, uncounted=(told,))


def test_items_with_executions_of_their_own_are_named() -> None:
    run: Step = ("MapRunStarted", 1, {"mapRunArn": "arn:run"})
    items = "the items of each, which run in executions of their own"
    assert usage(entered("each", kind="Map"), run) == Usage(transitions=1, uncounted=(items,))
    assert usage(entered("gone", kind="Map"), run) == Usage(transitions=1)
    assert usage(entered("each", kind="Map")) == Usage(transitions=1)
    assert usage(entered("gone"), call(1, "glue:x")).uncounted == ("glue:x in gone",), "by its state, where no job is known"


def test_operations_are_found_with_those_inside_of_them() -> None:
    inner, unknown = own("inner", 128), Operation(id="odd", type="nobody", params=None)
    cases = [Case(when=Expression("$a"), operations=(inner, ELSEWHERE))]
    choice = Operation(id="choose", type="choice", params=ChoiceParams(cases=cases))
    operations = (unknown, choice, own("last", 1024))
    assert [one.id for one in flat_operations(operations, REGISTRY)] == ["odd", "choose", "inner", "away", "last"]
    found = [(one.id, code and code.memory_mb) for one, code in job_functions(Job(name="j", operations=operations), REGISTRY)]
    assert found == [("inner", 128), ("away", None), ("last", 1024)]
    nobody: Mapping[str, Any] = {}
    assert list(job_functions(Job(name="j", operations=operations), nobody)) == []


def test_a_function_uses_its_memory_for_as_long_as_it_works() -> None:
    ((_, code),) = job_functions(Job(name="j", operations=(own("x", 1024),)), REGISTRY)
    assert code is not None
    assert function_usage(code, seconds=3, requests=2) == Usage(requests=2, gb_seconds_x86_64=3)
