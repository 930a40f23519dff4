"""Whose timeout it was, and whose advice: of the operation that failed, never of another of its pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from bunsui.model.pipeline import Job, Operation, Pipeline
from bunsui.model.session import HistoryEvent
from bunsui.model.values import Expression
from bunsui.operations.choice import Case, ChoiceParams
from bunsui.operations.registry import builtin_registry
from bunsui.sessions.failures import timeouts
from bunsui.sessions.failures.operation_hints import OperationHints
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.trace import Trace, read_trace
from tests.unit.sessions.logs.test_invocations import at


def operation(identifier: str, kind: str) -> Operation:
    return Operation(id=identifier, type=kind, params={})


CHOICE = Operation(
    id="choose",
    type="choice",
    params=ChoiceParams(cases=[Case(when=Expression("true"), operations=(operation("inner", "sqs_send"),))]),
)
PIPELINE = Pipeline(
    name="both",
    path="both.yaml",
    timezone="UTC",
    jobs=(
        Job(name="hang", operations=(operation("lambda", "lambda"),)),
        Job(name="train", operations=(operation("ecs_task", "ecs_task"),)),
        Job(name="own", operations=(operation("look", "aws"), operation("rest", "wait"))),
        Job(name="twice", operations=(operation("one", "lambda"), operation("two", "lambda"), operation("rest", "wait"))),
        Job(name="choosing", operations=(CHOICE,)),
        Job(name="mixed", operations=(operation("fetch", "lambda"), operation("put", "s3"), operation("look", "aws"))),
    ),
)
HINTS = OperationHints(builtin_registry(), {"both": PIPELINE})
TIMEOUT = "States.Timeout"


@pytest.mark.parametrize(
    ("job", "state", "service", "kind"),
    [
        ("hang", "hang", "lambda", "lambda"),
        ("train", "train", "ecs", "ecs_task"),
        ("mixed", "mixed.fetch", "lambda", "lambda"),
        ("mixed", "mixed.put", "aws-sdk:s3", "s3"),
        ("mixed", "mixed.look", "aws-sdk:s3", "aws"),
        ("mixed", "mixed.fetch.again", "", "lambda"),
        ("mixed", "elsewhere", "lambda", "lambda"),
        ("mixed", "mixed.gone", "aws-sdk:s3", "s3"),
        ("mixed", "mixed.gone", "sns", "aws"),
        ("mixed", "mixed", "aws-sdk:kms", "aws"),
        ("mixed", "look", "lambda", "lambda"),
        ("own", "own", "lambda", "aws"),
        ("own", "own.rest", "lambda", "wait"),
        ("twice", "twice", "lambda", "lambda"),
        ("twice", "twice", "sqs", "sqs_send"),
        ("choosing", "choosing.inner", "", "sqs_send"),
        ("choosing", "choosing.choose", "sqs", "choice"),
        ("gone", "gone.x", "glue", "glue_job"),
        ("gone", "gone.x", "athena", "athena_query"),
        ("gone", "gone.x", "aws-sdk:athena", "athena_query"),
        ("gone", "gone.x", "states", "pipeline"),
        ("gone", "gone.x", "dynamodb", "dynamodb"),
        ("gone", "gone.x", "sns", "sns_publish"),
        ("gone", "gone.x", "sqs", "sqs_send"),
        ("gone", "gone.x", "http", "http"),
        ("gone", "gone.x", "codebuild", "aws"),
    ],
)
def test_the_hints_are_those_of_the_operation_that_failed(job: str, state: str, service: str, kind: str) -> None:
    assert HINTS.of("both", job=job, state=state, service=service) == builtin_registry()[kind].hints


def test_of_a_pipeline_without_a_file_the_service_tells_the_operation() -> None:
    assert HINTS.of("foreign", job="a", state="a", service="ecs") == builtin_registry()["ecs_task"].hints
    assert HINTS.of("foreign", job="a", state="a", service="aws-sdk:kms") == builtin_registry()["aws"].hints
    assert HINTS.of("foreign", job="a", state="a", service="") == HINTS.of("both", job="own", state="own", service="") == {}


def trace(*events: tuple[float, str, Mapping[str, Any]]) -> Trace:
    return read_trace(
        [
            HistoryEvent(id=number, previous_id=number - 1, type=kind, at=at(seconds), details=details)
            for number, (seconds, kind, details) in enumerate(events, 1)
        ]
    )


def machine(states: Mapping[str, Any], **more: Any) -> Mapping[str, Any]:
    return {"StartAt": "_start", "States": {"_start": {"Type": "Pass"}, **states}, **more}


WORK: Sequence[tuple[float, str, Mapping[str, Any]]] = (
    (0, "ExecutionStarted", {}),
    (0, "WaitStateEntered", {"name": "a"}),
    (2, "WaitStateExited", {"name": "a"}),
    (2, "WaitStateEntered", {"name": "b"}),
    (5, "ExecutionTimedOut", {}),
)


def test_the_pipelines_timeout_names_what_was_at_work_then() -> None:
    waits = {"a": {"Type": "Wait", "Seconds": 2}, "b": {"Type": "Wait", "Seconds": 30}}
    shape = machine_shape(machine(waits, TimeoutSeconds=5))
    told = timeouts.of_pipeline(shape, trace(*WORK), pipeline="")
    assert told == "the pipeline's timeout of 5 s passed while b was at work (3 s)"
    named = timeouts.of_pipeline(
        machine_shape(machine(waits)), trace(*WORK[:3], (7200, "ExecutionTimedOut", {})), pipeline="kid"
    )
    assert named == "the timeout of the pipeline kid passed"
    unseen = timeouts.of_pipeline(shape, trace(*WORK[:-1]), pipeline="")
    assert unseen == "the pipeline's timeout of 5 s passed while b was at work", "a read that lags does not have the end"


def test_a_states_timeout_is_told_with_its_length() -> None:
    shape = machine_shape(machine({"a": {"Type": "Task", "TimeoutSeconds": 5400}}))
    [visit] = trace((0, "ExecutionStarted", {}), (0, "TaskStateEntered", {"name": "a"})).visits
    assert timeouts.of_state(shape, visit, is_heartbeat=False) == "the operation's timeout of 1h30m passed"
    assert timeouts.of_state(shape, visit, is_heartbeat=True) == "nobody reported within the operation's heartbeat"
