from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bunsui.errors import InvalidInput, Missing, NotFound, Unsupported
from bunsui.model.failures import ErrorClass
from bunsui.model.json import Json
from bunsui.model.pipeline import Job, Operation, Pipeline
from bunsui.model.session import JobStatus, SessionStatus
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.run import RunRequest, start_session
from bunsui.services.stop import stop_session
from bunsui.services.watch import AWS_SECONDS, LOCAL_SECONDS, follow, show_session
from bunsui.sessions.starts.settling import SPREADING, SettledStarts
from bunsui.testkit.execution import MemoryExecutionClient
from tests.fakes.passing import PassingExecution
from tests.fakes.session_room import Room, invocation

DAILY = RunRequest(pipeline="daily")


def test_a_run_is_followed_to_its_result() -> None:
    room = Room()
    session = start_session(room.context, DAILY)
    assert session.status is SessionStatus.RUNNING
    snapshots = list(follow(room.context, session))
    assert [job.status for job in snapshots[0].jobs] == [JobStatus.RUNNING, JobStatus.WAITING]
    last = snapshots[-1]
    assert last.session.status is SessionStatus.SUCCEEDED
    assert last.session.output == {"load": {"rows": 7}}
    assert [job.status for job in last.jobs] == [JobStatus.SUCCEEDED, JobStatus.SUCCEEDED]
    assert room.sessions.get(session.id) == last.session


def test_a_run_right_after_an_apply_waits_before_anything_is_written() -> None:
    room, told = Room(), list[str]()
    applied_at = room.clock.now()

    def written(pipeline: str) -> datetime:
        assert room.sessions.find(SessionQuery()) == []
        return applied_at

    ports = replace(room.context.ports, settled=SettledStarts(written=written, notice=told.append))
    session = start_session(replace(room.context, ports=ports), DAILY)
    assert session.attempts[0].started_at == applied_at + SPREADING
    assert told == [
        "daily was applied 0 s ago: for some seconds AWS may still run what was there before, so the start waits 15 s"
    ]


def test_a_run_of_what_aws_does_not_tell_of_yet_waits_for_it() -> None:
    room = Room()
    known_at = room.clock.now() + timedelta(seconds=4)

    class Late(PassingExecution):
        def definition(self, arn: str) -> Mapping[str, Json]:
            if room.clock.now() < known_at:
                raise Missing("missing", "the object does not exist in AWS")
            return super().definition(arn)

    late = replace(room.context.ports, execution=Late(room.context.ports.execution))
    settled = SettledStarts(written=lambda pipeline: known_at - timedelta(seconds=4), spreading=timedelta(seconds=5))
    session = start_session(replace(room.context, ports=replace(late, settled=settled)), DAILY)
    assert session.attempts[0].started_at == known_at + timedelta(seconds=1)

    known_at += timedelta(hours=1)
    with pytest.raises(NotFound, match="not in this account yet"):
        start_session(replace(room.context, ports=late), DAILY)


def test_the_machine_is_told_parameters_and_session() -> None:
    room = Room()
    session = start_session(room.context, RunRequest(pipeline="daily", params=["region=us"], slot="2026-02-03"))
    assert room.inputs[0] == {
        "params": {"region": "us"},
        "session": {
            "id": session.id,
            "attempt": 1,
            "slot": "2026-02-02T15:00:00Z",
            "date": "2026-02-03",
            "scheduled_at": "2026-02-02T15:00:00Z",
            "started_by": "arn:aws:iam::111111111111:user/mika",
        },
    }
    assert (session.slot, session.date) == (datetime(2026, 2, 2, 15, tzinfo=UTC), "2026-02-03")


def test_the_row_is_written_before_the_start() -> None:
    room = Room()
    request = RunRequest(pipeline="daily")
    room.execution.machine(room.machine.arn, definition={}, writer=lambda payload: pytest.fail(str(room.sessions)))
    with pytest.raises(pytest.fail.Exception):
        start_session(room.context, request)
    (row,) = room.sessions.find_prefix("", limit=5)
    assert row.status is SessionStatus.PENDING


def test_a_pipeline_that_was_not_applied_says_how_to_apply_it() -> None:
    room = Room(Pipeline(name="other", path="pipelines/other.yaml"))
    with pytest.raises(NotFound) as caught:
        start_session(room.context, RunRequest(pipeline="other"))
    assert caught.value.hint.endswith("bunsui apply other")
    assert room.sessions.find_prefix("", limit=5) == [], "it is refused before there is a row"


def test_a_run_that_is_asked_for_again_with_its_key_is_the_same_session() -> None:
    room = Room()
    request = replace(DAILY, key="fix-4711")
    first = start_session(room.context, request)
    room.clock.sleep(60)
    again = start_session(room.context, request)
    assert (again.id, len(room.inputs)) == (first.id, 1)
    assert start_session(room.context, replace(DAILY, key="fix-4712")).id != first.id


@pytest.mark.parametrize("other", [{"params": ["region=us"]}, {"slot": "2026-01-30"}])
def test_a_key_is_good_for_one_run_only(other: Mapping[str, Any]) -> None:
    room = Room()
    start_session(room.context, replace(DAILY, key="fix-4711"))
    with pytest.raises(InvalidInput, match="key-used"):
        start_session(room.context, replace(DAILY, key="fix-4711", **other))


@pytest.mark.parametrize("key", ["", "two words", "k" * 129, "鍵"])
def test_a_key_that_is_none_is_refused_before_anything_is_written(key: str) -> None:
    room = Room()
    with pytest.raises(InvalidInput, match="bad-key"):
        start_session(room.context, replace(DAILY, key=key))
    assert room.sessions.find_prefix("", limit=5) == []


