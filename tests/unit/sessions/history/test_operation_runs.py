"""What operations were given and answered, from histories."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent, JobStatus
from bunsui.sessions.history.operation_runs import OperationRun, operation_runs
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.trace import read_trace
from tests.unit.sessions.test_progress import NAMES, case, events_of

START = datetime(2026, 1, 31, tzinfo=UTC)
DEFINITION: Mapping[str, Json] = {
    "StartAt": "_start",
    "States": {
        "_start": {"Type": "Pass", "Next": "load.guard"},
        "load.guard": {"Type": "Choice", "Default": "load"},
        "load": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True},
    },
}
FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:load:3"
CALL = {"resourceType": "lambda", "resource": "invoke"}
BOOM = json.dumps({"errorType": "ValueError", "errorMessage": "no such region"})


def runs(*events: tuple[str, float, Mapping[str, Json]], job: str = "load") -> tuple[OperationRun, ...]:
    history = [
        HistoryEvent(id=number, previous_id=number - 1, type=kind, at=START + timedelta(seconds=at), details=details)
        for number, (kind, at, details) in enumerate(
            (("TaskStateEntered", 0, {"name": "load", "input": "{}"}), *events), start=1
        )
    ]
    return operation_runs(machine_shape(DEFINITION), read_trace(history), job)


def scheduled(at: float, **parameters: Json) -> tuple[str, float, Mapping[str, Json]]:
    given = {"FunctionName": FUNCTION, **parameters}
    return "TaskScheduled", at, {**CALL, "parameters": json.dumps(given)}


def failed(at: float, error: str = "ValueError", cause: str = BOOM) -> tuple[str, float, Mapping[str, Json]]:
    return "TaskFailed", at, {**CALL, "error": error, "cause": cause}


def succeeded(at: float, answer: Json) -> tuple[str, float, Mapping[str, Json]]:
    return "TaskSucceeded", at, {**CALL, "output": json.dumps(answer)}


LEFT = ("TaskStateExited", 9.0, {"name": "load", "output": "{}"})


def test_each_try_is_told_with_its_time_and_why_it_failed() -> None:
    answer: Json = {"ExecutedVersion": "3", "Payload": {"rows": 7}, "SdkHttpMetadata": {"HttpStatusCode": 200}}
    (run,) = runs(scheduled(0, Payload={"n": 1}), failed(2), scheduled(5, Payload={"n": 1}), succeeded(8, answer), LEFT)
    assert (run.status, run.calls, run.target, run.input, run.output) == (
        JobStatus.SUCCEEDED,
        "lambda:invoke",
        FUNCTION,
        {"n": 1},
        {"rows": 7},
    )
    times = [(one.started_at - START).total_seconds() for one in run.tries]
    assert (times, [one.error for one in run.tries], run.tries[0].message) == ([0, 5], ["ValueError", ""], "no such region")


def test_work_that_goes_on_has_an_open_try() -> None:
    (run,) = runs(scheduled(1, Payload={}))
    assert (run.status, run.tries[0].stopped_at, run.stopped_at) == (JobStatus.RUNNING, None, None)


def test_work_that_another_failure_cut_short_ends_with_the_execution() -> None:
    (run,) = runs(scheduled(1, Payload={}), ("ExecutionAborted", 4, {}))
    assert (run.status, run.tries[0].stopped_at) == (JobStatus.STOPPED, START + timedelta(seconds=4))


def test_arguments_that_cannot_be_made_fail_before_any_call() -> None:
    (run,) = runs(("EvaluationFailed", 1, {"error": "States.QueryEvaluationError", "cause": "no"}), ("ExecutionFailed", 1, {}))
    assert (run.calls, run.input, run.status) == ("", None, JobStatus.FAILED)
    assert [(one.error, one.message) for one in run.tries] == [("States.QueryEvaluationError", "no")]


def test_an_output_that_cannot_be_made_fails_the_try_that_was_answered() -> None:
    (run,) = runs(
        scheduled(0), succeeded(1, {}), ("EvaluationFailed", 1, {"error": "E", "cause": "no"}), ("ExecutionFailed", 1, {})
    )
    assert [(one.error, one.stopped_at) for one in run.tries] == [("E", START + timedelta(seconds=1))]


def test_the_failure_of_a_child_is_told_in_its_own_words() -> None:
    child = "arn:aws:states:eu-west-1:111111111111:execution:kid:1"
    call = {"resourceType": "states", "resource": "startExecution.sync:2"}
    begun = "TaskScheduled", 0.0, {**call, "parameters": json.dumps({"StateMachineArn": "arn:kid", "Input": {"a": 1}})}
    submitted = "TaskSubmitted", 0.5, {**call, "output": json.dumps({"ExecutionArn": child})}
    told = json.dumps({"ExecutionArn": child, "Error": "ValueError", "Cause": BOOM})
    (run,) = runs(begun, submitted, ("TaskFailed", 2, {**call, "error": "States.TaskFailed", "cause": told}))
    assert (run.child_arn, run.input, run.tries[0].error, run.tries[0].message) == (
        child,
        {"a": 1},
        "ValueError",
        "no such region",
    )


def test_a_child_is_known_by_what_its_failure_says_where_nothing_else_does() -> None:
    call = {"resourceType": "states", "resource": "startExecution.sync:2"}
    told = json.dumps({"ExecutionArn": "arn:kid", "Error": "ValueError", "Cause": BOOM})
    for submitted in ((), (("TaskSubmitted", 0.5, {**call, "output": "{}"}),)):
        (run,) = runs(("TaskScheduled", 0.0, call), *submitted, ("TaskFailed", 2, {**call, "error": "E", "cause": told}))
        assert run.child_arn == "arn:kid"
    (other,) = runs(scheduled(0), failed(1, cause=told))
    assert other.child_arn == "", "a function may speak of an execution that it did not start"


def test_what_a_call_hands_over_beside_its_payload_is_told_too() -> None:
    (run,) = runs(scheduled(0, Payload={"n": 1}, InvocationType="Event"))
    assert run.input == {"Payload": {"n": 1}, "InvocationType": "Event"}


def test_states_that_only_lead_to_work_are_no_runs() -> None:
    assert runs(job="nothing") == ()


@pytest.mark.parametrize("name", NAMES)
def test_every_recorded_history_has_as_many_tries_as_calls_and_is_read_at_any_length(name: str) -> None:
    document = case(name)
    shape, events = machine_shape(document["definition"]), events_of(document)
    for length in range(len(events) + 1):
        trace = read_trace(events[:length])
        for run in operation_runs(shape, trace, ""):
            calls = [event for event in trace.events.values() if event.type.endswith("Scheduled")]
            own = [
                event for event in calls if trace.owners.get(event.id) and trace.owners[event.id].entered_at == run.started_at
            ]
            assert len(run.tries) <= max(len(own), 1)
            assert all(one.stopped_at is None or one.stopped_at >= one.started_at for one in run.tries)


def test_an_answer_ends_the_try_that_is_open_and_no_other() -> None:
    (run,) = runs(scheduled(0), succeeded(1, {"n": 1}), succeeded(2, {"n": 2}))
    assert ([one.stopped_at for one in run.tries], run.output) == ([START + timedelta(seconds=1)], {"n": 2})
    (early,) = runs(succeeded(1, {"n": 1}))
    assert (early.tries, early.output) == ((), {"n": 1})


def test_a_failure_behind_an_answer_leaves_when_that_came() -> None:
    (run,) = runs(scheduled(0), succeeded(1, {}), ("EvaluationFailed", 5, {"error": "E", "cause": "no"}))
    assert [(one.error, one.stopped_at) for one in run.tries] == [("E", START + timedelta(seconds=1))]
