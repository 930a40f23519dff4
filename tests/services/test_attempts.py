"""Attempts of a session side by side, and since when it fails so: what is read for it, and what is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from bunsui.codec.writing import to_json
from bunsui.model.session import JobStatus, Session, SessionStatus
from bunsui.ports.execution import SessionExecutions
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.run import RunRequest, start_session
from bunsui.services.watch import show_session
from bunsui.sessions.snapshot import SessionSnapshot
from bunsui.testkit.sessions import MemorySessionRepository
from bunsui.view.documents.running.sessions import SessionDocument
from bunsui.view.sessions.model import detail_lines, session_detail
from bunsui.view.spans import plain
from tests.fakes.session_room import Room
from tests.services.test_events import Forgetful, resumed
from tests.services.test_redrives import failed, redriven


def page(snapshot: SessionSnapshot) -> str:
    return plain(detail_lines(session_detail(snapshot)))


def statuses(snapshot: SessionSnapshot) -> list[list[JobStatus] | None]:
    return [None if one.jobs is None else [job.status for job in one.jobs] for one in snapshot.compared]


def test_a_resumed_session_shows_what_ran_and_what_was_kept_in_each_attempt() -> None:
    room, session = resumed()
    found = show_session(room.context, session)
    assert statuses(found) == [
        [JobStatus.SUCCEEDED, JobStatus.FAILED],
        [JobStatus.RESTORED, JobStatus.SUCCEEDED],
    ]
    text = page(found)
    assert "1 run" in text
    assert "2 resume" in text
    assert "↺ kept" in text
    document = to_json(SessionDocument.of(found))
    compared = cast("list[dict[str, list[dict[str, str]]]]", document["compared"])
    assert [[job["status"] for job in one["jobs"]] for one in compared] == [["succeeded", "failed"], ["restored", "succeeded"]]


def test_a_redrive_is_an_attempt_that_keeps_what_its_execution_had_completed() -> None:
    room = Room()
    row = failed(room)
    room.clock.sleep(60)
    redriven(room, row)
    room.clock.sleep(60)
    found = show_session(room.context, room.context.manager.sync(row))
    assert [attempt.kind for attempt in found.session.attempts] == ["run", "redrive"]
    assert statuses(found)[0] == [JobStatus.SUCCEEDED, JobStatus.FAILED]
    second = found.compared[1].jobs
    assert second is not None
    assert second[1].status is JobStatus.SUCCEEDED
    assert second[1].started_at is not None
    assert second[1].started_at >= found.session.attempts[1].started_at


def test_a_session_with_one_attempt_compares_nothing() -> None:
    room = Room()
    found = show_session(room.context, failed(room))
    assert found.compared == ()
    assert "jobs by attempt" not in page(found)


def test_an_attempt_that_step_functions_forgot_is_said() -> None:
    room, session = resumed()
    gone = cast("SessionExecutions", Forgetful(room, session.attempts[0].execution_arn))
    context = replace(room.context, ports=replace(room.context.ports, execution=gone))
    found = show_session(context, session)
    assert statuses(found) == [None, [JobStatus.RESTORED, JobStatus.SUCCEEDED]]
    assert "? forgotten" in page(found)


class CountedRows:
    """Rows, and how often they were searched."""

    def __init__(self, rows: MemorySessionRepository) -> None:
        self._rows = rows
        self.asked: list[SessionQuery] = []

    def find(self, query: SessionQuery) -> Sequence[Session]:
        self.asked.append(query)
        return self._rows.find(query)

    def __getattr__(self, name: str) -> object:
        return getattr(self._rows, name)


def test_since_when_it_fails_is_one_read_of_rows() -> None:
    room = Room()
    for failing in ((), ("load",), ("load",), ("load",)):
        room.failing = set(failing)
        session = start_session(room.context, RunRequest(pipeline="daily"))
        room.clock.sleep(60)
        session = room.context.manager.sync(session)
    rows = CountedRows(room.sessions)
    context = replace(room.context, ports=replace(room.context.ports, sessions=cast("MemorySessionRepository", rows)))
    found = show_session(context, session)
    assert found.streak is not None
    assert (found.streak.count, found.streak.first.commit) == (3, "abc123")
    assert found.streak.last_success is not None
    assert found.streak.last_success.status is SessionStatus.SUCCEEDED
    assert rows.asked == [SessionQuery(pipeline="daily", limit=200)]
    assert "3 times in a row, since" in page(found)


def test_a_session_that_succeeded_reads_no_rows_for_it() -> None:
    room, session = resumed()
    rows = CountedRows(room.sessions)
    context = replace(room.context, ports=replace(room.context.ports, sessions=cast("MemorySessionRepository", rows)))
    assert show_session(context, session).streak is None
    assert rows.asked == []
