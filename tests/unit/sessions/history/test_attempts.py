"""How each job went in each attempt: every turn of a redriven execution by itself, with what it kept of the one before."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from bunsui.model.json import Json
from bunsui.model.session import Attempt, HistoryEvent, JobProgress, JobStatus, SessionStatus
from bunsui.sessions.history.attempts import attempt_jobs
from bunsui.sessions.shape import machine_shape
from tests.unit.sessions.logs.test_invocations import at

NAMES = ("first", "second", "third")
DEFINITION: dict[str, Json] = {
    "StartAt": "_start",
    "States": {"_start": {"Type": "Pass"}, **{name: {"Type": "Task"} for name in NAMES}},
}


def left(name: str) -> tuple[str, dict[str, Any]]:
    return "TaskStateExited", {
        "name": name,
        "output": json.dumps({"jobs": {name: {"n": 1}}, "status": {name: "succeeded"}}),
    }


def entered(name: str) -> tuple[str, dict[str, Any]]:
    return "TaskStateEntered", {"name": name}


FAILED = ("TaskFailed", {"error": "E", "cause": "no"})
HISTORY: list[tuple[str, dict[str, Any]]] = [
    entered("first"),  # 1
    left("first"),
    entered("second"),
    FAILED,
    ("ExecutionFailed", {"error": "E", "cause": "no"}),  # 5
    ("ExecutionRedriven", {}),
    FAILED,
    ("ExecutionFailed", {"error": "E", "cause": "no"}),  # 8
    ("ExecutionRedriven", {}),
    left("second"),  # 10
    entered("third"),
    left("third"),
    ("ExecutionSucceeded", {}),
]
BEGAN = (1, 6, 9)
"""When each turn began, in seconds."""


def events(length: int = len(HISTORY)) -> list[HistoryEvent]:
    return [
        HistoryEvent(id=number, previous_id=number - 1, type=kind, at=at(number), details=details)
        for number, (kind, details) in enumerate(HISTORY[:length], 1)
    ]


def attempt(redrive: int, status: SessionStatus = SessionStatus.FAILED) -> Attempt:
    return Attempt(
        number=redrive + 1,
        execution_arn="arn",
        kind="redrive" if redrive else "run",
        status=status,
        started_at=at(BEGAN[redrive]),
        redrive=redrive,
    )


def seconds(instant: datetime | None) -> float | None:
    return None if instant is None else (instant - at(0)).total_seconds()


def told(jobs: tuple[JobProgress, ...] | None) -> list[tuple[str, str, float | None, float | None, str]]:
    assert jobs is not None
    return [
        (job.name, job.status.value, seconds(job.started_at), seconds(job.stopped_at), job.error + job.cause) for job in jobs
    ]


NOT_YET = ("third", "not_run", None, None, "")


@pytest.mark.parametrize(
    ("redrive", "expected"),
    [
        (0, [("first", "succeeded", 1, 2, ""), ("second", "failed", 3, 5, "Eno"), NOT_YET]),
        (1, [("first", "restored", None, None, ""), ("second", "failed", 6, 8, "Eno"), NOT_YET]),
        (2, [("first", "restored", None, None, ""), ("second", "succeeded", 9, 10, ""), ("third", "succeeded", 11, 12, "")]),
    ],
)
def test_a_turn_shows_what_it_ran_and_what_it_kept(redrive: int, expected: list[Any]) -> None:
    found = attempt_jobs(attempt(redrive), machine_shape(DEFINITION), events())
    assert (found.number, told(found.jobs)) == (redrive + 1, expected)


def test_a_turn_of_which_the_history_lags_shows_all_that_there_is() -> None:
    found = attempt_jobs(attempt(1), machine_shape(DEFINITION), events(6))
    assert told(found.jobs)[1:] == [("second", "running", 6, None, ""), ("third", "waiting", None, None, "")]
    behind = attempt_jobs(attempt(1, SessionStatus.RUNNING), machine_shape(DEFINITION), events(5))
    assert told(behind.jobs) == [
        ("first", "restored", None, None, ""),
        ("second", "waiting", None, None, ""),
        NOT_YET,
    ]
    ended = attempt_jobs(attempt(1), machine_shape(DEFINITION), events(5))
    assert told(ended.jobs)[1] == ("second", "not_run", None, None, "")


def test_jobs_stand_in_the_order_of_the_file_and_what_is_sensitive_is_hidden() -> None:
    shape = replace(machine_shape(DEFINITION), sensitive={"first": frozenset({"n"})})
    found = attempt_jobs(attempt(2), shape, events(), order=("third", "first"))
    assert found.jobs is not None
    assert [job.name for job in found.jobs] == ["third", "first", "second"]
    assert found.jobs[1].output != {"n": 1} == found.jobs[0].output
    assert found.jobs[0].status is JobStatus.SUCCEEDED


def test_what_began_with_the_turn_is_its_own() -> None:
    exactly = replace(attempt(2), started_at=at(10))
    found = told(attempt_jobs(exactly, machine_shape(DEFINITION), events()).jobs)
    assert found[1:] == [("second", "succeeded", 10, 10, ""), ("third", "succeeded", 11, 12, "")]
    later = replace(attempt(2), started_at=at(11))
    assert told(attempt_jobs(later, machine_shape(DEFINITION), events()).jobs)[1:] == [
        ("second", "restored", None, None, ""),
        ("third", "succeeded", 11, 12, ""),
    ]


@pytest.mark.parametrize(
    ("outcome", "status", "kept"),
    [
        ("succeeded", SessionStatus.FAILED, "restored"),
        ("skipped", SessionStatus.FAILED, "skipped"),
        ("not_run", SessionStatus.FAILED, "not_run"),
        ("failed", SessionStatus.FAILED, "not_run"),
        ("failed", SessionStatus.RUNNING, "waiting"),
    ],
)
def test_what_a_turn_does_not_touch_stands_as_it_was_left(outcome: str, status: SessionStatus, kept: str) -> None:
    output = json.dumps({"jobs": {}, "status": {"first": outcome}})
    found = [
        HistoryEvent(id=number, previous_id=number - 1, type=kind, at=at(number), details=details)
        for number, (kind, details) in enumerate(
            (entered("first"), ("TaskStateExited", {"name": "first", "output": output}), ("ExecutionRedriven", {})), 1
        )
    ]
    jobs = attempt_jobs(replace(attempt(1, status), started_at=at(3)), machine_shape(DEFINITION), found).jobs
    assert told(jobs)[0] == ("first", kept, None, None, "")
    own = attempt_jobs(replace(attempt(1, status), started_at=at(2)), machine_shape(DEFINITION), found).jobs
    assert told(own)[0] == ("first", outcome, 2, 2, ""), "what ended as the turn began is its own"
