from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bunsui.errors import AccessDenied
from bunsui.model.failures import ErrorClass
from bunsui.model.json import Json
from bunsui.model.session import Attempt, SessionStatus
from bunsui.ports.monitoring import ContainerLog, ContainerLogs, LogLine
from bunsui.sessions.analysis import called_by
from bunsui.sessions.explain import explain
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.snapshot import Raiser, SessionFailure
from bunsui.sessions.trace import read_trace
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.execution import MemoryExecutionClient, Script, ScriptedStep
from bunsui.testkit.logs import MemoryContainerLogs, MemoryLogReader

START = datetime(2026, 1, 31, tzinfo=UTC)
MACHINE = "arn:aws:states:eu-west-1:111111111111:stateMachine:"
FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:"
ID = "8f2ad7c1-6a54-4bb0-9b1a-0f3f3c1b2d4e"
"""Of the invocation that fails."""


class Account:
    """Machines that fail in one task each."""

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        self.execution = MemoryExecutionClient(self.clock)
        self.logs = MemoryLogReader()
        self.containers: ContainerLogs | None = None

    def failed(self, name: str, state: str, definition: Mapping[str, Json], error: str, cause: str) -> str:
        """Run a machine whose one entered state fails; give the execution's ARN."""
        kind = "Parallel" if state.startswith("_par") else "Task"
        service, action = called_by(machine_shape(definition).states[state].resource) if kind == "Task" else ("", "")
        called = {"resourceType": service, "resource": action} if service else {}
        steps = (
            ScriptedStep(after_seconds=0, type=f"{kind}StateEntered", details={"name": state}),
            ScriptedStep(after_seconds=0, type="TaskScheduled", details=called),
            ScriptedStep(after_seconds=1, type="TaskFailed", details={"error": error, "cause": cause}),
        )
        script = Script(steps=steps, ends_after_seconds=1, status=SessionStatus.FAILED, error=error, cause=cause)
        self.execution.machine(f"{MACHINE}{name}", definition=definition, writer=lambda _: script)
        arn = self.execution.start(f"{MACHINE}{name}", name="one", payload={})
        self.clock.sleep(1)
        return arn

    def explained(self, arn: str, hints: Mapping[str, str] | None = None) -> SessionFailure:
        described = self.execution.describe(arn)
        attempt = Attempt(
            number=1,
            execution_arn=arn,
            kind="run",
            status=described.status,
            started_at=described.started_at,
            stopped_at=described.stopped_at,
            error=described.error,
            cause=described.cause,
        )
        failure = explain(
            attempt,
            read_trace(self.execution.history(arn)),
            machine_shape(self.execution.definition(arn)),
            execution=self.execution,
            logs=self.logs,
            containers=self.containers,
            hints=lambda _origin, _arn: hints or {},
        )
        assert failure is not None
        return failure


def machine(**states: Json) -> dict[str, Json]:
    return {"StartAt": "_start", "States": {"_start": {"Type": "Pass"}, **states}}


def call(function: str) -> dict[str, Json]:
    arguments = {"FunctionName": f"{FUNCTION}{function}:3"}
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": arguments}


def boom(message: str) -> str:
    return json.dumps({"errorType": "ValueError", "errorMessage": message, "requestId": ID})


def logged(*messages: str) -> Iterator[LogLine]:
    """Return what the invocation wrote, between Lambda's marks; beside it somebody else's in another stream."""
    for text in (
        f"START RequestId: {ID} Version: 3",
        *messages,
        f"END RequestId: {ID}",
        f"REPORT RequestId: {ID}\tDuration: 1 ms",
    ):
        yield LogLine(at=START + timedelta(seconds=1), message=text, stream="s")
    for text in ("START RequestId: other Version: 3", "Traceback (most recent call last):", "ValueError: of somebody else"):
        yield LogLine(at=START + timedelta(seconds=1), message=text, stream="t")


