"""Stopping every session that a filter finds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bunsui.errors import InvalidInput, Unavailable
from bunsui.model.session import Session, SessionStatus
from bunsui.services.run import RunRequest, start_session
from bunsui.services.running.stops import plan_stops, stop_each
from tests.fakes.session_room import Room

DAILY = RunRequest(pipeline="daily")


def running(room: Room, count: int) -> list[str]:
    return [start_session(room.context, replace(DAILY, slot=f"2026-01-{day:02d}")).id for day in range(1, count + 1)]


def test_what_the_filter_finds_and_goes_on_is_stopped_and_nothing_else() -> None:
    room = Room()
    ended = running(room, 1)
    room.clock.sleep(60)
    going_on = [start_session(room.context, replace(DAILY, slot=f"2026-01-{day:02d}")).id for day in (2, 3)]
    plan = plan_stops(room.context, ["pipeline:daily"])
    assert sorted(one.id for one in plan.sessions) == sorted(going_on)
    done = list(stop_each(room.context, plan.sessions, reason="enough"))
    assert {one.session.standing for one in done} == {SessionStatus.CANCELLED}
    row = room.sessions.get(ended[0])
    assert row is not None
    assert row.standing is SessionStatus.SUCCEEDED


def test_all_words_of_the_filter_must_hold() -> None:
    room = Room()
    running(room, 3)
    assert [one.date for one in plan_stops(room.context, ["status:running", "key:2026-01-02"]).sessions] == ["2026-01-02"]
    assert plan_stops(room.context, ["status:running", "pipeline:other"]).sessions == ()


def test_a_word_without_meaning_stops_nothing() -> None:
    with pytest.raises(InvalidInput, match="unknown-filter"):
        plan_stops(Room().context, ["stauts:running"])


def test_one_that_ended_meanwhile_counts_as_stopped_and_one_that_cannot_be_keeps_no_other_from_it() -> None:
    room = Room()
    first, second = running(room, 2)

    class Refusing:
        def __init__(self) -> None:
            self.execution = room.execution

        def stop(self, execution_arn: str, *, reason: str) -> None:
            if first in execution_arn:
                raise Unavailable("unavailable", "not now")
            self.execution.stop(execution_arn, reason=reason)

        def __getattr__(self, name: str) -> object:
            return getattr(self.execution, name)

    context = replace(room.context, ports=replace(room.context.ports, execution=Refusing()))  # type: ignore[arg-type]
    sessions: tuple[Session, ...] = plan_stops(context, ["status:running"]).sessions
    done = {one.session.id: one.error for one in stop_each(context, sessions, reason="enough")}
    assert [done[first] is None, done[second] is None] == [False, True]
    again = list(stop_each(room.context, sessions, reason="enough"))
    assert [one.error for one in again] == [None, None]
