"""When a log is read to explain a failure, what is taken of it, and whose timeout it was."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bunsui.model.failures import ErrorClass
from bunsui.model.json import Json
from bunsui.model.session import Attempt, HistoryEvent, Session, SessionStatus
from bunsui.sessions.explain import LONGEST_NOTE, explain, note_failure, root_cause
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.snapshot import SessionFailure
from bunsui.sessions.starts.starting import still_running
from bunsui.sessions.trace import read_trace
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.execution import MemoryExecutionClient
from bunsui.testkit.logs import MemoryLogReader
from tests.unit.sessions.logs.test_invocations import at
from tests.unit.sessions.test_explain import ID, MACHINE, START, Account, boom, call, logged, machine

GROUP = "/aws/lambda/load"
TRACEBACK = ("Traceback (most recent call last):", '  File "a.py", line 1, in f', "ValueError: too heavy")


def explained(error: str, cause: str, *lines: str) -> tuple[SessionFailure, int]:
    """Return why the job `load` failed with this error, and how often its log was asked."""
    account = Account()
    account.logs.write(GROUP, *logged(*lines))
    found = account.explained(account.failed("m", "load", machine(load=call("load")), error, cause))
    return found, account.logs.calls


def refused(error: str, words: str) -> str:
    return json.dumps(
        {
            "errorType": "ClientError",
            "errorMessage": f"An error occurred ({error}) when calling the X operation: {words}",
            "requestId": ID,
        }
    )


@pytest.mark.parametrize(
    ("error", "cause", "kind", "is_read"),
    [
        ("ValueError", boom("too heavy"), ErrorClass.CODE, True),
        (
            "MemoryError",
            json.dumps({"errorType": "MemoryError", "errorMessage": "", "requestId": ID, "stackTrace": []}),
            ErrorClass.MEMORY,
            True,
        ),
        ("ClientError", refused("AccessDenied", "no"), ErrorClass.PERMISSION, False),
        ("ClientError", refused("ThrottlingException", "no"), ErrorClass.THROTTLING, False),
        ("ClientError", refused("NoSuchKey", "no"), ErrorClass.DATA, False),
        ("ClientError", refused("ResourceNotFoundException", "no"), ErrorClass.CONFIGURATION, True),
        ("ClientError", refused("LimitExceededException", "no"), ErrorClass.QUOTA, True),
    ],
)
def test_a_log_is_read_where_it_may_tell_more(error: str, cause: str, kind: ErrorClass, is_read: bool) -> None:
    failure, asked = explained(error, cause, "something", *TRACEBACK)
    assert (failure.error_class, asked > 0) == (kind, is_read)
    assert bool(failure.traceback or failure.last_lines) is is_read


def test_a_traceback_of_the_log_is_taken_with_the_group_that_it_stands_in() -> None:
    failure, _ = explained("ValueError", boom("too heavy"), "before", *TRACEBACK)
    assert (failure.traceback, failure.traceback_from, failure.last_lines) == (TRACEBACK[1:], GROUP, ())
    assert failure.job == "load"


def test_without_a_traceback_the_last_lines_are_told() -> None:
    failure, _ = explained("ValueError", boom("too heavy"), *(f"line {number}" for number in range(12)))
    assert (failure.traceback, failure.traceback_from, failure.last_lines_from) == ((), "", GROUP)
    assert len(failure.last_lines) == 8
    assert failure.last_lines[-3].startswith("line 11") or failure.last_lines[-1].startswith("REPORT")


def test_an_error_with_a_stack_of_its_own_needs_no_log() -> None:
    stack = ['  File "/var/task/a.py", line 1, in f\n    raise it\n']
    cause = json.dumps({"errorType": "ValueError", "errorMessage": "too heavy", "requestId": ID, "stackTrace": stack})
    failure, asked = explained("ValueError", cause, *TRACEBACK)
    assert (failure.traceback_from, asked) == ("the error", 0)
    assert failure.traceback[-1] == "ValueError: too heavy"


def events(*found: tuple[str, dict[str, Any]]) -> list[HistoryEvent]:
    whole = [("ExecutionStarted", {}), *found]
    return [
        HistoryEvent(id=number, previous_id=number - 1, type=kind, at=at(10 * number), details=details)
        for number, (kind, details) in enumerate(whole, 1)
    ]


def attempt(status: SessionStatus, *, error: str = "", cause: str = "") -> Attempt:
    return Attempt(
        number=1, execution_arn="arn", kind="run", status=status, started_at=START, stopped_at=at(99), error=error, cause=cause
    )


def told(definition: dict[str, Json], found: list[HistoryEvent], ended: Attempt) -> SessionFailure:
    client, logs = MemoryExecutionClient(ManualClock(START)), MemoryLogReader()
    failure = explain(ended, read_trace(found), machine_shape(definition), execution=client, logs=logs)
    assert failure is not None
    return failure


TIMED: dict[str, Json] = {**call("load"), "TimeoutSeconds": 60}


@pytest.mark.parametrize(
    ("error", "cause", "message"),
    [
        ("States.Timeout", "", "the operation's timeout of 60 s passed"),
        ("States.HeartbeatTimeout", "", "nobody reported within the operation's heartbeat"),
        ("States.Timeout", "said so", "said so"),
    ],
)
def test_a_states_timeout_is_told_in_words_unless_the_cause_has_some(error: str, cause: str, message: str) -> None:
    found = events(
        ("TaskStateEntered", {"name": "load", "input": "{}"}),
        ("TaskScheduled", {"resourceType": "lambda", "resource": "invoke", "parameters": "{}"}),
        ("TaskTimedOut", {"resourceType": "lambda", "resource": "invoke", "error": error, "cause": cause}),
        ("ExecutionFailed", {"error": error, "cause": cause}),
    )
    failure = told(machine(load=TIMED), found, attempt(SessionStatus.FAILED, error=error, cause=cause))
    assert (failure.job, failure.error_class, failure.message) == ("load", ErrorClass.TIMEOUT, message)


def test_the_pipelines_own_timeout_names_what_was_at_work() -> None:
    found = events(("TaskStateEntered", {"name": "load", "input": "{}"}), ("ExecutionTimedOut", {}))
    definition = {**machine(load=TIMED), "TimeoutSeconds": 25}
    failure = told(definition, found, attempt(SessionStatus.TIMED_OUT))
    assert (failure.error, failure.job) == ("States.Timeout", "load")
    assert failure.message == "the pipeline's timeout of 25 s passed while load was at work (10 s)"
    assert failure.hint.startswith("The pipeline's own `timeout` passed")


def test_what_somebody_stopped_is_told_as_such_and_how_to_go_on() -> None:
    found = events(("TaskStateEntered", {"name": "load", "input": "{}"}), ("ExecutionAborted", {"cause": "enough"}))
    failure = told(machine(load=TIMED), found, attempt(SessionStatus.CANCELLED))
    assert (failure.error_class, failure.hint) == (
        ErrorClass.CANCELLED,
        "Somebody stopped it; to go on, resume: completed jobs are kept.",
    )
    raw: dict[str, Json] = {"StartAt": "load", "States": {"load": TIMED}}
    assert told(raw, found, attempt(SessionStatus.CANCELLED)).hint == "Somebody stopped it; to go on, run it again."


def test_a_row_keeps_the_first_line_of_a_message_as_long_as_it_may_be() -> None:
    message = "  " + "x" * 400 + "\nsecond line"
    account = Account()
    arn = account.failed("m", "load", machine(load=call("load")), "ValueError", boom(message))
    ended = replace(attempt(SessionStatus.FAILED, error="ValueError", cause=boom(message)), execution_arn=arn)
    cause = root_cause(
        ended,
        read_trace(account.execution.history(arn)),
        machine_shape(account.execution.definition(arn)),
        execution=account.execution,
    )
    note = note_failure(cause, ["extract"])
    assert (note.message, note.place, note.completed) == ("x" * LONGEST_NOTE, "load", ("extract",))
    assert (note.error_class, note.error) == ("code", "ValueError")
    assert arn.startswith(MACHINE.replace(":stateMachine:", ":execution:"))


@pytest.mark.parametrize("others", [0, 1])
def test_of_a_call_that_nothing_names_the_log_is_told_when_no_other_session_may_have_written_it(others: int) -> None:
    account = Account()
    account.logs.write(GROUP, *logged("too slow"))
    definition = machine(load=call("load"))
    arn = account.failed("m", "load", definition, "States.Timeout", "")
    for number in range(others):
        account.execution.start(f"{MACHINE}m", name=f"other-{number}", payload={})
    failure = account.explained(arn)
    assert any("too slow" in line for line in failure.last_lines) is (not others)


def session(*attempts: Attempt, **more: Any) -> Session:
    usual: dict[str, Any] = {
        "status": SessionStatus.RUNNING,
        "slot": START,
        "date": "2026-01-31",
        "params": {},
        "started_by": "me",
    }
    return Session(id="s1", pipeline="p", created_at=START, attempts=attempts, **{**usual, **more})


RUNNING = replace(attempt(SessionStatus.RUNNING), stopped_at=None)


@pytest.mark.parametrize(
    ("row", "summary", "arn"),
    [
        (session(RUNNING), "the session is still running", "arn"),
        (session(replace(RUNNING, kind="redrive")), "the session runs again: somebody redrove its execution", "arn"),
        (
            session(attempt(SessionStatus.FAILED), duplicates=(replace(RUNNING, execution_arn="second"),)),
            "the schedule was delivered twice, and the second execution still runs",
            "second",
        ),
        (session(RUNNING, duplicates=(replace(RUNNING, execution_arn="second"),)), "the session is still running", "second"),
        (session(), "the session is still running", None),
    ],
)
def test_an_act_that_needs_a_session_at_rest_says_what_runs_and_how_to_stop_it(
    row: Session, summary: str, arn: str | None
) -> None:
    error = still_running(row)
    assert (error.code, error.summary, error.facts.get("execution")) == ("still-running", summary, arn)
    assert error.facts["session"] == "s1"
    assert "bunsui watch s1" in error.hint
    assert "bunsui stop s1" in error.hint