def test_a_failure_is_followed_into_the_child_execution_that_it_came_from() -> None:
    account = Account()
    child = account.failed("child", "weigh", machine(weigh=call("weigh")), "ValueError", boom("too heavy"))
    cause = json.dumps({"ExecutionArn": child, "Status": "FAILED", "Error": "ValueError", "Cause": boom("too heavy")})
    definition = machine(**{"report.child": {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2"}})
    failure = account.explained(account.failed("parent", "report.child", definition, "States.TaskFailed", cause))
    assert (failure.job, failure.state) == ("report", "report.child")
    assert (failure.error, failure.message) == ("ValueError", "too heavy")
    assert failure.child_arn == child
    assert failure.resource == f"{FUNCTION}weigh:3"


def test_the_pipeline_of_a_child_is_named_with_its_failing_job() -> None:
    account = Account()
    child = account.failed("kid", "weigh", machine(weigh=call("weigh")), "ValueError", boom("too heavy"))
    cause = json.dumps({"ExecutionArn": child, "Status": "FAILED", "Error": "ValueError", "Cause": boom("too heavy")})
    definition = machine(report={"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2"})
    failure = account.explained(account.failed("parent", "report", definition, "States.TaskFailed", cause))
    assert (failure.job, failure.child_pipeline, failure.child_job) == ("report", "kid", "weigh")
    assert failure.raised_by is Raiser.CODE


def test_a_child_is_found_in_a_cause_that_was_cut() -> None:
    account = Account()
    child = account.failed("kid", "weigh", machine(weigh=call("weigh")), "ValueError", boom("too heavy"))
    cause = json.dumps({"ExecutionArn": child, "Input": "x" * 40_000}, separators=(",", ":"))[:32_768]
    definition = machine(report={"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2"})
    failure = account.explained(account.failed("parent", "report", definition, "States.TaskFailed", cause))
    assert (failure.child_arn, failure.message) == (child, "too heavy")


def test_a_container_tells_its_exit_code_and_its_last_lines() -> None:
    account = Account()
    account.logs.write(
        "/ecs/train", *(LogLine(at=START, message=f"line {number}", stream="jobs/train/0f") for number in range(30))
    )
    account.containers = MemoryContainerLogs(
        {"d:1": [ContainerLog(container="train", group="/ecs/train", stream_prefix="jobs")]}
    )
    task = {
        "Containers": [{"Name": "train", "ExitCode": 3}],
        "StopCode": "EssentialContainerExited",
        "StoppedReason": "Essential container in task exited",
        "TaskArn": "arn:aws:ecs:eu-west-1:111111111111:task/etl/0f",
        "TaskDefinitionArn": "d:1",
    }
    definition = machine(train={"Type": "Task", "Resource": "arn:aws:states:::ecs:runTask.sync"})
    failure = account.explained(account.failed("m", "train", definition, "States.TaskFailed", json.dumps(task)))
    assert (failure.message, failure.error_class, failure.raised_by) == ("train: exit code 3", ErrorClass.CODE, Raiser.CODE)
    assert failure.last_lines == tuple(f"line {number}" for number in range(22, 30))
    assert failure.last_lines_from == "train"


def test_a_child_that_cannot_be_seen_leaves_the_parents_words() -> None:
    account = Account()
    cause = json.dumps({"ExecutionArn": "arn:gone", "Error": "Gone", "Cause": "it broke"})
    definition = machine(report={"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2"})
    failure = account.explained(account.failed("parent", "report", definition, "States.TaskFailed", cause))
    assert (failure.job, failure.message, failure.child_arn) == ("report", "it broke", "arn:gone")
    assert (failure.child_pipeline, failure.child_job) == ("", ""), "whose it was nobody saw"


def test_the_failing_job_inside_a_silent_container_is_told_by_its_own_log() -> None:
    account = Account()
    branches: Json = [
        {"StartAt": "left", "States": {"left": call("left")}},
        {"StartAt": "right", "States": {"right": call("right")}},
    ]
    definition = machine(**{"_par-1": {"Type": "Parallel", "Branches": branches}})
    lines = "Traceback (most recent call last):", '  File "right.py", line 9, in handler', "ValueError: too wide"
    account.logs.write("/aws/lambda/right", *logged(*lines))
    failure = account.explained(account.failed("m", "_par-1", definition, "ValueError", boom("too wide")))
    assert (failure.job, failure.state) == ("right", "_par-1")
    assert failure.traceback == ('  File "right.py", line 9, in handler', "ValueError: too wide")


@pytest.mark.parametrize(
    ("error", "word"),
    [
        ("Bunsui.TooManyItems", "`max_items`"),
        ("Bunsui.PollTimedOut", "`poll.timeout`"),
        ("Bunsui.PollFailed", "`fail_if`"),
        ("States.ItemReaderFailed", "`format`"),
        ("States.ExceedToleratedFailureThreshold", "`tolerate`"),
    ],
)
def test_errors_of_a_foreach_or_poll_have_hints_of_their_own(error: str, word: str) -> None:
    account = Account()
    hint = account.explained(account.failed("m", "a", machine(a=call("a")), error, "why")).hint
    assert word in hint
    assert hint.endswith("resume: completed jobs are kept.")


def test_the_operation_types_own_hint_comes_before_the_general_one() -> None:
    account = Account()
    arn = account.failed("m", "a", machine(a=call("a")), "Lambda.TooManyRequestsException", "Rate exceeded")
    assert account.explained(arn, {"Lambda.TooManyRequestsException": "Own hint."}).hint == "Own hint."
    failure = account.explained(arn)
    assert failure.error_class is ErrorClass.THROTTLING
    assert "retry" in failure.hint


def test_a_log_that_may_not_be_read_does_not_hide_the_one_that_tells() -> None:
    class Closed(MemoryLogReader):
        def containing(self, group: str, texts: Sequence[str], **span: Any) -> Sequence[LogLine]:
            if group.endswith("left"):
                raise AccessDenied("access-denied", "not allowed")
            return super().containing(group, texts, **span)

    account = Account()
    account.logs = Closed()
    branches: Json = [{"StartAt": name, "States": {name: call(name)}} for name in ("left", "right")]
    lines = "Traceback (most recent call last):", '  File "right.py", line 9, in handler', "ValueError: too wide"
    account.logs.write("/aws/lambda/right", *logged(*lines))
    definition = machine(**{"_par-1": {"Type": "Parallel", "Branches": branches}})
    failure = account.explained(account.failed("m", "_par-1", definition, "ValueError", boom("too wide")))
    assert (failure.job, failure.traceback_from) == ("right", "/aws/lambda/right")
