"""A redrive that somebody else does, in the console for instance, is seen, told and respected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from bunsui.errors import InvalidInput, Missing
from bunsui.model.session import HistoryEvent, Session, SessionStatus
from bunsui.ports.execution import Execution
from bunsui.services.resume import resume_session
from bunsui.services.run import RunRequest, start_session
from bunsui.services.sessions import list_sessions
from bunsui.services.stop import stop_session
from tests.fakes.passing import PassingExecution
from tests.fakes.session_room import Room

FAILED, RUNNING, SUCCEEDED = SessionStatus.FAILED, SessionStatus.RUNNING, SessionStatus.SUCCEEDED


def failed(room: Room) -> Session:
    room.failing = {"load"}
    session = start_session(room.context, RunRequest(pipeline="daily"))
    room.clock.sleep(60)
    row = room.context.manager.sync(session)
    assert row.status is FAILED
    return row


def redriven(room: Room, row: Session, *, failing: str = "") -> None:
    """Somebody redrives the session's last execution in the console."""
    room.failing = {failing}
    assert row.latest is not None
    room.execution.redrive(row.latest.execution_arn)


def turns(row: Session) -> list[tuple[int, str, SessionStatus, int]]:
    return [(attempt.number, attempt.kind, attempt.status, attempt.redrive) for attempt in row.attempts]


@pytest.mark.parametrize("seen_by", ["list", "look", "watch"])
def test_a_session_that_failed_runs_again_when_somebody_redrives_it(seen_by: str) -> None:
    room = Room()
    row = failed(room)
    observer = room.context.observer(row)
    observer.look(row)
    room.clock.sleep(60)
    redriven(room, row)
    looks = {
        "list": lambda: list_sessions(room.context)[0],
        "look": lambda: room.context.manager.sync(row),
        "watch": lambda: observer.look(row).session,
    }
    found = looks[seen_by]()
    assert (found.status, found.failed_job) == (RUNNING, "")
    assert turns(found) == [(1, "run", FAILED, 0), (2, "redrive", RUNNING, 1)]
    room.clock.sleep(60)
    ended = looks[seen_by]()
    assert (ended.status, ended.output) == (SUCCEEDED, {"load": {"rows": 7}})
    assert [attempt.error for attempt in ended.attempts] == ["ValueError", ""]


def test_redrives_between_two_looks_are_told_one_by_one_from_the_history() -> None:
    room = Room()
    room.failing = {"load"}
    session = start_session(room.context, RunRequest(pipeline="daily"))
    for _ in range(2):
        room.clock.sleep(60)
        redriven(room, session, failing="load")
    room.clock.sleep(60)
    row = list_sessions(room.context)[0]
    assert turns(row) == [(1, "run", FAILED, 0), (2, "redrive", FAILED, 1), (3, "redrive", FAILED, 2)]
    assert row.failed_job == "load"
    assert all(attempt.stopped_at is not None and attempt.error == "ValueError" for attempt in row.attempts)
    assert list_sessions(room.context)[0] == row


class Hidden(PassingExecution):
    """Shows no history."""

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        raise Missing("missing", "forgotten")


def test_an_end_that_nobody_can_read_any_more_is_said_to_be_unknown() -> None:
    room = Room()
    room.failing = {"load"}
    session = start_session(room.context, RunRequest(pipeline="daily"))
    room.clock.sleep(60)
    redriven(room, session)
    hidden = replace(room.context, ports=replace(room.context.ports, execution=Hidden(room.execution)))
    row = hidden.manager.sync(session)
    assert turns(row) == [(1, "run", FAILED, 0), (2, "redrive", RUNNING, 1)]
    assert "before anybody saw" in row.attempts[0].cause


def test_a_redrive_of_an_execution_that_nobody_recorded_is_adopted_with_all_its_turns() -> None:
    room = Room()
    room.failing = {"load"}
    arn = room.execution.start(room.machine.arn, name="by-hand", payload={})
    room.clock.sleep(60)
    room.execution.redrive(arn)
    (row,) = list_sessions(room.context)
    assert (row.status, turns(row)) == (RUNNING, [(1, "run", FAILED, 0), (2, "redrive", RUNNING, 1)])


def test_a_resume_is_refused_in_words_while_a_redrive_runs() -> None:
    room = Room()
    row = failed(room)
    redriven(room, row)
    with pytest.raises(InvalidInput, match="somebody redrove its execution") as refused:
        resume_session(room.context, row)
    assert refused.value.code == "still-running"
    assert refused.value.facts["execution"] == row.attempts[0].execution_arn
    assert len(room.execution.executions(room.machine.arn, limit=9)) == 1


@dataclass
class Racing(PassingExecution):
    """Has the execution redriven elsewhere right after it was described, as often as it is told to."""

    room: Room
    after: int = 99

    def describe(self, execution_arn: str) -> Execution:
        found = super().describe(execution_arn)
        self.after -= 1
        if self.after == 0:
            self.room.execution.redrive(execution_arn)
        return found


def test_a_redrive_between_the_question_and_the_start_is_seen_right_before_it() -> None:
    room = Room()
    row = failed(room)
    racing = Racing(room.execution, room, after=1)
    context = replace(room.context, ports=replace(room.context.ports, execution=racing))
    with pytest.raises(InvalidInput, match="somebody redrove"):
        resume_session(context, row)
    stored = room.sessions.get(row.id)
    assert stored is not None
    assert stored.status is RUNNING
    assert len(room.execution.executions(room.machine.arn, limit=9, status=RUNNING)) == 1


def test_what_somebody_redrove_is_stopped_and_resumed_as_any_attempt() -> None:
    room = Room()
    row = failed(room)
    redriven(room, row)
    stopped = stop_session(room.context, row, reason="not today")
    assert turns(stopped) == [(1, "run", FAILED, 0), (2, "redrive", SessionStatus.CANCELLED, 1)]
    room.clock.sleep(60)
    room.failing = set()
    resumed = resume_session(room.context, stopped)
    assert resumed.plan.restored == ("extract",)
    assert turns(resumed.session)[-1] == (3, "resume", RUNNING, 0)
    assert resumed.session.attempts[-1].execution_arn.endswith(f"{row.id}--2")
    room.clock.sleep(60)
    assert room.context.manager.sync(resumed.session).status is SUCCEEDED


def test_an_older_execution_that_is_revived_makes_the_session_run() -> None:
    room = Room()
    row = failed(room)
    resumed = resume_session(room.context, row).session
    room.clock.sleep(60)
    room.failing = set()
    room.execution.redrive(row.attempts[0].execution_arn)
    (found,) = list_sessions(room.context)
    assert turns(found) == [(1, "run", FAILED, 0), (2, "resume", FAILED, 0), (3, "redrive", RUNNING, 1)]
    with pytest.raises(InvalidInput, match="somebody redrove"):
        resume_session(room.context, resumed)
    room.clock.sleep(60)
    assert list_sessions(room.context)[0].status is SUCCEEDED


def test_an_answer_of_before_the_redrive_changes_nothing() -> None:
    room = Room()
    row = failed(room)
    assert row.latest is not None
    old = room.execution.describe(row.latest.execution_arn)
    redriven(room, row)
    running = room.context.manager.sync(row)

    class Lagging(PassingExecution):
        def describe(self, execution_arn: str) -> Execution:
            return old

    lagging = replace(room.context, ports=replace(room.context.ports, execution=Lagging(room.execution)))
    assert lagging.manager.sync(running) == running
