"""The in-memory edges: state, sessions, executions, logs, clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.engine.clock import EngineClock
from bunsui.engine.mocks import from_list
from bunsui.engine.tasks import TaskRunner
from bunsui.errors import Conflict, InvalidInput, Missing, Refused, Unavailable
from bunsui.model.address import Address
from bunsui.model.json import Json
from bunsui.model.resource import AppliedResource, Scope
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.clock import Clock
from bunsui.ports.cloud import ResolvedResource
from bunsui.ports.execution import ExecutionClient
from bunsui.ports.monitoring import LogReader
from bunsui.ports.session_rows import SessionQuery, SessionRepository
from bunsui.ports.storage import StateStore
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.execution import MemoryExecutionClient, Script, ScriptedStep
from bunsui.testkit.logs import MemoryLogReader
from bunsui.testkit.provider import MemoryAccount
from bunsui.testkit.sessions import MemorySessionRepository
from bunsui.testkit.state import MemoryStateStore, MemoryTable

SCOPE = Scope(project="shop", environment="prod", account="0" * 12, region="eu-west-1", project_id="id-1")
START = datetime(2026, 1, 1, tzinfo=UTC)
MACHINE = "arn:aws:states:eu-west-1:000000000000:stateMachine:orders"


def applied(name: str) -> AppliedResource:
    return AppliedResource(address=Address("role", "orders", name), physical_name=name, attributes={"path": "/"})


def session(number: int, *, pipeline: str = "orders", status: SessionStatus = SessionStatus.RUNNING) -> Session:
    return Session(
        id=f"01J{number:023d}",
        pipeline=pipeline,
        status=status,
        slot=START,
        date="2026-01-01",
        params={},
        started_by="arn:aws:iam::0:user/a",
        created_at=START,
    )


def test_the_edges_are_the_ports() -> None:
    clock: Clock = ManualClock()
    state: StateStore = MemoryStateStore(SCOPE)
    sessions: SessionRepository = MemorySessionRepository()
    executions: ExecutionClient = MemoryExecutionClient(clock)
    logs: LogReader = MemoryLogReader()

    assert state.applied() == {}
    assert not sessions.find(SessionQuery())
    assert not executions.executions(MACHINE, limit=1)
    assert not logs.containing("/none", ["x"], start=START)


def test_state_is_kept_by_environment() -> None:
    table = MemoryTable()
    prod, dev = MemoryStateStore(SCOPE, table), MemoryStateStore(replace(SCOPE, environment="dev"), table)
    assert prod.ensure() is True
    assert dev.ensure() is False
    prod.put(applied("b"))
    prod.put(applied("a"))

    assert [address.name for address in prod.applied()] == ["a", "b"]
    assert dev.applied() == {}
    prod.forget(Address("role", "orders", "a"))
    prod.forget(Address("role", "orders", "a"))
    assert [address.name for address in prod.applied()] == ["b"]


def test_a_project_name_belongs_to_one_id() -> None:
    table = MemoryTable()
    MemoryStateStore(SCOPE, table).ensure()

    with pytest.raises(Refused):
        MemoryStateStore(replace(SCOPE, project_id="id-2"), table).ensure()


def test_nothing_is_stored_without_a_table() -> None:
    with pytest.raises(Unavailable):
        MemoryStateStore(SCOPE).put(applied("a"))


def test_a_row_is_saved_only_over_the_version_that_was_read() -> None:
    sessions = MemorySessionRepository()
    sessions.add(session(1))
    first = sessions.get(session(1).id)
    assert first is not None
    saved = sessions.save(replace(first, status=SessionStatus.FAILED))

    assert saved.row_version == first.row_version + 1
    assert sessions.get(first.id) == saved
    with pytest.raises(Conflict):
        sessions.save(first)
    with pytest.raises(Conflict):
        sessions.add(first)
    with pytest.raises(Conflict):
        sessions.save(session(2))


def test_rows_are_found_newest_first() -> None:
    sessions = MemorySessionRepository()
    for number in (2, 1, 3):
        sessions.add(session(number, pipeline="orders" if number != 3 else "other"))

    assert [row.id[-1] for row in sessions.find(SessionQuery())] == ["3", "2", "1"]
    assert [row.id[-1] for row in sessions.find(SessionQuery(pipeline="orders", limit=1))] == ["2"]
    assert sessions.find(SessionQuery(status="failed")) == []
    assert [row.id[-1] for row in sessions.find_prefix("01J0")] == ["3", "2"]


def scripted(script: Script) -> tuple[ManualClock, MemoryExecutionClient]:
    clock = ManualClock(START)
    client = MemoryExecutionClient(clock)
    client.machine(MACHINE, definition={"StartAt": "a"}, writer=lambda _payload: script)
    return clock, client


def test_a_script_plays_in_the_clocks_time() -> None:
    steps = (
        ScriptedStep(after_seconds=1, type="TaskStateEntered", details={"name": "a"}),
        ScriptedStep(after_seconds=5, type="TaskStateExited"),
    )
    clock, client = scripted(Script(steps=steps, ends_after_seconds=5, output={"a": 1}))
    arn = client.start(f"{MACHINE}:live", name="run", payload={"params": {}})

    assert [event.type for event in client.history(arn)] == ["ExecutionStarted"]
    clock.sleep(2)
    assert [event.type for event in client.history(arn, after=1)] == ["TaskStateEntered"]
    assert client.describe(arn).status is SessionStatus.RUNNING
    clock.sleep(3)
    assert [event.type for event in client.history(arn, after=2)] == ["TaskStateExited", "ExecutionSucceeded"]
    done = client.describe(arn)
    assert (done.status, done.output, done.stopped_at) == (SessionStatus.SUCCEEDED, {"a": 1}, START + timedelta(seconds=5))


def test_a_start_is_repeated_with_the_same_input_only() -> None:
    _, client = scripted(Script())
    first = client.start(MACHINE, name="run", payload={"a": (1, 2)})

    assert client.start(MACHINE, name="run", payload={"a": [1, 2]}) == first
    with pytest.raises(Conflict):
        client.start(MACHINE, name="run", payload={"a": [2]})
    with pytest.raises(Missing):
        client.start(MACHINE + "x", name="run", payload={})
    with pytest.raises(Missing):
        client.describe(first + "x")


def test_a_stopped_execution_stays_as_it_was_stopped() -> None:
    step = ScriptedStep(after_seconds=9, type="TaskStateEntered")
    clock, client = scripted(Script(steps=(step,), ends_after_seconds=None))
    arn = client.start(MACHINE, name="run", payload={})
    clock.sleep(1)
    client.stop(arn, reason="enough")
    clock.sleep(100)
    client.stop(arn, reason="again")

    stopped = client.describe(arn)
    assert (stopped.status, stopped.cause) == (SessionStatus.CANCELLED, "enough")
    assert [event.type for event in client.history(arn)] == ["ExecutionStarted", "ExecutionAborted"]


def test_a_failure_has_error_and_cause_and_no_output() -> None:
    _, client = scripted(Script(status=SessionStatus.FAILED, output={"no": 1}, error="KeyError", cause="{}"))
    arn = client.start(f"{MACHINE}:7", name="run", payload={})

    failed = client.describe(arn)

    assert (failed.error, failed.cause, failed.output, failed.version_arn) == ("KeyError", "{}", None, f"{MACHINE}:7")


def test_executions_are_listed_newest_first_and_by_status() -> None:
    clock, client = scripted(Script(ends_after_seconds=10))
    for name in ("one", "two"):
        client.start(MACHINE, name=name, payload={})
    clock.sleep(20)
    client.start(MACHINE, name="three", payload={})

    assert [each.name for each in client.executions(MACHINE, limit=9)] == ["three", "two", "one"]
    assert [each.name for each in client.executions(MACHINE, limit=9, status=SessionStatus.RUNNING)] == ["three"]
    assert [each.name for each in client.executions(MACHINE, limit=1)] == ["three"]


def test_an_old_execution_keeps_its_definition() -> None:
    _, client = scripted(Script())
    arn = client.start(MACHINE, name="run", payload={})
    client.machine(MACHINE, definition={"StartAt": "b"}, writer=lambda _payload: Script())

    assert client.definition(arn) == {"StartAt": "a"}


WAITING: Mapping[str, Json] = {
    "StartAt": "wait",
    "States": {
        "wait": {"Type": "Wait", "Seconds": 3600, "Next": "work"},
        "work": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True},
    },
}


def answering(clock: EngineClock) -> TaskRunner:
    answer = {"state": "work", "result": {"kind": "succeed", "output": {"rows": 3}}}
    return from_list([answer], clock)


def test_the_engine_runs_a_definition_in_the_clocks_time() -> None:
    clock = ManualClock(START)
    client = MemoryExecutionClient(clock, work=answering)
    client.machine(MACHINE, definition=WAITING)
    arn = client.start(MACHINE, name="run", payload={})
    clock.sleep(3599)
    assert client.describe(arn).status is SessionStatus.RUNNING
    clock.sleep(3600)
    done = client.describe(arn)

    assert (done.status, done.output) == (SessionStatus.SUCCEEDED, {"rows": 3})
    assert done.stopped_at == START + timedelta(hours=1)
    assert client.history(arn)[-1].at == START + timedelta(hours=1)


def test_a_task_that_nobody_does_fails_and_says_so() -> None:
    clock = ManualClock(START)
    client = MemoryExecutionClient(clock)
    client.machine(MACHINE, definition=WAITING)
    arn = client.start(MACHINE, name="run", payload={})
    clock.sleep(3600)

    assert client.describe(arn).status is SessionStatus.FAILED
    assert "No mock is left for the state 'work'" in client.describe(arn).cause


def test_a_definition_that_cannot_be_run_is_refused_when_the_machine_is_made() -> None:
    with pytest.raises(InvalidInput):
        MemoryExecutionClient(ManualClock(START)).machine(MACHINE, definition={"StartAt": "nowhere", "States": {}})


@given(st.lists(st.integers(min_value=0, max_value=50), max_size=20), st.integers(min_value=0, max_value=60))
def test_reading_history_in_parts_gives_the_whole(moments: list[int], until: int) -> None:
    steps = tuple(ScriptedStep(after_seconds=moment, type="PassStateEntered") for moment in sorted(moments))
    clock, client = scripted(Script(steps=steps, ends_after_seconds=50))
    arn = client.start(MACHINE, name="run", payload={})
    parts = list(client.history(arn))
    clock.sleep(until)
    parts += client.history(arn, after=len(parts))

    assert parts == list(client.history(arn))
    assert [event.id for event in parts] == list(range(1, len(parts) + 1))


def test_an_update_of_an_outdated_object_is_a_conflict() -> None:
    account = MemoryAccount()
    provider = account.providers()["role"]
    address = Address("role", "orders")
    resource = ResolvedResource(address=address, physical_name="r", attributes={"path": "/"}, tags=SCOPE.tags(address))
    provider.create(resource)
    seen = provider.read(address, "r")
    assert seen is not None
    provider.update(resource, seen)

    with pytest.raises(Conflict):
        provider.update(resource, seen)
    provider.delete(seen)
    with pytest.raises(Missing):
        provider.update(resource, seen)


def test_time_does_not_go_back() -> None:
    with pytest.raises(ValueError, match="non-negative"):
        ManualClock().sleep(-1)
