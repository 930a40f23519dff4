"""Which events of a history count, and as what."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bunsui.model.session import Attempt, HistoryEvent, JobStatus, SessionStatus
from bunsui.sessions.explain import explain
from bunsui.sessions.progress import job_progress
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.trace import kept_error, read_trace, with_end
from bunsui.sessions.tracebacks import message_of
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.execution import MemoryExecutionClient
from bunsui.testkit.logs import MemoryLogReader
from tests.unit.sessions.test_sharp_edges import history

FAILED_EVENTS = {
    "TaskFailed": "States.TaskFailed",
    "TaskStartFailed": "States.TaskFailed",
    "TaskSubmitFailed": "States.TaskFailed",
    "TaskTimedOut": "States.Timeout",
    "LambdaFunctionFailed": "States.TaskFailed",
    "LambdaFunctionScheduleFailed": "States.TaskFailed",
    "LambdaFunctionStartFailed": "States.TaskFailed",
    "LambdaFunctionTimedOut": "States.Timeout",
    "ActivityFailed": "States.TaskFailed",
    "ActivityScheduleFailed": "States.TaskFailed",
    "ActivityTimedOut": "States.Timeout",
    "EvaluationFailed": "States.TaskFailed",
    "MapRunFailed": "States.TaskFailed",
}
"""The types of HistoryEvent of the Step Functions API by which a state's work fails, and the error of one without words."""


@pytest.mark.parametrize("kind", sorted(FAILED_EVENTS))
def test_every_event_of_a_failure_is_one(kind: str) -> None:
    (visit,) = read_trace(history((0, "TaskStateEntered", {"name": "a"}), (1, kind, {}))).visits
    assert (visit.is_failing, [failure.error for failure in visit.failures]) == (True, [FAILED_EVENTS[kind]])


@pytest.mark.parametrize(
    ("scheduled", "succeeded"),
    [
        ("TaskScheduled", "TaskSucceeded"),
        ("LambdaFunctionScheduled", "LambdaFunctionSucceeded"),
        ("ActivityScheduled", "ActivitySucceeded"),
    ],
)
def test_every_event_of_a_try_counts_and_a_success_takes_the_failure_back(scheduled: str, succeeded: str) -> None:
    entered: tuple[int, str, dict[str, Any]] = (0, "TaskStateEntered", {"name": "a"})
    listed = [entered, (1, scheduled, {}), (2, "TaskFailed", {}), (3, scheduled, {})]
    (failing,) = read_trace(history(*listed)).visits
    (visit,) = read_trace(history(*listed, (4, succeeded, {}))).visits
    assert (failing.is_failing, failing.tries, visit.is_failing, visit.tries) == (True, 2, False, 2)


@pytest.mark.parametrize("kind", ["Parallel", "Map"])
def test_a_container_began_failed_and_recovered_without_words(kind: str) -> None:
    listed: list[tuple[int, str, dict[str, Any]]] = [
        (0, f"{kind}StateEntered", {"name": "a"}),
        (1, f"{kind}StateStarted", {"length": 3}),
        (2, f"{kind}StateFailed", {}),
        (3, f"{kind}StateSucceeded", {}),
    ]
    states = [read_trace(history(*listed[:length])).visits[0] for length in range(1, 5)]
    assert [visit.has_started_inside for visit in states] == [False, True, True, True]
    assert [visit.is_failing for visit in states] == [False, False, True, False]
    assert [visit.items_total for visit in states] == [None, 3, 3, 3]
    assert states[-1].failures == []


def test_items_are_counted_when_they_end_and_begin_anew_with_the_map() -> None:
    listed: list[tuple[int, str, dict[str, Any]]] = [
        (0, "MapStateEntered", {"name": "m"}),
        (1, "MapStateStarted", {"length": 2}),
        (2, "MapIterationStarted", {"name": "m", "index": 0}),
        (3, "MapIterationSucceeded", {"name": "m", "index": 0}),
        (2, "MapIterationFailed", {"name": "m", "index": 1}),
    ]
    assert read_trace(history(*listed)).visits[0].items_done == 2
    assert read_trace(history(*listed, (5, "MapStateStarted", {"length": "?"}))).visits[0].items_done == 0
    assert read_trace(history(*listed, (5, "MapStateStarted", {"length": "?"}))).visits[0].items_total is None


def test_a_containers_event_belongs_to_the_innermost_open_one_that_began_before() -> None:
    listed: list[tuple[int, str, dict[str, Any]]] = [
        (0, "MapStateEntered", {"name": "outer"}),
        (1, "MapStateEntered", {"name": "inner"}),
        (2, "TaskStateEntered", {"name": "work"}),
        (3, "MapStateFailed", {}),
        (3, "MapStateEntered", {"name": "later"}),
    ]
    outer, inner, work, _ = read_trace(history(*listed)).visits
    assert [visit.is_failing for visit in (outer, inner, work)] == [False, True, False]


def test_the_last_state_that_tells_a_jobs_outcome_is_believed() -> None:
    def told(outcome: str, rows: int) -> dict[str, Any]:
        output = {"status": {"a": outcome}, "jobs": {"a": {"rows": rows}}}
        return {"name": "a", "output": json.dumps(output)}

    listed: list[tuple[int, str, dict[str, Any]]] = [
        (0, "TaskStateEntered", {"name": "a"}),
        (1, "TaskStateExited", told("failed", 1)),
        (2, "TaskStateEntered", {"name": "a"}),
        (3, "TaskStateExited", told("succeeded", 2)),
    ]
    shape = machine_shape({"StartAt": "_start", "States": {"a": {"Type": "Task"}}})
    (job,) = job_progress(shape, history(*listed))
    assert (job.status, job.output) == (JobStatus.SUCCEEDED, {"rows": 2})


