from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bunsui.model.session import HistoryEvent
from bunsui.sessions.analysis import called_by, origin_of
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.trace import read_trace
from bunsui.sessions.tracebacks import logged_traceback, message_of, stack_of

CASES = Path(__file__).parents[2] / "cases" / "history"
START = datetime(2026, 1, 31, tzinfo=UTC)
WITH_FAILURE = [path.stem for path in sorted(CASES.glob("*.json")) if '"failure"' in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("name", WITH_FAILURE)
def test_the_originating_failure_is_found_behind_what_passed_it_on(name: str) -> None:
    document: Mapping[str, Any] = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    events = [
        HistoryEvent(id=number, previous_id=previous, type=kind, at=START + timedelta(seconds=at), details=details)
        for number, previous, kind, at, details in document["events"]
    ]
    origin = origin_of(machine_shape(document["definition"]), read_trace(events))
    assert {"job": origin.job, "state": origin.state, "error": origin.error} == document["failure"]


def test_lambdas_own_stack_trace_is_ended_by_the_error() -> None:
    stack = ['  File "app.py", line 1\n    raise\n']
    cause = json.dumps({"errorType": "ValueError", "errorMessage": "no", "stackTrace": stack})
    assert stack_of(cause) == ('  File "app.py", line 1', "    raise", "ValueError: no")
    assert message_of(cause, "ValueError") == "no"


@pytest.mark.parametrize("cause", ["", "plain", "[]", '{"stackTrace": "text"}', '{"stackTrace": []}', '{"stackTrace": [3]}'])
def test_a_cause_without_a_stack_trace_has_none(cause: str) -> None:
    assert stack_of(cause) == ()


HANDLED = ["Traceback (most recent call last):", '  File "a.py", line 1, in f', "KeyError: 'handled'", "carrying on"]
LAMBDA = ['[ERROR] ValueError: bad\rTraceback (most recent call last):\r\xa0\xa0File "b.py", line 2, in g\r']


def test_the_traceback_of_the_error_is_preferred_to_a_handled_one() -> None:
    lines = ["Traceback (most recent call last):", '  File "b.py", line 2, in g', "ValueError: bad", *HANDLED]
    assert logged_traceback(lines, "bad") == ('  File "b.py", line 2, in g', "ValueError: bad")
    assert logged_traceback(HANDLED, "other")[-1] == "KeyError: 'handled'"


def test_a_traceback_in_one_message_is_read_line_by_line() -> None:
    assert logged_traceback(LAMBDA) == ('  File "b.py", line 2, in g', "ValueError: bad")


def test_a_log_without_traceback_has_none() -> None:
    assert logged_traceback(["START", "END"]) == ()


def test_the_end_names_the_failure_that_nobody_handled() -> None:
    def failed(number: int, job: str) -> list[HistoryEvent]:
        at = START + timedelta(seconds=number)
        return [
            HistoryEvent(id=number, previous_id=number - 1, type="TaskStateEntered", at=at, details={"name": job}),
            HistoryEvent(id=number + 1, previous_id=number, type="TaskFailed", at=at, details={"error": f"{job}Error"}),
            HistoryEvent(id=number + 2, previous_id=number + 1, type="TaskStateExited", at=at, details={"name": job}),
        ]

    cause = "failed: second (secondError)"
    end = [
        HistoryEvent(id=7, previous_id=6, type="FailStateEntered", at=START, details={"name": "_failed"}),
        HistoryEvent(id=8, previous_id=7, type="ExecutionFailed", at=START, details={"error": "E", "cause": cause}),
    ]
    states = {"_start": {"Type": "Pass"}, "first": {"Type": "Task"}, "second": {"Type": "Task"}, "_failed": {"Type": "Fail"}}
    shape = machine_shape({"StartAt": "_start", "States": states})
    origin = origin_of(shape, read_trace([*failed(1, "first"), *failed(4, "second"), *end]))
    assert (origin.job, origin.error) == ("second", "secondError")


@pytest.mark.parametrize("kept", [{"error": "CheckFailed", "cause": "too few"}, {"Error": "CheckFailed", "Cause": "too few"}])
def test_a_failure_that_no_event_words_is_told_by_what_the_machine_kept_of_it(kept: Mapping[str, str]) -> None:
    listed: list[tuple[str, dict[str, Any]]] = [
        ("ExecutionStarted", {"input": "{}"}),
        ("ParallelStateEntered", {"name": "gate"}),
        ("ParallelStateStarted", {}),
        ("FailStateEntered", {"name": "gate.fail"}),
        ("ParallelStateFailed", {}),
        ("ParallelStateExited", {"name": "gate", "output": "{}"}),
        ("FailStateEntered", {"name": "_failed", "input": json.dumps({"errors": {"gate": kept}})}),
        ("ExecutionFailed", {"error": "Bunsui.JobsFailed", "cause": "failed: gate (CheckFailed)"}),
    ]
    events = [
        HistoryEvent(id=number, previous_id=number - 1, type=kind, at=START, details=details)
        for number, (kind, details) in enumerate(listed, start=1)
    ]
    states: dict[str, Any] = {"gate": {"Type": "Parallel", "Branches": []}, "_failed": {"Type": "Fail"}}
    origin = origin_of(machine_shape({"StartAt": "gate", "States": states}), read_trace(events))
    assert (origin.job, origin.error, origin.cause) == ("gate", "CheckFailed", "too few")


@pytest.mark.parametrize(
    ("resource", "called"),
    [
        ("arn:aws:lambda:eu-west-1:111111111111:function:f:3", ("lambda", "invoke")),
        ("clean:live", ("lambda", "invoke")),
        ("arn:aws:states:::lambda:invoke", ("lambda", "invoke")),
        ("arn:aws:states:::ecs:runTask.sync", ("ecs", "runTask.sync")),
        ("arn:aws-cn:states:::aws-sdk:s3:getObject", ("aws-sdk:s3", "getObject")),
        ("arn:aws:states:eu-west-1:1:activity:a", ("", "")),
        ("arn:aws:states:::", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_resource_names_what_it_calls(resource: str, called: tuple[str, str]) -> None:
    assert called_by(resource) == called
