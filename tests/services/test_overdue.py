"""What is late or missing by what is known already: nobody is asked, and nothing is called missing that nobody looked for."""

from __future__ import annotations

from datetime import timedelta

from bunsui.model.starts import START_PRECISION
from bunsui.services.morning.expected import PATIENCE, RunState
from bunsui.services.morning.overdue import overdue_runs
from bunsui.services.morning.ports import MorningPorts
from tests.fakes.scheduled_room import ScheduledRoom
from tests.fakes.session_room import START

NIGHTLY = "cron(30 3 * * ? *)"
DUE = START + timedelta(minutes=30)
LATER = DUE + START_PRECISION + PATIENCE


def overdue(room: ScheduledRoom) -> list[RunState]:
    now = room.clock.now()
    return [
        run.state
        for run in overdue_runs(
            room.context, MorningPorts(state=room.state, schedules=room.reader), since=START - timedelta(hours=1), now=now
        )
    ]


def test_what_was_looked_for_and_is_not_there_is_late_and_then_missing() -> None:
    room = ScheduledRoom()
    room.schedule(NIGHTLY)
    room.move_to(DUE + timedelta(minutes=2))
    room.morning()
    assert overdue(room) == [RunState.LATE]
    room.move_to(LATER)
    room.morning()
    assert overdue(room) == [RunState.MISSING]


def test_what_nobody_looked_for_is_left_out_and_nobody_is_asked() -> None:
    room = ScheduledRoom()
    room.schedule(NIGHTLY)
    room.move_to(LATER)
    room.seen.pages = None  # type: ignore[assignment]
    assert overdue(room) == []


def test_what_ran_is_not_overdue() -> None:
    room = ScheduledRoom()
    times = room.schedule(NIGHTLY)
    room.move_to(DUE)
    room.fire(times, DUE)
    room.clock.sleep(600)
    room.morning()
    assert overdue(room) == []


def test_without_schedules_nothing_is() -> None:
    assert overdue(ScheduledRoom()) == []