def test_a_job_in_a_silent_container_of_a_resumed_run_was_restored() -> None:
    branch: Any = {"StartAt": "a", "States": {"a": {"Type": "Task"}, "b": {"Type": "Task"}}}
    shape = machine_shape({"StartAt": "_start", "States": {"_par": {"Type": "Parallel", "Branches": [branch]}}})
    given = json.dumps({"resume": {"status": {"a": "succeeded"}, "jobs": {}}})
    listed: list[tuple[int, str, dict[str, Any]]] = [
        (0, "ExecutionStarted", {"input": given}),
        (1, "ParallelStateEntered", {"name": "_par"}),
        (2, "ParallelStateExited", {"name": "_par"}),
    ]
    found = job_progress(shape, history(*listed))
    assert [(job.name, job.status, job.tries) for job in found] == [("a", JobStatus.RESTORED, 0), ("b", JobStatus.SUCCEEDED, 1)]


@pytest.mark.parametrize("field", ["errorMessage", "StoppedReason", "Cause", "message", "Message"])
def test_a_cause_says_what_happened_in_one_of_its_fields(field: str) -> None:
    assert message_of(json.dumps({field: "it broke", "other": "x"}), "E") == "it broke"


def test_what_lambda_says_of_a_process_that_ended_is_told_without_the_request_which_is_another_each_time() -> None:
    cause = {"errorMessage": "RequestId: 8f2ad7c1-6a54-4bb0-9b1a-0f3f3c1b2d4e Error: Runtime exited with error: signal: killed"}
    assert message_of(json.dumps(cause), "Runtime.ExitError") == "Runtime exited with error: signal: killed"


@pytest.mark.parametrize("status", list(SessionStatus))
def test_only_what_ended_badly_is_explained(status: SessionStatus) -> None:
    moment = history((0, "TaskStateEntered", {"name": "a"}))
    clock = ManualClock()
    attempt = Attempt(number=1, execution_arn="arn:x", kind="run", status=status, started_at=clock.now())
    shape = machine_shape({"StartAt": "a", "States": {"a": {"Type": "Task"}}})
    found = explain(attempt, read_trace(moment), shape, execution=MemoryExecutionClient(clock), logs=MemoryLogReader())
    badly = {SessionStatus.FAILED, SessionStatus.TIMED_OUT, SessionStatus.CANCELLED}
    assert (found is not None) is (status in badly)


def test_a_container_is_not_silent_when_anything_in_it_was_seen() -> None:
    branch: Any = {"StartAt": "a", "States": {"a": {"Type": "Task"}, "b": {"Type": "Task"}}}
    shape = machine_shape({"StartAt": "_start", "States": {"_par": {"Type": "Parallel", "Branches": [branch]}}})
    listed: list[tuple[int, str, dict[str, Any]]] = [
        (0, "ParallelStateEntered", {"name": "_par"}),
        (1, "TaskStateEntered", {"name": "a"}),
        (2, "TaskStateExited", {"name": "a"}),
        (3, "ParallelStateExited", {"name": "_par"}),
    ]
    jobs = {job.name: job for job in job_progress(shape, history(*listed))}
    assert (jobs["b"].status, jobs["b"].coarse) == (JobStatus.WAITING, False)


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ({"error": "E", "cause": "c"}, ("E", "c")),
        ({"Error": "E", "Cause": "c"}, ("E", "c")),
        ({"error": "e", "Error": "E", "cause": "c", "Cause": "C"}, ("e", "c")),
        ({"error": "E", "cause": 3}, ("E", "")),
        ({"error": 3, "cause": "c"}, None),
        ({"cause": "c"}, None),
        ("E", None),
        (None, None),
    ],
)
def test_an_error_that_the_machine_kept_is_read_in_both_spellings(kept: Any, expected: tuple[str, str] | None) -> None:
    assert kept_error({"errors": {"load": kept}}, "load") == expected
    assert kept_error({"errors": {"load": kept}}, "other") is None
    assert kept_error({"errors": kept}, "load") is kept_error(kept, "load") is None


def test_an_end_that_nobody_wrote_is_put_behind_the_last_event() -> None:
    begun = history((0, "ExecutionStarted", {}), (1, "TaskStateEntered", {"name": "a"}))
    start, last = begun[0].at, begun[-1].at
    ended = Attempt(
        number=1,
        execution_arn="arn",
        kind="run",
        status=SessionStatus.TIMED_OUT,
        started_at=start,
        stopped_at=last + timedelta(seconds=9),
        error="E",
        cause="c",
    )
    details = {"error": "E", "cause": "c"}
    end = HistoryEvent(id=3, previous_id=2, type="ExecutionTimedOut", at=last + timedelta(seconds=9), details=details)
    assert with_end(begun, ended) == [*begun, end]
    unknown = replace(ended, stopped_at=None, status=SessionStatus.FAILED)
    assert with_end(begun, unknown)[-1] == replace(end, type="ExecutionFailed", at=last)
    assert with_end([], unknown) == [replace(end, id=1, previous_id=0, type="ExecutionFailed", at=start)]
    assert with_end(begun, replace(ended, status=SessionStatus.RUNNING)) is begun
    whole = with_end(begun, ended)
    assert with_end(whole, replace(ended, status=SessionStatus.FAILED)) is whole
    again = [*whole, HistoryEvent(id=4, previous_id=3, type="ExecutionRedriven", at=last, details={})]
    assert [event.type for event in with_end(again, ended)][-1] == "ExecutionTimedOut"
