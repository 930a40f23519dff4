"""Distributed foreach in sessions: how many items are done, and which one failed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bunsui.model.json import Json
from bunsui.model.session import Attempt, JobProgress, JobStatus, MapRunCounts, SessionStatus
from bunsui.ports.execution import ExecutionSummary
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.run import RunRequest, start_session
from bunsui.sessions.explain import explain
from bunsui.sessions.machines import PipelineMachine
from bunsui.sessions.progress import job_progress
from bunsui.sessions.recorder import SessionRecorder
from bunsui.sessions.shape import machine_shape
from bunsui.sessions.snapshot import SessionFailure
from bunsui.sessions.trace import read_trace
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.execution import MemoryExecutionClient, Script, ScriptedStep
from bunsui.testkit.logs import MemoryLogReader
from bunsui.testkit.sessions import MemorySessionRepository
from tests.fakes.map_runs import MemoryMapRuns
from tests.fakes.session_room import Room

START = datetime(2026, 1, 31, tzinfo=UTC)
MACHINE = "arn:aws:states:eu-west-1:111111111111:stateMachine:daily"
RUN = "arn:aws:states:eu-west-1:111111111111:mapRun:daily/each:1"
FUNCTION = "arn:aws:lambda:eu-west-1:111111111111:function:clean:3"
THRESHOLD = "States.ExceedToleratedFailureThreshold"
PROCESSOR: dict[str, Json] = {
    "StartAt": "each.clean",
    "States": {"each.clean": {"Type": "Task", "Arguments": {"FunctionName": FUNCTION}}},
}
DEFINITION: dict[str, Json] = {
    "StartAt": "_start",
    "States": {"_start": {"Type": "Pass"}, "each": {"Type": "Map", "ItemProcessor": PROCESSOR}},
}
ENTERED = (
    ScriptedStep(after_seconds=0, type="MapStateEntered", details={"name": "each"}),
    ScriptedStep(after_seconds=0, type="MapStateStarted", details={"length": 0}),
    ScriptedStep(after_seconds=0, type="MapRunStarted", details={"mapRunArn": RUN}),
)


class Account:
    """A machine whose distributed Map fails, and its children."""

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        self.execution = MemoryExecutionClient(self.clock)
        self.runs = MemoryMapRuns()

    def play(
        self, machine: str, definition: dict[str, Json], *steps: ScriptedStep, payload: dict[str, Json] | None = None
    ) -> str:
        script = Script(steps=steps, ends_after_seconds=1, status=SessionStatus.FAILED, error=THRESHOLD, cause="too many")
        self.execution.machine(machine, definition=definition, writer=lambda _: script)
        arn = self.execution.start(machine, name=f"run{len(machine)}", payload=payload or {})
        self.clock.sleep(1)
        return arn

    def child(self, label: str, error: str) -> ExecutionSummary:
        failed = ScriptedStep(after_seconds=0, type="TaskFailed", details={"error": error, "cause": "the file is empty"})
        entered = ScriptedStep(after_seconds=0, type="TaskStateEntered", details={"name": "each.clean"})
        machine = f"{MACHINE}/each{label}"
        arn = self.play(machine, PROCESSOR, entered, failed, payload={"label": label, "item": {"name": label}})
        started = self.clock.now() - timedelta(hours=len(self.runs.failed.get(RUN, ())))
        return ExecutionSummary(arn=arn, name=label, status=SessionStatus.FAILED, started_at=started, stopped_at=None)

    def explained(self) -> SessionFailure:
        failed = ScriptedStep(after_seconds=0, type="MapRunFailed", details={"error": THRESHOLD, "cause": "too many"})
        arn = self.play(MACHINE, DEFINITION, *ENTERED, failed)
        attempt = Attempt(
            number=1, execution_arn=arn, kind="run", status=SessionStatus.FAILED, started_at=START, error=THRESHOLD
        )
        found = explain(
            attempt,
            read_trace(self.execution.history(arn)),
            machine_shape(DEFINITION),
            execution=self.execution,
            logs=MemoryLogReader(),
            map_runs=self.runs,
        )
        assert found is not None
        return found


def test_a_failed_map_run_is_explained_by_the_item_that_failed() -> None:
    account = Account()
    account.runs.failed = {RUN: [account.child("file-a", "Empty")]}
    failure = account.explained()
    assert (failure.job, failure.state, failure.item) == ("each", "each", "file-a")
    assert (failure.error, failure.message, failure.resource) == ("Empty", "the file is empty", FUNCTION)


@pytest.mark.parametrize("failed", [{}, {RUN: []}])
def test_without_its_children_the_map_runs_own_words_are_told(failed: dict[str, list[ExecutionSummary]]) -> None:
    account = Account()
    account.runs.failed = failed
    failure = account.explained()
    assert (failure.error, failure.cause, failure.item, failure.child_arn) == (THRESHOLD, "too many", "", "")


def test_a_child_that_cannot_be_seen_is_named_all_the_same() -> None:
    account = Account()
    gone = ExecutionSummary(arn="arn:gone", name="x", status=SessionStatus.FAILED, started_at=START, stopped_at=None)
    account.runs.failed = {RUN: [gone]}
    failure = account.explained()
    assert (failure.error, failure.child_arn) == (THRESHOLD, "arn:gone")


def progress(*runs: MapRunCounts) -> JobProgress:
    account = Account()
    arn = account.play(MACHINE, DEFINITION, *ENTERED)
    (job,) = job_progress(
        machine_shape(DEFINITION), account.execution.history(arn), map_runs={counts.arn: counts for counts in runs}
    )
    return job


def test_items_are_counted_by_the_map_run() -> None:
    job = progress(MapRunCounts(arn=RUN, total=900, done=500, failed=2, is_final=False))
    assert (job.items_done, job.items_total, job.items_failed) == (500, 900, 2)


def test_without_the_map_run_nothing_is_said_of_items() -> None:
    job = progress()
    assert (job.items_done, job.items_total) == (0, None)


def test_a_map_run_is_asked_about_until_it_has_ended() -> None:
    room = Room()
    runs = MemoryMapRuns({RUN: MapRunCounts(arn=RUN, total=4, done=1, failed=0, is_final=False)})
    steps = (*ENTERED, ScriptedStep(after_seconds=60, type="MapRunSucceeded"))
    script = Script(steps=steps, ends_after_seconds=120, status=SessionStatus.SUCCEEDED)
    room.execution.machine(room.machine.arn, definition=DEFINITION, writer=lambda _: script)
    observer = replace(room.context, ports=replace(room.context.ports, map_runs=runs)).observer(
        start_session(room.context, RunRequest(pipeline="daily"))
    )

    def look() -> tuple[int, int | None]:
        (row,) = room.sessions.find_prefix("", limit=1)
        (job,) = observer.look(row).jobs
        return job.items_done, job.items_total

    room.clock.sleep(1)
    assert look() == (1, 4)
    runs.runs[RUN] = MapRunCounts(arn=RUN, total=4, done=4, failed=0, is_final=True)
    assert look() == (4, 4)
    assert look() == (4, 4)
    assert len(runs.asked) == 2


def test_a_map_run_that_is_forgotten_hides_nothing_else() -> None:
    room = Room()
    script = Script(steps=ENTERED, ends_after_seconds=120, status=SessionStatus.SUCCEEDED)
    room.execution.machine(room.machine.arn, definition=DEFINITION, writer=lambda _: script)
    context = replace(room.context, ports=replace(room.context.ports, map_runs=MemoryMapRuns()))
    observer = context.observer(start_session(room.context, RunRequest(pipeline="daily")))
    room.clock.sleep(1)
    (row,) = room.sessions.find_prefix("", limit=1)
    (job,) = observer.look(row).jobs
    assert (job.status, job.items_total) == (JobStatus.RUNNING, None)


@pytest.mark.parametrize(("tolerated", "calls"), [({"ToleratedFailureCount": 5}, 1), ({"ToleratedFailureCount": 0}, 0)])
def test_a_row_knows_how_many_items_failed_where_the_map_tolerates_some(tolerated: dict[str, Json], calls: int) -> None:
    account = Account()
    account.runs.runs = {RUN: MapRunCounts(arn=RUN, total=9, done=9, failed=2, is_final=True)}
    definition: dict[str, Json] = {
        "StartAt": "_start",
        "States": {"_start": {"Type": "Pass"}, "each": {"Type": "Map", "ItemProcessor": PROCESSOR, **tolerated}},
    }
    left = ScriptedStep(
        after_seconds=1, type="MapStateExited", details={"name": "each", "output": '{"jobs":{},"status":{"each":"succeeded"}}'}
    )
    script = Script(steps=(*ENTERED, left), ends_after_seconds=1)
    account.execution.machine(MACHINE, definition=definition, writer=lambda _: script)
    arn = account.execution.start(MACHINE, name="run", payload={})
    account.clock.sleep(2)
    rows = MemorySessionRepository()
    recorder = SessionRecorder(account.execution, rows, account.runs)
    machine = PipelineMachine(pipeline="daily", arn=MACHINE, timezone="UTC")
    (listed,) = account.execution.executions(MACHINE, limit=1)
    assert listed.arn == arn
    recorder.adopt(listed, machine, describes=True)
    (row,) = rows.find(SessionQuery())
    assert row.status is SessionStatus.SUCCEEDED
    assert dict(row.tolerated) == ({"each": 2} if calls else {})
