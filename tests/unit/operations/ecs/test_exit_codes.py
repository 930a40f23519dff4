"""What a task's end means, run on the engine: codes that succeed, names that are retried, everything else as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bunsui.compile.pipeline import compile_pipeline
from bunsui.engine.clock import VirtualClock
from bunsui.model.pipeline import Job, Pipeline, Retry
from bunsui.model.values import Expression
from bunsui.operations.ecs.exit_codes import HOST_STOPS, names_failures
from bunsui.operations.registry import builtin_registry
from bunsui.services.render import shown
from bunsui.services.testing.machine_under_test import START, MachineUnderTest
from bunsui.testing.mocks import MockedTasks, read_mocks
from tests.executing import SCOPE
from tests.unit.operations.harness import operation

TASK: dict[str, Any] = {
    "type": "ecs_task",
    "cluster": "etl",
    "task_definition": "load:7",
    "launch": "ec2",
    "container": {"name": "main"},
    "exit_codes": {"3": "success", "75": "TryLater"},
}
RETRY = Retry(attempts=3, delay_seconds=5, errors=("TryLater", "infrastructure"), jitter=False)


def task(code: int | None = None, stop: str = "EssentialContainerExited") -> str:
    containers = [{"Name": "side", "ExitCode": 9}, {"Name": "main", **({} if code is None else {"ExitCode": code})}]
    return json.dumps({"TaskArn": "t", "StopCode": stop, "StoppedReason": "r", "Containers": containers})


def ended(mock: Any, *, isolate: bool = False, **more: Any) -> tuple[str, Any, int]:
    """Return the error or the output of a run, with the number of tasks that were started."""
    made = operation({**TASK, **more}, retry=RETRY)
    job = Job(name="a", operations=(made,), outputs={"code": Expression("$result.exit_code")}, isolate=isolate)
    compiled = compile_pipeline(Pipeline(name="p", path="p.yaml", jobs=(job,)), scope=SCOPE, registry=builtin_registry())
    assert not [found.summary for found in compiled.diagnostics]
    definition: Any = shown(compiled.definition)
    machine, clock = MachineUnderTest(name="p", definition=definition, order=("a",)), VirtualClock(START)
    runner = MockedTasks(clock=clock, answers=machine.by_state(read_mocks({"a": mock})))
    result = machine.run({}, runner=runner, clock=clock)
    started = sum(event["type"] == "TaskScheduled" for event in result.events)
    return result.error or "", result.output, started


@pytest.mark.parametrize(
    ("error", "cause", "told", "started"),
    [
        ("States.TaskFailed", task(75), "TryLater", 3),
        ("States.TaskFailed", task(1), "States.TaskFailed", 1),
        ("States.TaskFailed", task(137, "SpotInterruption"), "SpotInterruption", 3),
        ("States.TaskFailed", task(None, "TaskFailedToStart"), "TaskFailedToStart", 1),
        ("States.TaskFailed", task(None, "UserInitiated"), "States.TaskFailed", 1),
        ("States.TaskFailed", (task(75) + " " * 32_768)[:32_768][:-1] + "x", "States.TaskFailed", 1),
        ("ECS.ServerException", "busy", "ECS.ServerException", 3),
        ("ECS.ClientException", task(3), "ECS.ClientException", 1),
        ("States.Timeout", "", "States.Timeout", 1),
    ],
)
def test_a_failure_has_its_name_and_is_retried_by_it(error: str, cause: str, told: str, started: int) -> None:
    assert ended({"error": error, "cause": cause}) == (told, None, started)


def test_an_exit_code_that_means_success_gives_the_result() -> None:
    assert ended({"error": "States.TaskFailed", "cause": task(3)}) == ("", {"a": {"code": 3}}, 1)
    assert ended({"error": "States.TaskFailed", "cause": task(3, "SpotInterruption")})[0] == "SpotInterruption"
    assert ended({"answer": json.loads(task(0))}) == ("", {"a": {"code": 0}}, 1)


def test_names_are_given_only_where_something_asks_for_them() -> None:
    plain = operation({**TASK, "exit_codes": {}}, retry=RETRY)
    named = operation({**TASK, "exit_codes": {}}, retry=Retry(attempts=2, errors=(HOST_STOPS[0],)))
    assert (names_failures({}, plain), names_failures({}, named), names_failures({"3": "success"}, plain)) == (
        False,
        True,
        True,
    )
    assert ended({"error": "States.TaskFailed", "cause": task(75)}, exit_codes={}) == ("States.TaskFailed", None, 1)