def test_a_run_that_was_cut_short_before_its_start_is_started_by_its_key() -> None:
    room = Room()
    request = replace(DAILY, key="fix-4711")
    dead = replace(room.context, ports=replace(room.context.ports, execution=Dying(room.execution)))  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        start_session(dead, request)
    (row,) = room.sessions.find_prefix("", limit=5)
    room.clock.sleep(600)
    started = start_session(room.context, request)
    assert (started.id, started.status, len(room.inputs)) == (row.id, SessionStatus.RUNNING, 1)


class Dying:
    """Executions of a process that dies before it starts one."""

    def __init__(self, execution: MemoryExecutionClient) -> None:
        self._execution = execution

    def start(self, target_arn: str, *, name: str, payload: object) -> str:
        raise KeyboardInterrupt

    def __getattr__(self, name: str) -> object:
        return getattr(self._execution, name)


def test_an_unknown_pipeline_is_answered_with_the_one_that_was_meant() -> None:
    with pytest.raises(NotFound) as caught:
        start_session(Room().context, RunRequest(pipeline="dialy"))
    assert "daily" in caught.value.hint


def test_nothing_is_written_when_the_parameters_are_wrong() -> None:
    room = Room()
    with pytest.raises(InvalidInput):
        start_session(room.context, RunRequest(pipeline="daily", params=["region=mars"]))
    assert not room.sessions.find_prefix("", limit=1)


CONTAINER = Job(name="crunch", operations=(Operation(id="task", type="ecs_task", params={}),))


def test_what_the_embedded_aws_cannot_run_is_refused_by_name_before_anything_starts() -> None:
    room = Room(Pipeline(name="daily", path="p", jobs=(CONTAINER,)))
    types = dict(room.context.repository.registry)
    if "ecs_task" not in types or not types["ecs_task"].not_local:
        pytest.fail("ecs_task says why the embedded AWS cannot run it")
    with pytest.raises(Unsupported) as caught:
        start_session(room.context, DAILY)
    assert "ecs_task" in caught.value.summary
    assert "operation crunch.task" in caught.value.facts
    assert "local: {ecs: process}" in caught.value.hint
    assert not room.inputs


def test_what_the_user_allowed_is_not_refused() -> None:
    room = Room(Pipeline(name="daily", path="p", jobs=(CONTAINER,)))
    repository = replace(room.context.repository, allowed_locally=frozenset({"local: {ecs: process}"}))
    start_session(replace(room.context, repository=repository), DAILY)
    assert room.inputs


def test_a_failure_is_explained() -> None:
    room = Room()
    room.failing = {"load"}
    last = list(follow(room.context, start_session(room.context, DAILY)))[-1]
    assert last.session.status is SessionStatus.FAILED
    assert last.session.failed_job == "load"
    assert last.failure is not None
    assert (last.failure.job, last.failure.error, last.failure.message) == ("load", "ValueError", "no such region")
    assert last.failure.error_class is ErrorClass.CODE


def test_a_traceback_comes_from_the_functions_log_when_the_error_has_none() -> None:
    room = Room()
    room.failing = {"extract"}
    trace = '[ERROR] ValueError: no such region\rTraceback (most recent call last):\r  File "app.py", line 3, in handler'
    room.logs.write("/aws/lambda/sales--dev--daily--extract", *invocation(trace, first=0.5))
    last = list(follow(room.context, start_session(room.context, DAILY)))[-1]
    assert last.failure is not None
    assert last.failure.traceback == ('  File "app.py", line 3, in handler', "ValueError: no such region")
    assert last.failure.traceback_from == "/aws/lambda/sales--dev--daily--extract"


def test_a_stopped_session_is_cancelled_and_says_what_was_at_work() -> None:
    room = Room()
    session = start_session(room.context, DAILY)
    room.clock.sleep(0.5)
    stopped = stop_session(room.context, session, reason="wrong day")
    assert stopped.status is SessionStatus.CANCELLED
    snapshot = show_session(room.context, stopped)
    assert [job.status for job in snapshot.jobs] == [JobStatus.STOPPED, JobStatus.NOT_RUN]
    assert snapshot.failure is not None
    assert (snapshot.failure.error_class, snapshot.failure.message) == (ErrorClass.CANCELLED, "wrong day")


def test_a_session_that_ended_cannot_be_stopped() -> None:
    room = Room()
    session = start_session(room.context, DAILY)
    room.clock.sleep(60)
    with pytest.raises(InvalidInput) as caught:
        stop_session(room.context, session, reason="")
    assert caught.value.facts["status"] == "succeeded"


@pytest.mark.parametrize(("is_local", "seconds"), [(True, LOCAL_SECONDS), (False, AWS_SECONDS)])
def test_polling_is_slower_where_quotas_are_shared(is_local: bool, seconds: float) -> None:
    room = Room(is_local=is_local)
    snapshots = follow(room.context, start_session(room.context, DAILY))
    first, second = next(snapshots), next(snapshots)
    assert (second.taken_at - first.taken_at).total_seconds() == pytest.approx(seconds)


def test_a_session_that_ended_is_read_once() -> None:
    room = Room()
    observer = room.context.observer(start_session(room.context, DAILY))
    room.clock.sleep(60)
    (row,) = room.sessions.find_prefix("", limit=1)
    first = observer.look(row)
    room.clock.sleep(60)
    again = observer.look(first.session)
    assert again == replace(first, taken_at=room.clock.now())
    assert again.jobs is first.jobs
