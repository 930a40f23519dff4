"""Why sessions failed, told whole for each way to fail: `tests/cases/explained.txt`."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bunsui.errors import CloudError
from bunsui.model.json import Json
from bunsui.model.session import Attempt, SessionStatus
from bunsui.model.values import Expression
from bunsui.ports.execution import ExecutionSummary
from bunsui.ports.monitoring import ContainerLog, LogLine
from bunsui.sessions.analysis import Origin
from bunsui.sessions.explain import explain, machine_name_of, no_hints, note_failure, root_cause
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.snapshot import Raiser
from bunsui.sessions.trace import read_trace
from bunsui.testkit.execution import Script, ScriptedStep
from bunsui.testkit.logs import MemoryContainerLogs
from tests.fakes.map_runs import MemoryMapRuns
from tests.unit.sessions.test_explain import FUNCTION, ID, MACHINE, START, Account, boom, call, logged, machine
from tests.unit.sessions.test_histories_read import told
from tests.unit.sessions.test_progress import CASES

EXPECTED = CASES.parent / "explained.txt"
CHILD: dict[str, Json] = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2"}
TRACEBACK = "Traceback (most recent call last):", '  File "a.py", line 1, in f', "ValueError: too heavy"
RUN = "arn:aws:states:eu-west-1:111111111111:mapRun:m/each:1"
THRESHOLD = "States.ExceedToleratedFailureThreshold"
UNDEFINED = "The JSONata expression '{}' specified for the field 'Arguments/n' returned nothing (undefined)."
AUTHORED = {"load": (Expression("$params.day", "pipelines/p.yaml:9:20"),)}


class LimitedRuns(MemoryMapRuns):
    """Map runs that tell how many failed items were asked for."""

    limits: tuple[int, ...] = ()

    def failed_children(self, map_run_arn: str, *, limit: int) -> Any:
        self.limits = (*self.limits, limit)
        return super().failed_children(map_run_arn, limit=limit)


class Place(Account):
    """Machines that fail, and what is told of their executions."""

    def __init__(self) -> None:
        super().__init__()
        self.runs: LimitedRuns | None = None
        self.hinted: Callable[[Origin, str], Mapping[str, str]] = no_hints

    def of_child(self, child: str, **more: str) -> str:
        return json.dumps({"ExecutionArn": child, "Status": "FAILED", **more})

    def play(self, name: str, definition: Mapping[str, Json], *steps: tuple[str, Mapping[str, Json]], **ended: Any) -> str:
        """Run a machine whose history is these events, one a second."""
        events = tuple(
            ScriptedStep(after_seconds=number, type=kind, details=details) for number, (kind, details) in enumerate(steps)
        )
        ends = {"status": SessionStatus.FAILED, "error": "", "cause": "", "given": {}, **ended}
        given = ends.pop("given")
        script = Script(steps=events, ends_after_seconds=len(steps), **ends)
        self.execution.machine(f"{MACHINE}{name}", definition=definition, writer=lambda _: script)
        arn = self.execution.start(f"{MACHINE}{name}", name="one", payload=given)
        self.clock.sleep(len(steps))
        return arn

    def attempt(self, arn: str) -> Attempt:
        found = self.execution.describe(arn)
        return Attempt(
            number=1,
            execution_arn=arn,
            kind="run",
            status=found.status,
            started_at=found.started_at,
            stopped_at=found.stopped_at,
            error=found.error,
            cause=found.cause,
        )

    def told(self, arn: str, attempt: Attempt | None = None) -> Iterator[str]:
        attempt = attempt or self.attempt(arn)
        shape, trace = machine_shape(self.execution.definition(arn)), read_trace(self.execution.history(arn))
        failure = explain(
            attempt,
            trace,
            shape,
            execution=self.execution,
            logs=self.logs,
            map_runs=self.runs,
            containers=self.containers,
            hints=self.hinted,
            authored=AUTHORED,
            pipeline_of=lambda one: f"the pipeline {machine_name_of(one)}",
        )
        if failure is None:
            yield "nothing"
            return
        yield told(failure, START)
        cause = root_cause(attempt, trace, shape, execution=self.execution, map_runs=self.runs)
        yield f"place {cause.place}, {'followed' if cause.is_followed else 'here'}"
        yield told(note_failure(cause, ["done"]), START)


def kid(place: Place, *lines: str) -> str:
    """Return the execution of a pipeline whose job `weigh` failed, with what it logged."""
    place.logs.write("/aws/lambda/weigh", *logged(*lines))
    return place.failed("kid", "weigh", machine(weigh=call("weigh")), "ValueError", boom("too heavy"))


def a_child(place: Place) -> str:
    cause = place.of_child(kid(place, *TRACEBACK))
    return place.failed("mother", "report", machine(report=CHILD), "States.TaskFailed", cause)


def a_child_of_a_child(place: Place) -> str:
    middle = place.failed("middle", "run", machine(run=CHILD), "States.TaskFailed", place.of_child(kid(place)))
    return place.failed("mother", "report", machine(report=CHILD), "States.TaskFailed", place.of_child(middle))


def a_long_line(place: Place) -> str:
    arn = kid(place)
    for number in range(6):
        arn = place.failed(f"m{number}", f"run{number}", machine(**{f"run{number}": CHILD}), "E", place.of_child(arn))
    return arn


def a_circle(place: Place) -> str:
    arn = f"{MACHINE}m:one".replace(":stateMachine:", ":execution:")
    return place.failed("m", "run", machine(run=CHILD), "E", place.of_child(arn))


def a_child_that_is_gone(place: Place) -> str:
    cause = place.of_child("arn:gone", Error="Gone", Cause="it broke")
    return place.failed("mother", "report", machine(report=CHILD), "States.TaskFailed", cause)


def a_child_in_a_cause_that_was_cut(place: Place) -> str:
    cause = f'{{"ExecutionArn":"{kid(place)}","Input":"{"x" * 99}'
    return place.failed("mother", "report", machine(report=CHILD), "States.TaskFailed", cause)


def a_cut_cause_of_a_function(place: Place) -> str:
    cause = f'{{"ExecutionArn":"{kid(place)}","Input":"{"x" * 99}'
    return place.failed("m", "load", machine(load=call("load")), "E", cause)


def a_childs_timeout(place: Place) -> str:
    late = place.play(
        "kid",
        {**machine(weigh=call("weigh")), "TimeoutSeconds": 200},
        ("TaskStateEntered", {"name": "weigh"}),
        status=SessionStatus.TIMED_OUT,
    )
    return place.failed("mother", "report", machine(report=CHILD), "States.TaskFailed", place.of_child(late))


PROCESSOR: dict[str, Json] = {"StartAt": "each.work", "States": {"each.work": call("work"), "each.run": CHILD}}
EACH = machine(each={"Type": "Map", "ItemProcessor": PROCESSOR})


def mapped(place: Place, failed: list[str]) -> str:
    place.runs = LimitedRuns(
        failed={
            RUN: [
                ExecutionSummary(arn=arn, name="x", status=SessionStatus.FAILED, started_at=START, stopped_at=None)
                for arn in failed
            ]
        }
    )
    return place.play(
        "m",
        EACH,
        ("MapStateEntered", {"name": "each"}),
        ("MapRunStarted", {"mapRunArn": RUN}),
        ("MapRunFailed", {"error": THRESHOLD, "cause": "too many"}),
        error=THRESHOLD,
        cause="too many",
    )


def item(place: Place, state: str, cause: str, **given: Json) -> str:
    return place.play(
        "m/each",
        PROCESSOR,
        ("TaskStateEntered", {"name": state}),
        ("TaskFailed", {"error": "ValueError", "cause": cause, "resourceType": "states" if state == "each.run" else "lambda"}),
        given=given,
        error="ValueError",
        cause=cause,
    )


def an_item(place: Place) -> str:
    return mapped(place, [item(place, "each.work", boom("too heavy"), label="north"), "arn:other"])


def an_item_without_a_label(place: Place) -> str:
    return mapped(place, [item(place, "each.work", boom("too heavy"), label=3)])


def an_items_child(place: Place) -> str:
    return mapped(place, [item(place, "each.run", place.of_child(kid(place)), label="north")])


def no_item(place: Place) -> str:
    return mapped(place, [])


def items_that_nobody_may_see(place: Place) -> str:
    arn = mapped(place, [])
    assert place.runs is not None
    place.runs.failed = {}
    return arn


def the_authors_expression(place: Place) -> str:
    return place.failed("m", "load", machine(load=call("load")), "States.QueryEvaluationError", UNDEFINED.format("$params.day"))


def a_childs_expression(place: Place) -> str:
    cause = UNDEFINED.format("$params.day")
    child = place.failed("kid", "load", machine(load=call("load")), "States.QueryEvaluationError", cause)
    return place.failed("mother", "load", machine(load=CHILD), "States.TaskFailed", place.of_child(child))


def stacked(message: str) -> str:
    return json.dumps(
        {"errorType": "ValueError", "errorMessage": message, "requestId": ID, "stackTrace": ['  File "b.py", line 2, in g']}
    )


def silent(place: Place, cause: str, *lines: str) -> str:
    branches: Json = [{"StartAt": name, "States": {name: call(name)}} for name in ("left", "right")]
    place.logs.write("/aws/lambda/right", *logged(*lines))
    return place.failed("m", "_par", machine(_par={"Type": "Parallel", "Branches": branches}), "ValueError", cause)


def a_silent_container(place: Place) -> str:
    return silent(place, boom("too heavy"), *TRACEBACK)


def a_silent_container_with_last_lines(place: Place) -> str:
    return silent(place, boom("too heavy"), "one", "two")


def a_silent_container_with_a_stack_that_a_log_has(place: Place) -> str:
    return silent(place, stacked("too heavy"), *TRACEBACK)


def a_silent_container_with_another_stack(place: Place) -> str:
    return silent(place, stacked("too light"), *TRACEBACK)


def two_containers_of_a_task(place: Place) -> str:
    for name, seconds in (("train", 1), ("side", 2)):
        lines = [
            LogLine(at=START + timedelta(seconds=seconds), message=f"{name} {n}\nmore", stream=f"jobs/{name}/0f") for n in "ab"
        ]
        place.logs.write("/ecs/train", *lines[: 3 - seconds])
    logs = [ContainerLog(container=name, group="/ecs/train", stream_prefix="jobs") for name in ("train", "side")]
    place.containers = MemoryContainerLogs({"d:1": logs})
    task = {
        "Containers": [{"Name": "train", "ExitCode": 3}],
        "StopCode": "EssentialContainerExited",
        "TaskArn": "arn:aws:ecs:eu-west-1:111111111111:task/etl/0f",
        "TaskDefinitionArn": "d:1",
    }
    definition = machine(train={"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync"})
    return place.failed("m", "train", definition, "States.TaskFailed", json.dumps(task))


def a_raw_machine(place: Place) -> str:
    return place.failed("m", "load", {"StartAt": "load", "States": {"load": call("load")}}, "ValueError", boom("too heavy"))


def an_operations_own_hint(place: Place) -> str:
    place.hinted = lambda origin, arn: {"Odd.StrangeException": f"{origin.state} of {arn}: {{again}}"}
    child = place.failed("kid", "weigh", machine(weigh=call("weigh")), "Odd.StrangeException", "no")
    return place.failed("mother", "report", machine(report=CHILD), "States.TaskFailed", place.of_child(child))


def a_refusal(place: Place) -> str:
    place.logs.write("/aws/lambda/load", *logged(*TRACEBACK))
    cause = json.dumps({"errorType": "X", "errorMessage": "An error occurred (AccessDenied) when calling the X operation: no"})
    return place.failed("m", "load", machine(load=call("load")), "X", cause)


def a_heartbeat(place: Place) -> str:
    return place.play(
        "m",
        machine(load=call("load")),
        ("TaskStateEntered", {"name": "load"}),
        ("TaskScheduled", {"resourceType": "sqs", "resource": "sendMessage.waitForTaskToken"}),
        ("TaskTimedOut", {"error": "States.HeartbeatTimeout", "resourceType": "sqs"}),
        error="States.HeartbeatTimeout",
    )


def a_success(place: Place) -> str:
    return place.play("m", machine(load=call("load")), status=SessionStatus.SUCCEEDED)


def nothing_but_an_end(place: Place) -> str:
    return place.play("m", machine(load=call("load")), error="States.Runtime", cause="it is no JSON")


SCENES: Mapping[str, Callable[[Place], str]] = {
    name.replace("_", " "): scene
    for name, scene in list(globals().items())
    if callable(scene) and getattr(scene, "__annotations__", {}) == {"place": "Place", "return": "str"}
}


def telling(name: str) -> str:
    place = Place()
    arn = SCENES[name](place)
    lines = list(place.told(arn))
    return "\n".join([f"## {name}", *lines, *([f"asked for {place.runs.limits[0]} items"] if place.runs else [])])


def recorded() -> Mapping[str, str]:
    blocks = EXPECTED.read_text(encoding="utf-8").strip("\n").split("\n\n") if EXPECTED.exists() else []
    return {block.partition("\n")[0].removeprefix("## "): block for block in blocks}


@pytest.mark.parametrize("name", SCENES)
def test_a_failure_is_explained_as_it_was_recorded(name: str, update_cases: bool) -> None:
    if update_cases and name == next(iter(SCENES)):
        EXPECTED.write_text("\n\n".join(map(telling, SCENES)) + "\n", encoding="utf-8")
    assert telling(name) == recorded()[name]


@pytest.mark.parametrize(
    ("status", "event", "raiser"),
    [
        (SessionStatus.CANCELLED, "ExecutionAborted", Raiser.CALLER),
        (SessionStatus.TIMED_OUT, "ExecutionTimedOut", Raiser.STEP_FUNCTIONS),
        (SessionStatus.FAILED, "", Raiser.SERVICE),
    ],
)
def test_an_end_that_the_history_lacks_is_told_by_the_attempt(status: SessionStatus, event: str, raiser: Raiser) -> None:
    place = Place()
    arn = place.play("m", machine(load=call("load")), ("TaskStateEntered", {"name": "load"}), error="E", cause="c")
    trace = read_trace(place.execution.history(arn)[:-1])
    shape = machine_shape(place.execution.definition(arn))
    cause = root_cause(replace(place.attempt(arn), status=status), trace, shape, execution=place.execution)
    assert (cause.found.origin.raised.event, cause.verdict.raised.event, cause.verdict.raiser) == ("", event, raiser)


def test_what_runs_or_succeeded_has_no_failure() -> None:
    place = Place()
    arn = a_child(place)
    for status in (SessionStatus.RUNNING, SessionStatus.SUCCEEDED):
        assert list(place.told(arn, replace(place.attempt(arn), status=status))) == ["nothing"]


def test_a_machine_is_named_by_its_executions() -> None:
    assert machine_name_of("arn:aws:states:eu-west-1:1:execution:daily:one") == "daily"
    assert machine_name_of("arn:aws:states:eu-west-1:1:execution:daily/each:one") == "daily"
    assert [machine_name_of(arn) for arn in ("arn:aws:states:eu-west-1:1:execution", "arn:of:nothing", "")] == ["", "", ""]


class ForbiddenRuns(MemoryMapRuns):
    """Map runs of another account."""

    def failed_children(self, map_run_arn: str, *, limit: int) -> Any:
        raise CloudError("denied", "no")


def test_what_nobody_may_see_leaves_the_map_runs_own_words() -> None:
    place = Place()
    arn = mapped(place, [])
    trace, shape = read_trace(place.execution.history(arn)), machine_shape(EACH)
    found = root_cause(place.attempt(arn), trace, shape, execution=place.execution, map_runs=ForbiddenRuns())
    assert (found.is_followed, found.verdict.error, found.place) == (False, THRESHOLD, "each")
    assert FUNCTION.startswith("arn:")
