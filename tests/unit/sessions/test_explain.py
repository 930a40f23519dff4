from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from bunsui.local.memory.clock import VirtualClock
from bunsui.local.memory.execution import MemoryExecutionClient, Script, Step
from bunsui.local.memory.logs import MemoryLogReader
from bunsui.model.session import Attempt, SessionStatus
from bunsui.model.values import Json
from bunsui.ports.monitoring import LogLine
from bunsui.sessions.explain import explain
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.snapshot import ErrorClass, Failure
from bunsui.sessions.trace import read_trace

START = datetime(2026, 1, 31, tzinfo=UTC)
MACHINE = "arn:aws:states:eu-west-1:111111111111:stateMachine:"
FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:"


class Account:
    """Machines that fail in one task each."""

    def __init__(self) -> None:
        self.clock = VirtualClock(START)
        self.execution = MemoryExecutionClient(self.clock)
        self.logs = MemoryLogReader()

    def failed(self, name: str, state: str, definition: Mapping[str, Json], error: str, cause: str) -> str:
        """Run a machine whose one entered state fails; give the execution's ARN."""
        kind = "Parallel" if state.startswith("_par") else "Task"
        steps = (
            Step(after_seconds=0, type=f"{kind}StateEntered", details={"name": state}),
            Step(after_seconds=0, type="TaskScheduled"),
            Step(after_seconds=1, type="TaskFailed", details={"error": error, "cause": cause}),
        )
        script = Script(steps=steps, ends_after_seconds=1, status=SessionStatus.FAILED, error=error, cause=cause)
        self.execution.machine(f"{MACHINE}{name}", definition=definition, writer=lambda _: script)
        arn = self.execution.start(f"{MACHINE}{name}", name="one", payload={})
        self.clock.sleep(1)
        return arn

    def explained(self, arn: str, hints: Mapping[str, str] | None = None) -> Failure:
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
            hints=hints,
        )
        assert failure is not None
        return failure


def machine(**states: Json) -> dict[str, Json]:
    return {"StartAt": "_start", "States": {"_start": {"Type": "Pass"}, **states}}


def call(function: str) -> dict[str, Json]:
    arguments = {"FunctionName": f"{FUNCTION}{function}:3"}
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": arguments}


def boom(message: str) -> str:
    return json.dumps({"errorType": "ValueError", "errorMessage": message})


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


def test_a_child_that_cannot_be_seen_leaves_the_parents_words() -> None:
    account = Account()
    cause = json.dumps({"ExecutionArn": "arn:gone", "Error": "Gone", "Cause": "it broke"})
    definition = machine(report={"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2"})
    failure = account.explained(account.failed("parent", "report", definition, "States.TaskFailed", cause))
    assert (failure.job, failure.message, failure.child_arn) == ("report", "it broke", "arn:gone")


def test_the_failing_job_inside_a_silent_container_is_told_by_its_own_log() -> None:
    account = Account()
    branches: Json = [
        {"StartAt": "left", "States": {"left": call("left")}},
        {"StartAt": "right", "States": {"right": call("right")}},
    ]
    definition = machine(**{"_par-1": {"Type": "Parallel", "Branches": branches}})
    lines = "Traceback (most recent call last):", '  File "right.py", line 9, in handler', "ValueError: too wide"
    account.logs.write(
        "/aws/lambda/right", *(LogLine(at=START + timedelta(seconds=1), message=text, stream="s") for text in lines)
    )
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
