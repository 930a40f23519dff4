"""Events of a session: each with its job, of all executions, without what was put in or came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

import pytest

from bunsui.errors import InvalidInput, Missing, NotFound
from bunsui.model.json import Json
from bunsui.model.session import HistoryEvent, Session
from bunsui.ports.execution import SessionExecutions
from bunsui.services.history.events import session_events
from bunsui.services.resume import resume_session
from bunsui.services.run import RunRequest, start_session
from bunsui.services.watch import follow
from bunsui.view.sessions.events import event_lines
from bunsui.view.spans import plain
from tests.fakes.session_room import Room

DAILY = RunRequest(pipeline="daily", params=["region=us"])


def resumed() -> tuple[Room, Session]:
    room = Room()
    room.failing = {"load"}
    failed = list(follow(room.context, start_session(room.context, DAILY)))[-1].session
    room.failing = set()
    return room, list(follow(room.context, resume_session(room.context, failed).session))[-1].session


class Forgetful:
    """Step Functions, which forgot one execution."""

    def __init__(self, room: Room, arn: str) -> None:
        self._room = room
        self._arn = arn

    def definition(self, arn: str) -> Mapping[str, Json]:
        return self._room.execution.definition(arn)

    def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
        if execution_arn == self._arn:
            raise Missing("missing", "gone")
        return self._room.execution.history(execution_arn, after=after)

    def __getattr__(self, name: str) -> object:
        return getattr(self._room.execution, name)


def test_the_events_of_all_executions_are_listed_each_with_its_job() -> None:
    room, session = resumed()
    found = session_events(room.context, session)
    assert {event.execution for event in found.events} == {1, 2}
    failures = [event for event in found.events if event.type.endswith("Failed") and event.job]
    assert {(event.execution, event.job) for event in failures} == {(1, "load")}
    assert all(event.error for event in failures)
    text = plain(event_lines(found))
    assert text.splitlines()[0].split() == ["time", "after", "execution", "event", "job", "state", "error"]


def test_one_job_and_one_execution_can_be_asked_for() -> None:
    room, session = resumed()
    one = session_events(room.context, session, job="load", execution=2)
    assert {(event.job, event.execution) for event in one.events} == {("load", 2)}
    with pytest.raises(InvalidInput, match="no-such-execution"):
        session_events(room.context, session, execution=3)
    with pytest.raises(NotFound, match="unknown-job"):
        session_events(room.context, session, job="laod")


def test_an_execution_that_is_forgotten_is_named() -> None:
    room, session = resumed()
    forgetful = cast("SessionExecutions", Forgetful(room, session.attempts[0].execution_arn))
    context = replace(room.context, ports=replace(room.context.ports, execution=forgetful))
    found = session_events(context, session)
    assert found.forgotten == (1,)
    assert {event.execution for event in found.events} == {2}
    assert "does not know execution 1 any more" in plain(event_lines(found))


def test_what_was_put_in_and_what_came_out_is_not_told() -> None:
    room, session = resumed()
    assert "us" not in plain(event_lines(session_events(room.context, session))).split()


def test_an_event_tells_what_its_call_was_given_and_which_try_it_is() -> None:
    room, session = resumed()
    events = session_events(room.context, session, job="load").events
    given = [event for event in events if event.data is not None]
    assert given
    assert {event.number_of_try for event in events} == {0, 1}


def test_what_a_reader_has_read_is_not_asked_for_again() -> None:
    room, session = resumed()
    observer = room.context.observer(session)
    observer.look(session)
    asked: list[str] = []

    class Silent:
        def history(self, execution_arn: str, *, after: int = 0) -> Sequence[HistoryEvent]:
            asked.append(execution_arn)
            return ()

        def __getattr__(self, name: str) -> object:
            return getattr(room.execution, name)

    reader = observer.reader.as_read()
    reader._execution = cast("SessionExecutions", Silent())
    assert session_events(room.context, session, reader=reader).events == session_events(room.context, session).events
    assert asked == []
