"""The logs of a session, in virtual time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bunsui.errors import InvalidInput, NotFound
from bunsui.model.json import Json
from bunsui.model.session import Session
from bunsui.services.logs import SessionLogs, instant_since
from bunsui.services.run import start_session
from bunsui.services.watch import follow
from bunsui.sessions.logs.task_logs import LogQuery, TaskLogs
from tests.fakes.session_room import REQUEST_ID, START, Room, invocation
from tests.services.test_run import DAILY

GROUP = "/aws/lambda/sales--dev--daily--"


def ended(room: Room) -> Session:
    return list(follow(room.context, start_session(room.context, DAILY)))[-1].session


def own(looks: Iterable[TaskLogs]) -> list[tuple[str, str]]:
    marks = ("START", "REPORT")
    return [(entry.job, entry.message) for look in looks for entry in look.entries if not entry.message.startswith(marks)]


def test_the_tasks_own_lines_are_given_by_job_in_the_order_of_time() -> None:
    room = Room()
    room.logs.write(f"{GROUP}load", *invocation("loading", first=1.5, request_id="two"))
    room.logs.write(f"{GROUP}extract", *invocation("reading", first=0.5))
    room.logs.write(f"{GROUP}extract", *invocation("another run", first=18_000, request_id="three"))
    logs = SessionLogs(room.context, ended(room))
    assert own([logs.read(LogQuery())]) == [("extract", "reading"), ("load", "loading")]
    assert own([logs.read(LogQuery(job="load"))]) == [("load", "loading")]
    with pytest.raises(NotFound):
        logs.read(LogQuery(job="laod"))
    with pytest.raises(NotFound):
        logs.read(LogQuery(item="part-3"))


def test_a_job_that_calls_nothing_has_no_log() -> None:
    room = Room()
    idle: dict[str, Json] = {"Type": "Wait"}
    room.apply({"StartAt": "_start", "States": {"_start": {"Type": "Pass"}, "extract": idle, "load": idle}})
    with pytest.raises(InvalidInput) as refused:
        SessionLogs(room.context, ended(room)).read(LogQuery(job="load"))
    assert refused.value.code == "no-task-log"


def test_followed_logs_give_each_line_once_as_it_comes_and_equal_ones_as_often_as_they_were_written() -> None:
    room = Room()
    room.logs.write(f"{GROUP}extract", *invocation("reading", "reading", first=0.5))
    room.logs.write(f"{GROUP}load", *invocation("loading", first=1.5, request_id="two"))
    looks = list(SessionLogs(room.context, start_session(room.context, DAILY)).follow(LogQuery()))
    assert own(looks) == [("extract", "reading"), ("extract", "reading"), ("load", "loading")]
    assert len(looks) > 1


def test_lines_that_show_up_late_are_waited_for() -> None:
    room = Room()
    room.failing = {"extract"}
    session = ended(room)
    told: list[str] = []

    def waiting() -> None:
        told.append("waiting")
        room.logs.write(f"{GROUP}extract", *invocation("the last line matters", first=0.5))

    found = SessionLogs(room.context, session).settled(LogQuery(), waiting=waiting)
    assert told == ["waiting"]
    assert (own([found]), found.missing_ends) == ([("extract", "the last line matters")], 0)


def test_lines_that_never_show_up_are_not_waited_for_for_ever() -> None:
    room = Room()
    room.failing = {"extract"}
    session = ended(room)
    found = SessionLogs(room.context, session).settled(LogQuery())
    assert (found.entries, found.missing_ends) == ((), 1)
    assert room.clock.now() - START < timedelta(seconds=30)


def test_followed_logs_wait_for_the_last_lines_of_a_session_that_has_ended() -> None:
    room = Room()
    room.failing = {"extract"}
    session = ended(room)
    looks = SessionLogs(room.context, session).follow(LogQuery())
    assert own([next(looks)]) == []
    room.logs.write(f"{GROUP}extract", *invocation("the last line matters", first=0.5))
    assert own(looks) == [("extract", "the last line matters")]


def test_what_step_functions_has_forgotten_is_said() -> None:
    room = Room()
    session = ended(room)
    gone = replace(session.attempts[-1], execution_arn="arn:aws:states:eu-west-1:111111111111:execution:sales:gone")
    logs = SessionLogs(room.context, replace(session, attempts=(gone,)))
    assert logs.read(LogQuery()).entries == ()
    assert logs.is_forgotten


def test_since_is_a_duration_or_an_instant() -> None:
    now, tokyo = datetime(2026, 1, 31, 12, tzinfo=UTC), ZoneInfo("Asia/Tokyo")
    assert instant_since("10m", now=now, zone=tokyo) == now - timedelta(minutes=10)
    assert instant_since("2026-01-31T20:00", now=now, zone=tokyo) == datetime(2026, 1, 31, 11, tzinfo=UTC)
    assert instant_since("2026-01-31T11:00+00:00", now=now, zone=tokyo) == datetime(2026, 1, 31, 11, tzinfo=UTC)
    with pytest.raises(InvalidInput) as refused:
        instant_since("yesterday", now=now, zone=tokyo)
    assert refused.value.facts["since"] == "yesterday"


def test_the_failing_invocation_is_the_one_that_the_error_names() -> None:
    room = Room()
    room.failing = {"extract"}
    room.logs.write(f"{GROUP}extract", *invocation("of another session", first=0.4, request_id="other", stream="t"))
    room.logs.write(f"{GROUP}extract", *invocation("mine", first=0.5, request_id=REQUEST_ID))
    assert own([SessionLogs(room.context, ended(room)).read(LogQuery())]) == [("extract", "mine")]
