"""Backfills: slots, repeats, kills, and who runs at a time."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType

import pytest

from bunsui.errors import InvalidInput, NotFound
from bunsui.model.json import Json
from bunsui.model.pipeline import Schedule, SlotOffset
from bunsui.model.session import Session, SessionStatus
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.resume import resume_session
from bunsui.services.run import RunRequest, start_session
from bunsui.services.running.backfill import BackfillRequest, plan_backfill, run_backfill
from bunsui.services.session_context import SessionContext
from bunsui.testkit.sessions import MemorySessionRepository
from tests.fakes.session_room import PIPELINE, Room

JANUARY = "2026-01-01..2026-01-31"
NIGHTLY = Schedule(id="nightly", expression="cron(30 0 * * ? *)", timezone="Europe/Berlin", slot=SlotOffset(days=-1))


def backfill(room: Room, days: str = JANUARY, **wishes: object) -> list[Session]:
    """Run a backfill to its end; the sessions as each ended."""
    plan = plan_backfill(room.context, BackfillRequest(pipeline="daily", days=days, **wishes))  # type: ignore[arg-type]
    return [step.session for step in run_backfill(room.context, plan) if step.session.standing.is_final]


def rows(room: Room) -> list[Session]:
    return list(room.sessions.find(SessionQuery(limit=10_000)))


def with_schedules(*schedules: Schedule, timezone: str = "UTC") -> Room:
    return Room(replace(PIPELINE, schedules=schedules, timezone=timezone))


def test_each_day_runs_once_and_never_more_at_a_time_than_was_said() -> None:
    room = Room()
    plan = plan_backfill(room.context, BackfillRequest(pipeline="daily", days=JANUARY, concurrency=4))
    most = 0
    for _ in run_backfill(room.context, plan):
        most = max(most, len(room.execution.executions(room.machine.arn, limit=99, status=SessionStatus.RUNNING)))
    assert most == 4
    assert sorted(row.date for row in rows(room)) == [f"2026-01-{day:02d}" for day in range(1, 32)]
    assert {row.status for row in rows(room)} == {SessionStatus.SUCCEEDED}


def test_a_day_is_its_midnight_in_the_pipelines_zone() -> None:
    [first] = backfill(Room(), "2026-01-31")
    assert (first.slot, first.date) == (datetime(2026, 1, 30, 15, tzinfo=UTC), "2026-01-31")


def test_each_run_says_that_a_backfill_began_it_and_who() -> None:
    [session] = backfill(Room(), "2026-01-31")
    [attempt] = session.attempts
    assert (attempt.how, attempt.actor) == ("backfill", "arn:aws:iam::111111111111:user/mika")


@pytest.mark.parametrize(("days", "count"), [("2026-03-28..2026-03-30", 3), ("2026-10-24..2026-10-26", 3)])
def test_each_local_day_of_a_schedule_has_one_slot_over_every_clock_change(days: str, count: int) -> None:
    room = with_schedules(NIGHTLY)
    sessions = backfill(room, days)
    first, last = days.split("..")
    assert len(sessions) == count
    assert [session.date for session in sessions] == sorted({session.date for session in sessions})
    assert (sessions[0].date, sessions[-1].date) == (first, last)


def test_the_slots_are_those_that_the_schedule_itself_gives_its_runs() -> None:
    [session] = backfill(with_schedules(NIGHTLY), "2026-01-31")
    assert session.slot == datetime(2026, 1, 30, 23, 30, tzinfo=UTC)
    assert session.date == "2026-01-31", "by the calendar of the schedule's zone"


def test_a_schedule_of_every_hour_has_a_slot_for_each() -> None:
    hourly = Schedule(id="hourly", expression="cron(0 * * * ? *)", timezone="UTC")
    assert len(backfill(with_schedules(hourly), "2026-01-31", concurrency=8)) == 24


def test_what_a_schedule_gives_its_runs_is_given_unless_somebody_says_otherwise() -> None:
    room = with_schedules(replace(NIGHTLY, input=MappingProxyType({"region": "us"})))
    backfill(room, "2026-01-30")
    backfill(room, "2026-01-31", params=["region=jp"])
    assert [given["params"] for given in room.inputs] == [{"region": "us"}, {"region": "jp"}]


def test_of_several_schedules_one_must_be_said() -> None:
    room = with_schedules(NIGHTLY, replace(NIGHTLY, id="noon"))
    with pytest.raises(InvalidInput, match="several-schedules"):
        backfill(room)
    assert len(backfill(room, "2026-01-31", schedule="noon")) == 1
    with pytest.raises(NotFound, match="unknown-schedule"):
        backfill(room, schedule="noen")


@pytest.mark.parametrize("days", ["", "2026-01-31..2026-01-01", "2026-02-30", "january", "2026-01-01.."])
def test_days_that_are_none_are_refused(days: str) -> None:
    with pytest.raises(InvalidInput, match="bad-days"):
        backfill(Room(), days)


def test_the_same_again_starts_nothing() -> None:
    room = Room()
    backfill(room, concurrency=4)
    assert backfill(room, concurrency=4) == []
    assert len(room.inputs) == 31


def test_other_parameters_are_another_backfill() -> None:
    room = Room()
    backfill(room, "2026-01-31")
    backfill(room, "2026-01-31", params=["region=us"])
    assert len(rows(room)) == 2


def test_a_slot_that_failed_is_not_run_again_by_the_same_command() -> None:
    room = Room()
    room.failing = {"load"}
    [failed] = backfill(room, "2026-01-31")
    room.failing = set()
    assert failed.status is SessionStatus.FAILED
    assert backfill(room, "2026-01-31") == []
    assert resume_session(room.context, failed).session.status is SessionStatus.RUNNING


def test_only_missing_leaves_out_what_ran_by_any_other_way() -> None:
    room = Room()
    start_session(room.context, RunRequest(pipeline="daily", slot="2026-01-15"))
    room.clock.sleep(60)
    sessions = backfill(room, only_missing=True)
    assert len(sessions) == 30
    assert "2026-01-15" not in {session.date for session in sessions}


def test_the_newest_slot_comes_first_where_that_is_wanted() -> None:
    dates = [session.date for session in backfill(Room(), newest_first=True)]
    assert dates == sorted(dates, reverse=True)


def test_nothing_has_a_row_when_the_pipeline_was_not_applied() -> None:
    room = Room(replace(PIPELINE, name="other"))
    with pytest.raises(NotFound, match="not-applied"):
        plan_backfill(room.context, BackfillRequest(pipeline="other", days=JANUARY))
    assert rows(room) == []


def test_the_expected_duration_is_that_of_the_last_successes() -> None:
    room = Room()
    plan = plan_backfill(room.context, BackfillRequest(pipeline="daily", days=JANUARY, concurrency=4))
    assert (plan.seconds_each, plan.seconds) == (None, None)
    backfill(room, "2026-01-31")
    plan = plan_backfill(room.context, BackfillRequest(pipeline="daily", days=JANUARY, concurrency=4))
    assert (plan.seconds_each, plan.seconds) == (2.0, 16.0)


class Killed(BaseException):
    """The process is gone."""


class MortalRows(MemorySessionRepository):
    """Rows whose writes kill the process now and then, before or after they are there."""

    def __init__(self) -> None:
        super().__init__()
        self.fatal: dict[int, str] = {}
        self.writes = 0

    def add(self, session: Session) -> None:
        self._meet("before")
        super().add(session)
        self._meet("after")

    def save(self, session: Session) -> Session:
        self._meet("before")
        saved = super().save(session)
        self._meet("after")
        return saved

    def _meet(self, moment: str) -> None:
        self.writes += moment == "before"
        if self.fatal.get(self.writes) == moment:
            del self.fatal[self.writes]
            raise Killed


class MortalStarts:
    """An execution client that kills the process before or after a start."""

    def __init__(self, room: Room, chance: random.Random, rate: float) -> None:
        self._room, self._chance, self.rate = room, chance, rate

    def start(self, target_arn: str, *, name: str, payload: Mapping[str, Json]) -> str:
        if self._chance.random() < self.rate / 2:
            raise Killed
        arn = self._room.execution.start(target_arn, name=name, payload=payload)
        if self._chance.random() < self.rate / 2:
            raise Killed
        return arn

    def __getattr__(self, name: str) -> object:
        return getattr(self._room.execution, name)


@pytest.mark.parametrize("seed", range(3))
def test_a_year_at_four_a_time_that_is_killed_ten_times_is_365_sessions_exactly(seed: int) -> None:
    room, chance = Room(), random.Random(seed)
    mortal = MortalRows()
    room.sessions = mortal
    starts = MortalStarts(room, chance, 0.0)
    context: SessionContext = replace(
        room.context,
        ports=replace(room.context.ports, sessions=mortal, execution=starts),  # type: ignore[arg-type]
    )
    request = BackfillRequest(pipeline="daily", days="2025-01-01..2025-12-31", concurrency=4)
    kills = 0
    while True:
        starts.rate = 0.03 if kills < 10 else 0.0
        if kills < 10:
            mortal.fatal = {mortal.writes + chance.randrange(1, 120): chance.choice(["before", "after"])}
        else:
            mortal.fatal = {}
        try:
            for _ in run_backfill(context, plan_backfill(context, request)):
                pass
            break
        except Killed:
            kills += 1
            room.clock.sleep(chance.choice([0, 10, 600]))
    assert kills >= 10
    assert len(rows(room)) == 365
    assert len(room.execution.executions(room.machine.arn, limit=1000)) == 365
    assert Counter(row.status for row in rows(room)) == {SessionStatus.SUCCEEDED: 365}
    assert len({row.date for row in rows(room)}) == 365


def test_two_at_once_start_nothing_twice() -> None:
    room = Room()
    request = BackfillRequest(pipeline="daily", days=JANUARY, concurrency=2)
    one = run_backfill(room.context, plan_backfill(room.context, request))
    other = run_backfill(room.context, plan_backfill(room.context, request))
    steps = 1
    while steps:
        steps = sum(next(each, None) is not None for each in (one, other))
    assert len(room.execution.executions(room.machine.arn, limit=1000)) == 31
