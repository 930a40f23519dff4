"""Which values of a history are hidden, and that nothing which tells of failures keeps one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bunsui.model.failures import ErrorClass
from bunsui.model.json import Json
from bunsui.model.references import HIDDEN
from bunsui.model.session import Attempt, FailedItem, FailureNote, HistoryEvent, JobProgress, JobStatus, Session, SessionStatus
from bunsui.ports.execution import Execution, ExecutionSummary
from bunsui.ports.session_rows import SessionQuery
from bunsui.sessions.history.reader import HistoryReader
from bunsui.sessions.history.sensitive import hidden_in_history, hidden_values, row_without, snapshot_without, text_without
from bunsui.sessions.ids import derived_id, execution_name
from bunsui.sessions.machines import PipelineMachine
from bunsui.sessions.recorder import SessionRecorder
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.snapshot import AttemptJobs, ChildRun, SessionFailure, SessionSnapshot
from bunsui.sessions.trace import read_trace
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.execution import MemoryExecutionClient
from bunsui.testkit.sessions import MemorySessionRepository
from tests.unit.sessions.logs.test_invocations import at

SECRET = "s3cret-value"
NOW = datetime(2026, 1, 31, tzinfo=UTC)
ID = derived_id(NOW, "x")


def definition(**sensitive: Json) -> Mapping[str, Json]:
    assigned: dict[str, Json] = {"Assign": {"sensitive": sensitive}} if sensitive else {}
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke"}
    states: dict[str, Json] = {"_start": {"Type": "Pass", **assigned}}
    for job in ("login", "use"):
        states |= {f"{job}.guard": {"Type": "Choice"}, job: task, f"{job}.outputs": {"Type": "Pass"}}
    return {"StartAt": "_start", "States": states}


def called(job: str, given: Json, *answers: Json, outputs: Json = None) -> list[tuple[str, dict[str, Json]]]:
    """Return the events of a job that was called with this as often as it was answered; None stands for a failure."""
    parameters = json.dumps({"FunctionName": "f", "Payload": given})
    steps: list[tuple[str, dict[str, Json]]] = [("TaskStateEntered", {"name": job, "input": "{}"})]
    for answer in answers:
        steps.append(("TaskScheduled", {"resourceType": "lambda", "resource": "invoke", "parameters": parameters}))
        told: dict[str, Json] = {"output": json.dumps({"ExecutedVersion": "3", "Payload": answer})}
        steps.append(("TaskFailed", {"error": "E", "cause": "no"}) if answer is None else ("TaskSucceeded", told))
    steps.append(("TaskStateExited", {"name": job, "output": "{}"}))
    if outputs is not None:
        steps.append(("PassStateEntered", {"name": f"{job}.outputs", "input": "{}"}))
        steps.append(("PassStateExited", {"name": f"{job}.outputs", "output": json.dumps({job: outputs})}))
    return steps


def history(*steps: tuple[str, dict[str, Json]]) -> list[HistoryEvent]:
    return [
        HistoryEvent(id=number, previous_id=number - 1, type=kind, at=at(number), details=details)
        for number, (kind, details) in enumerate(steps, 1)
    ]


def hidden(*steps: tuple[str, dict[str, Json]], outputs: Mapping[str, Json] | None = None) -> set[str | int | float]:
    """Return what is hidden of the job `login`, whose `token` is sensitive and whose outputs are these."""
    shape = machine_shape(definition(login=["token"]))
    jobs = {"login": JobProgress(name="login", status=JobStatus.SUCCEEDED, output=outputs)}
    return set(hidden_values(shape, read_trace(history(*steps)), jobs))


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        ({"token": SECRET}, {SECRET}),
        ({"token": SECRET, "rows": 7}, {SECRET}),
        ({"token": {"a": [1, 2.5, "x", True, None]}}, {1, 2.5, "x"}),
        ({"rows": 7}, set()),
        ([SECRET], set()),
        (None, set()),
    ],
)
def test_every_value_of_a_sensitive_output_is_hidden_and_no_other(outputs: Json, expected: set[str | int | float]) -> None:
    assert hidden(outputs=outputs) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (called("login", {}, {"long": "12345678", "short": "1234567", "number": 123456789}), {"12345678"}),
        (called("login", {"who": "12345678"}, {"echo": "12345678", "more": "abcdefgh"}), {"abcdefgh"}),
        (called("use", {}, {"text": "another job's"}), set()),
        (called("login", {}, None, None), set()),
        (called("login", {}, "12345678"), {"12345678"}),
        # What a later operation was handed may be what the first was answered; before any answer nothing is of that kind.
        ([*called("login", {}, {"code": "abcdefgh"}), *called("login", {"code": "abcdefgh"}, {"n": 1})], {"abcdefgh"}),
        ([*called("login", {"a": "abcdefgh"}, None), *called("login", {"b": "ijklmnop"}, ["abcdefgh", "ijklmnop"])], set()),
    ],
)
def test_longer_texts_that_operations_answered_are_hidden_but_for_what_they_were_handed(
    steps: list[tuple[str, dict[str, Json]]], expected: set[str]
) -> None:
    assert hidden(*steps) == expected


def test_what_another_output_of_the_job_tells_is_no_secret() -> None:
    answer: Json = {"token": SECRET, "region": "eu-west-1", "password": "behind-it"}
    outputs: Mapping[str, Json] = {"token": SECRET, "region": "eu-west-1"}
    assert hidden(*called("login", {}, answer), outputs=outputs) == {SECRET, "behind-it"}


def test_a_history_tells_its_secrets_and_a_machine_without_any_has_none() -> None:
    events = history(*called("login", {}, {"t": SECRET}, outputs={"token": SECRET}), *called("use", {}, {"t": "of nobody"}))
    assert hidden_in_history(machine_shape(definition(login=["token"])), events) == {SECRET}
    assert hidden_in_history(machine_shape(definition(use=["token"])), events) == {"of nobody"}
    assert hidden_in_history(machine_shape(definition(gone=["token"])), events) == frozenset()
    unreadable: Any = [None]
    assert hidden_in_history(machine_shape(definition()), unreadable) == frozenset(), "its history need not be read"


class Histories(MemoryExecutionClient):
    """Executions of one machine, which fail as they say, with histories that are given by ARN."""

    histories: Mapping[str, Sequence[HistoryEvent]] = {}

    def definition(self, execution_arn: str) -> Mapping[str, Json]:
        return definition(login=["token"])

    def history(self, execution_arn: str, *, after: int = 0, limit: int | None = None, newest_first: bool = False) -> Any:
        return [event for event in self.histories[execution_arn] if event.id > after]

    def describe(self, execution_arn: str) -> Execution:
        return Execution(
            arn=execution_arn,
            name=execution_name("p", ID, 2),
            machine_arn="arn:m",
            status=SessionStatus.FAILED,
            started_at=NOW,
            stopped_at=NOW,
            input={},
            output=None,
            error="E",
            cause=f"the {SECRET} is wrong",
        )


def login(token: str, *more: tuple[str, dict[str, Json]]) -> list[HistoryEvent]:
    return history(*called("login", {}, {"t": token}, outputs={"token": token}), *more)


def test_a_reader_hides_what_the_histories_tell_that_it_has_read_with_their_machines() -> None:
    client = Histories(ManualClock(NOW))
    client.histories = {"one": login("the-first"), "two": login("the-second"), "three": login("the-third")}
    reader = HistoryReader(client)
    assert reader.hidden == frozenset()
    for arn in ("one", "two"):
        reader.shape(arn)
        reader.events(arn)
    reader.events("three")
    reader.shape("four")
    assert reader.hidden == {"the-first", "the-second"}


@pytest.mark.parametrize("child", ["", "kid"])
def test_a_row_is_told_without_what_its_execution_or_the_child_that_failed_called_sensitive(child: str) -> None:
    client = Histories(ManualClock(NOW))
    cause = json.dumps({"ExecutionArn": child, "Error": "E", "Cause": "no"}) if child else "no"
    called_child: dict[str, Json] = {"resourceType": "states", "resource": "startExecution.sync:2"}
    failing: list[tuple[str, dict[str, Json]]] = [
        ("TaskStateEntered", {"name": "use", "input": "{}"}),
        ("TaskScheduled", {**called_child, "parameters": "{}"}),
        ("TaskFailed", {**called_child, "error": "E", "cause": cause}),
        ("ExecutionFailed", {"error": "E", "cause": cause}),
    ]
    client.histories = {"own": login("of-the-mother", *failing), "kid": login("of-the-child", ENDED)}
    told, hidden = SessionRecorder(client, MemorySessionRepository())._told(client.describe("own"))
    assert (told.failed_job, hidden) == ("use", {"of-the-mother", "of-the-child"} if child else {"of-the-mother"})


@pytest.mark.parametrize("door", ["take", "adopt", "describe"])
def test_by_whatever_door_a_row_comes_it_keeps_no_secret(door: str) -> None:
    client, rows = Histories(ManualClock(NOW)), MemorySessionRepository()
    client.histories = {"own": login(SECRET, ENDED)}
    recorder, execution = SessionRecorder(client, rows), client.describe("own")
    machine = PipelineMachine(pipeline="p", arn="arn:m", timezone="UTC")
    listed = ExecutionSummary(arn="own", name=execution.name, status=execution.status, started_at=NOW, stopped_at=NOW)
    if door != "take":
        recorder.adopt(listed, machine, describes=door == "adopt")
    else:
        rows.add(replace(row("word", fails=False), id=ID, attempts=(), duplicates=(), status=SessionStatus.RUNNING))
    (there,) = rows.find(SessionQuery(limit=9))
    if door != "adopt":
        there = recorder.describe(there, machine) if door == "describe" else recorder.take(there, execution, kind="resume")
    assert there == rows.get(there.id)
    assert [(one.kind, one.cause) for one in there.attempts] == [("resume", f"the {HIDDEN} is wrong")]
    assert there.failure is not None
    assert (there.failure.message, SECRET in repr(there)) == (f"the {HIDDEN} is wrong", False)


ENDED: tuple[str, dict[str, Json]] = ("ExecutionFailed", {"error": "E", "cause": f"the {SECRET} is wrong"})


def test_a_text_loses_what_is_hidden_and_nothing_else() -> None:
    assert text_without(f"token {SECRET} was refused", {SECRET}) == f"token {HIDDEN} was refused"
    assert text_without("", {"", SECRET}) == ""
    assert text_without(SECRET, ()) == SECRET


def attempt(word: str) -> Attempt:
    return Attempt(
        number=1, execution_arn="arn:1", kind="run", status=SessionStatus.FAILED, started_at=NOW, error="E", cause=f"a {word}"
    )


def row(word: str, *, fails: bool = True) -> Session:
    """Return a session with the word in whatever may hold one."""
    note = FailureNote(fingerprint="f", error_class="code", error="E", message=f"of {word}", place="login")
    return Session(
        id="s",
        pipeline="p",
        status=SessionStatus.FAILED,
        slot=NOW,
        date="2026-01-31",
        params={},
        started_by="arn:ann",
        created_at=NOW,
        attempts=(attempt(word),),
        duplicates=(attempt(f"second {word}"),),
        failure=note if fails else None,
        warned=(f"job {word}",),
    )


def jobs(word: str) -> tuple[JobProgress, ...]:
    item = FailedItem(label="1", error="E", message=f"item {word}")
    return (
        JobProgress(
            name="use", status=JobStatus.FAILED, cause=f"cause {word}", warnings=(f"warns {word}",), failed_items=(item,)
        ),
    )


def snapshot(word: str, *, is_seen: bool = True) -> SessionSnapshot:
    failure = SessionFailure(
        error="E",
        cause=f"whole {word}",
        message=f"line {word}",
        error_class=ErrorClass.CODE,
        traceback=(f"raise {word}",),
        last_lines=(f"said {word}",),
    )
    seen = jobs(word) if is_seen else None
    return SessionSnapshot(
        session=row(word, fails=is_seen),
        jobs=jobs(word),
        taken_at=NOW,
        failure=failure if is_seen else None,
        children=(ChildRun(job="use", execution_arn="arn:2", pipeline="kid", jobs=seen),),
        compared=(AttemptJobs(number=1, jobs=seen),),
    )


@pytest.mark.parametrize("is_there", [True, False])
def test_nothing_that_tells_of_failures_keeps_what_is_hidden(is_there: bool) -> None:
    """Whatever is not there stays so: a failure, jobs that cannot be read."""
    assert row_without(row(SECRET, fails=is_there), {SECRET}) == row(HIDDEN, fails=is_there)
    assert snapshot_without(snapshot(SECRET, is_seen=is_there), {SECRET}) == snapshot(HIDDEN, is_seen=is_there)
    told, seen = row(SECRET), snapshot(SECRET)
    assert row_without(told, ()) is told
    assert snapshot_without(seen, ()) is seen
