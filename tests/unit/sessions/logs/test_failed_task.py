"""Which call's log explains a failure, until when it is read, and which of several that may be it is told."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest

from bunsui.errors import CloudError
from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent
from bunsui.sessions.analysis import origin_of
from bunsui.sessions.logs.called_work import CalledWork, WorkReader
from bunsui.sessions.logs.calls import CallKind, TaskCall
from bunsui.sessions.logs.failed_task import FailedTaskLog, LoggedFailure
from bunsui.sessions.logs.task_logs import LATENESS, LogQuery, RivalsOf, TaskLogReader, TaskLogs
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.trace import read_trace
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.execution import MemoryExecutionClient
from bunsui.testkit.logs import MemoryLogReader
from tests.unit.sessions.logs.test_invocations import START, at, begin, end, lines
from tests.unit.sessions.test_explain import ID, boom, call, machine

ARN = "arn:aws:states:eu-west-1:111111111111:execution:m:one"
RAISED = ("Traceback (most recent call last):", '  File "a.py", line 1, in f', "ValueError: too heavy")
PARALLEL: Json = {
    "Type": "Parallel",
    "Branches": [{"StartAt": name, "States": {name: call(name)}} for name in ("left", "right")],
}
BOTH = machine(_par=PARALLEL, after=call("after"))
Step = tuple[str, dict[str, Json]]


class Noted(TaskLogReader):
    """Reads logs, and notes what was asked of them."""

    def __init__(self, logs: MemoryLogReader) -> None:
        super().__init__(logs)
        self.asked: list[tuple[TaskCall, LogQuery, datetime]] = []
        self.is_down = False

    def read(self, work: Sequence[CalledWork], query: LogQuery, *, now: datetime, rivals: RivalsOf) -> TaskLogs:
        ((one,),) = [each.calls for each in work]
        assert [each.execution_arn for each in work] == [ARN]
        self.asked.append((one, query, now))
        if self.is_down:
            raise CloudError("AccessDenied", "no")
        return super().read(work, query, now=now, rivals=rivals)


class Failed:
    """An execution with this history, whose functions logged something."""

    def __init__(
        self, definition: Mapping[str, Json], *steps: Step, error: str = "ValueError", cause: str = boom("no")
    ) -> None:
        events = [
            HistoryEvent(id=number, previous_id=number - 1, type=kind, at=at(number), details=details)
            for number, (kind, details) in enumerate((("ExecutionStarted", {}), *steps), 1)
        ]
        self.shape, self.trace = machine_shape(definition), read_trace(events)
        self.origin = origin_of(self.shape, self.trace)
        self.logs = MemoryLogReader()
        self.reader = Noted(self.logs)

    def wrote(self, function: str, *messages: str) -> Failed:
        self.logs.write(f"/aws/lambda/{function}", *lines(begin(ID), *messages, end(ID), first=2, step=0.01))
        return self

    def read(self, until: datetime | None = None) -> LoggedFailure | None:
        work = WorkReader(MemoryExecutionClient(ManualClock(START)))
        reader = FailedTaskLog(self.reader, work, until=until)
        return reader.read(self.origin, self.shape, self.trace, execution_arn=ARN, message="too heavy")

    @property
    def functions(self) -> list[str]:
        """Whose logs were asked for."""
        return [one.target for one, _, _ in self.reader.asked]


def failing(name: str = "after", cause: str = boom("too heavy")) -> tuple[Step, ...]:
    parameters = json.dumps({"FunctionName": f"arn:aws:lambda:eu-west-1:111111111111:function:{name}:3"})
    called: dict[str, Json] = {"resourceType": "lambda", "resource": "invoke"}
    return (
        ("TaskStateEntered", {"name": name, "input": "{}"}),
        ("TaskScheduled", {**called, "parameters": parameters}),
        ("TaskFailed", {**called, "error": "ValueError", "cause": cause}),
    )


ENDED: Step = ("ExecutionFailed", {"error": "ValueError", "cause": boom("too heavy")})
COARSE: tuple[Step, ...] = (("ParallelStateEntered", {"name": "_par"}), ("ParallelStateFailed", {}))


@pytest.mark.parametrize(
    ("steps", "until", "expected"),
    [
        ((*failing(), ENDED), at(90), at(5)),
        ((*failing(), ENDED), None, at(5)),
        (failing(), at(90), at(90)),
        (failing(), None, at(3)),
    ],
)
def test_a_log_is_read_until_the_execution_ended_as_its_history_says_or_its_row(
    steps: tuple[Step, ...], until: datetime | None, expected: datetime
) -> None:
    failed = Failed(BOTH, *steps).wrote("after", "hello")
    assert failed.read(until) is not None
    ((_, query, now),) = failed.reader.asked
    assert (query, now) == (LogQuery(limit=200), expected + LATENESS)


def test_what_is_told_are_the_last_lines_and_the_traceback_of_the_message() -> None:
    failed = Failed(BOTH, *failing(), ENDED).wrote("after", *map(str, range(9)), "\n".join(RAISED))
    found = failed.read()
    assert found is not None
    assert (found.job, found.group, found.traceback) == ("after", "/aws/lambda/after", RAISED[1:])
    assert found.last_lines == ("5", "6", "7", "8", *RAISED, end(ID))


@pytest.mark.parametrize("steps", [(), (*COARSE, ("ExecutionFailed", {"error": "E", "cause": "in words"}))])
def test_nothing_is_told_where_nothing_was_called_or_no_invocation_is_named(steps: tuple[Step, ...]) -> None:
    failed = Failed(BOTH, *steps).wrote("left", "hello")
    assert (failed.read(), failed.functions) == (None, [])


def test_a_log_that_cannot_be_read_tells_nothing() -> None:
    failed = Failed(BOTH, *failing(), ENDED).wrote("after", "hello")
    failed.reader.is_down = True
    assert (failed.read(), len(failed.functions)) == (None, 1)


@pytest.mark.parametrize(
    ("written", "asked", "job"),
    [
        ({}, ["left", "right"], None),
        ({"left": ["hello"]}, ["left", "right"], "left"),
        ({"right": ["hello"]}, ["left", "right"], "right"),
        ({"left": ["hello"], "right": RAISED}, ["left", "right"], "right"),
        ({"left": RAISED, "right": RAISED}, ["left"], "left"),
    ],
)
def test_of_functions_that_the_history_does_not_tell_apart_the_one_that_logged_the_error_is_told(
    written: Mapping[str, Sequence[str]], asked: list[str], job: str | None
) -> None:
    """`after` stands outside of the Parallel that failed: it is not asked."""
    failed = Failed(BOTH, *COARSE, ENDED)
    for function, said in {"after": RAISED, **written}.items():
        failed.wrote(function, *said)
    found = failed.read()
    assert (None if found is None else found.job, failed.functions) == (job, asked)


def test_a_call_that_the_history_does_not_hold_is_looked_for_under_the_id_that_the_error_names() -> None:
    failed = Failed(BOTH, *COARSE, ENDED).wrote("right", *RAISED)
    failed.read()
    expected: dict[str, Any] = {"item": "", "kind": CallKind.FUNCTION, "started_at": at(2), "ended_at": at(4)}
    expected |= {"is_answered": True, "request_id": ID}
    assert [one for one, _, _ in failed.reader.asked] == [
        TaskCall(job=name, state=name, target=name, **expected) for name in ("left", "right")
    ]
    own = Failed(BOTH, ("TaskStateEntered", {"name": "after", "input": "{}"}), ("TaskFailed", dict(ENDED[1])))
    own.read()
    assert [(one.state, one.ended_at) for one, _, _ in own.reader.asked] == [("after", None)]
