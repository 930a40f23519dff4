"""The morning page: every run that was due is told as what became of it, and missing is only what somebody looked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bunsui.errors import AccessDenied, Throttled
from bunsui.model.pipeline import RawDefinition
from bunsui.model.session import SessionStatus
from bunsui.model.starts import START_PRECISION
from bunsui.ports.session_rows import SessionQuery
from bunsui.services.morning.expected import PATIENCE, RunState
from bunsui.services.morning.page import Morning, yesterday_evening
from bunsui.services.run import RunRequest, start_session
from tests.fakes.scheduled_room import LONG_AGO, ScheduledRoom
from tests.fakes.session_room import PIPELINE, START
from tests.faults.amount import amount

NIGHTLY = "cron(30 3 * * ? *)"
"""In Tokyo half an hour behind START."""
DUE = START + timedelta(minutes=30)
LATER = DUE + START_PRECISION + PATIENCE
RAN, FAILED, RUNNING, MISSING, LATE = RunState.RAN, RunState.FAILED, RunState.RUNNING, RunState.MISSING, RunState.LATE
HELD, UNKNOWN, DUE_NOW = RunState.HELD, RunState.UNKNOWN, RunState.DUE


def states(morning: Morning) -> Sequence[RunState]:
    return [run.state for run in morning.runs]


def test_a_run_that_was_due_and_succeeded_ran() -> None:
    room = ScheduledRoom()
    times = room.schedule(NIGHTLY)
    room.move_to(DUE)
    room.fire(times, DUE)
    room.clock.sleep(600)
    (run,) = room.morning().runs
    assert (run.state, run.at, run.is_about) == (RAN, DUE, False)
    assert run.session is not None
    assert run.session.status is SessionStatus.SUCCEEDED


def test_a_run_is_that_of_its_slot_however_late_it_began() -> None:
    room = ScheduledRoom()
    times = room.schedule(NIGHTLY, told={"slot_offset_days": -1})
    room.move_to(DUE + timedelta(hours=2))
    room.fire(times, DUE)
    room.clock.sleep(60)
    (run,) = room.morning().runs
    assert (run.state, run.slot) == (RAN, DUE - timedelta(days=1))


def test_a_run_of_another_slot_is_not_the_one_that_was_due() -> None:
    room = ScheduledRoom()
    times = room.schedule(NIGHTLY)
    room.move_to(DUE)
    room.fire(times, DUE - timedelta(days=1))
    room.move_to(LATER)
    told = [(run.state, run.why) for run in room.morning().runs]
    assert told == [(MISSING, ""), (RAN, "its schedule was changed or removed since")]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, DUE_NOW), (59, DUE_NOW), (60, LATE), (659, LATE), (660, MISSING), (86_399, MISSING)],
)
def test_what_did_not_start_is_due_then_late_then_missing(seconds: int, expected: RunState) -> None:
    room = ScheduledRoom()
    room.schedule(NIGHTLY)
    room.move_to(DUE + timedelta(seconds=seconds))
    assert states(room.morning()) == [expected]


def test_a_flexible_window_is_waited_for() -> None:
    room = ScheduledRoom()
    times = room.schedule(NIGHTLY)
    room.outside(replace(times, window=timedelta(minutes=45)), LONG_AGO + timedelta(hours=1))
    room.move_to(DUE + timedelta(minutes=45))
    assert states(room.morning()) == [DUE_NOW]
    room.move_to(DUE + timedelta(minutes=50))
    assert states(room.morning()) == [LATE]
    room.move_to(DUE + timedelta(minutes=56))
    assert states(room.morning()) == [MISSING]


def test_runs_that_run_and_failed_are_told_so() -> None:
    room = ScheduledRoom()
    times = room.schedule("cron(0/30 3 * * ? *)")
    room.fire(times, START, failing="load")
    room.move_to(DUE)
    room.fire(times, DUE)
    morning = room.morning()
    assert states(morning) == [FAILED, RUNNING]
    (cause,) = morning.causes
    assert cause.note is not None
    assert (cause.note.error, cause.note.message, cause.note.place) == ("ValueError", "no such region", "load")


def test_what_is_known_to_have_succeeded_is_not_looked_at_again() -> None:
    room = ScheduledRoom()
    times = room.schedule(NIGHTLY)
    room.move_to(DUE)
    room.fire(times, DUE)
    room.move_to(DUE + timedelta(hours=1))
    assert room.morning().round is not None
    room.seen.calls.clear()
    morning = room.morning()
    assert (states(morning), morning.round, room.seen.calls["pages"]) == ([RAN], None, 0)


def test_a_failed_run_is_looked_at_again_since_somebody_may_have_redriven_it() -> None:
    room = ScheduledRoom()
    times = room.schedule(NIGHTLY)
    room.move_to(DUE)
    arn = room.fire(times, DUE, failing="load")
    room.move_to(DUE + timedelta(hours=1))
    assert states(room.morning()) == [FAILED]
    room.failing = set()
    room.execution.redrive(arn)
    room.clock.sleep(60)
    assert states(room.morning()) == [RAN]


def test_a_machine_is_only_asked_when_something_of_it_was_due() -> None:
    room = ScheduledRoom(PIPELINE, replace(PIPELINE, name="weekly"))
    room.schedule(NIGHTLY)
    room.schedule("cron(0 12 ? * MON *)", pipeline="weekly")
    room.move_to(LATER)
    morning = room.morning()
    assert morning.round is not None
    assert [visit.pipeline for visit in morning.round.visits] == ["daily"]


def test_what_is_switched_off_by_its_file_is_held() -> None:
    room = ScheduledRoom()
    room.schedule(NIGHTLY, is_enabled=False)
    room.move_to(LATER)
    (run,) = room.morning().runs
    assert (run.state, run.why) == (HELD, "switched off by its file")
    assert not room.morning().next_starts


def test_what_somebody_switched_off_in_aws_is_held_and_told() -> None:
    room = ScheduledRoom()
    times = room.schedule(NIGHTLY)
    room.outside(replace(times, is_enabled=False), START - timedelta(minutes=30))
    room.move_to(LATER)
    morning = room.morning()
    (run,) = morning.runs
    assert (run.state, run.why) == (HELD, "switched off in AWS, not by bunsui")
    assert [one.id for one in morning.outside] == ["nightly"]


def test_what_somebody_removed_in_aws_is_held_and_told() -> None:
    room = ScheduledRoom()
    room.schedule(NIGHTLY)
    room.reader.remove("sales--dev--daily", "nightly")
    room.move_to(LATER)
    (run,) = room.morning().runs
    assert (run.state, run.why) == (HELD, "removed in AWS, not by bunsui")


def test_what_was_due_before_a_schedule_was_written_is_not_expected_of_it() -> None:
    room = ScheduledRoom()
    times = room.schedule("cron(0/30 3 * * ? *)")
    room.fire(times, START)
    room.outside(replace(times, expression=NIGHTLY), START + timedelta(minutes=10))
    room.move_to(LATER)
    morning = room.morning()
    assert [(run.at, run.state) for run in morning.runs] == [(START, RAN), (DUE, MISSING)]


def test_without_the_permission_to_list_schedules_they_are_told_as_they_were_applied() -> None:
    room = ScheduledRoom()
    times = room.schedule(NIGHTLY)
    room.outside(replace(times, is_enabled=False), START)
    room.reader.refusal = AccessDenied("denied", "scheduler:ListSchedules is not allowed")
    room.move_to(LATER)
    morning = room.morning()
    assert (morning.is_checked, states(morning)) == (False, [MISSING])


def test_a_run_by_hand_for_the_slot_makes_up_for_what_is_missing() -> None:
    room = ScheduledRoom()
    room.schedule(NIGHTLY, params={"region": "us"})
    room.move_to(LATER)
    start_session(room.context, RunRequest(pipeline="daily", slot=DUE.isoformat()))
    room.clock.sleep(60)
    assert states(room.morning()) == [MISSING], "it was given another region"
    start_session(room.context, RunRequest(pipeline="daily", slot=DUE.isoformat(), params=["region=us"]))
    room.clock.sleep(60)
    (run,) = room.morning().runs
    assert (run.state, run.is_by_hand) == (RAN, True)


def test_what_was_not_reached_is_not_called_missing() -> None:
    room = ScheduledRoom()
    room.schedule(NIGHTLY)
    room.move_to(LATER)
    arn = room.machine.arn

    def refused(machine_arn: str, **_: object) -> object:
        raise Throttled("throttled", "AWS asks to slow down", machine=machine_arn)

    room.seen.pages = refused  # type: ignore[method-assign,assignment]
    (run,) = room.morning().runs
    assert (run.state, run.why) == (UNKNOWN, "AWS asks to slow down")
    assert arn not in room.sessions.watermarks()


def test_a_machine_that_is_not_there_can_have_started_nothing() -> None:
    room = ScheduledRoom(PIPELINE, replace(PIPELINE, name="gone"))
    room.execution._machines.pop(room.context.machine("gone").arn)
    room.schedule(NIGHTLY, pipeline="gone")
    room.move_to(LATER)
    (run,) = room.morning().runs
    assert (run.state, run.why) == (MISSING, "its state machine is not in the account")


def test_a_start_of_one_time_is_expected_once() -> None:
    room = ScheduledRoom()
    room.schedule("at(2026-02-01T03:30:00)")
    room.move_to(LATER + timedelta(hours=30))
    assert [(run.at, run.state) for run in room.morning().runs] == [(DUE, MISSING)]


def test_a_rate_is_reckoned_from_its_starts_and_marked_so() -> None:
    room = ScheduledRoom()
    times = room.schedule("rate(10 minutes)", name="often")
    for minutes in (3, 13, 43):
        room.move_to(START + timedelta(minutes=minutes))
        room.fire(times, room.clock.now())
    room.move_to(START + timedelta(minutes=75))
    morning = room.morning(since=START)
    told = [(round((run.at - START) / timedelta(minutes=1)), run.state, run.is_about) for run in morning.runs]
    assert told == [
        (3, RAN, False),
        (13, RAN, False),
        (23, MISSING, True),
        (33, MISSING, True),
        (43, RAN, False),
        (53, MISSING, True),
        (63, LATE, True),
        (73, DUE_NOW, True),
    ]
    (following,) = morning.next_starts
    assert (following.at, following.is_about) == (START + timedelta(minutes=83), True)


def test_a_rate_of_days_is_reckoned_from_a_start_before_the_page_begins() -> None:
    room = ScheduledRoom()
    times = room.schedule("rate(1 day)", name="daily")
    room.fire(times, START)
    room.move_to(START + timedelta(hours=30))
    since = START + timedelta(hours=6)
    assert [(run.at, run.state) for run in room.morning(since=since).runs] == [(START + timedelta(days=1), MISSING)]


def test_a_machine_that_bunsui_did_not_compile_is_matched_by_time() -> None:
    raw = replace(PIPELINE, name="raw", jobs=(), definition=RawDefinition(path="raw.json", document={}))
    room = ScheduledRoom(PIPELINE, raw)
    room.schedule("cron(0/30 3 * * ? *)", pipeline="raw", name="half")
    room.clock.sleep(20)
    room.execution.start(room.context.machine("raw").alias_arn, name="x", payload={"region": "jp"})
    room.move_to(LATER)
    told = [(run.at, run.state, run.is_about) for run in room.morning().runs]
    assert told == [(START, RAN, True), (DUE, MISSING, False)]


def test_failures_of_one_cause_are_one_group_whatever_numbers_stand_in_them() -> None:
    room = ScheduledRoom(PIPELINE, replace(PIPELINE, name="stock"))
    for name in ("daily", "stock"):
        times = room.schedule("cron(0/30 3 * * ? *)", pipeline=name)
        room.fire(times, START, pipeline=name, failing="load")
    room.move_to(DUE)
    room.fire(times, DUE, pipeline="stock", failing="extract")
    room.clock.sleep(60)
    morning = room.morning()
    assert [len(cause.runs) for cause in morning.causes] == [3]


def test_a_row_that_keeps_no_reason_is_grouped_by_what_its_attempt_says() -> None:
    room = ScheduledRoom()
    times = room.schedule("cron(0/30 3 * * ? *)")
    for at in (START, DUE):
        room.move_to(at)
        room.fire(times, at, failing="load")
        room.clock.sleep(60)
        room.morning()
    for row in room.sessions.find(SessionQuery()):
        if row.created_at < DUE:
            room.sessions.save(replace(row, failure=None))
    (cause,) = room.morning().causes
    assert len(cause.runs) == 2


def test_the_next_start_of_each_schedule_is_told() -> None:
    room = ScheduledRoom()
    room.schedule(NIGHTLY)
    room.schedule("cron(0 12 * * ? *)", name="noon", timezone="UTC")
    found = [(one.schedule, one.at) for one in room.morning().next_starts]
    assert found == [("nightly", DUE), ("noon", datetime(2026, 2, 1, 12, tzinfo=UTC))]


def test_yesterday_evening_is_six_oclock_of_the_projects_zone() -> None:
    now = datetime(2026, 3, 29, 6, 0, tzinfo=UTC)
    assert yesterday_evening(now, "Europe/Berlin") == datetime(2026, 3, 28, 17, 0, tzinfo=UTC)
    assert yesterday_evening(now, "Asia/Tokyo") == datetime(2026, 3, 28, 9, 0, tzinfo=UTC)
    assert yesterday_evening(datetime(2026, 3, 29, 23, 0, tzinfo=UTC), "Asia/Tokyo") == datetime(2026, 3, 29, 9, 0, tzinfo=UTC)


def test_nothing_applied_is_nothing_expected() -> None:
    morning = ScheduledRoom().morning()
    assert (morning.runs, morning.schedules, morning.round) == ((), (), None)


@settings(max_examples=amount(24, 60, 600))
@given(
    st.sampled_from(["Asia/Tokyo", "Europe/Berlin", "America/New_York", "UTC"]),
    st.lists(st.sampled_from(["ran", "failed", "left out", "by hand"]), min_size=8, max_size=8),
    st.integers(-2, 1),
)
def test_every_start_that_was_due_is_told_once_as_what_became_of_it(timezone: str, fates: list[str], days: int) -> None:
    """Eight half hours, each with another fate, over a night."""
    room = ScheduledRoom()
    times = room.schedule("cron(0/30 * * * ? *)", timezone=timezone, told={"slot_offset_days": days})
    dues = [START + timedelta(minutes=30 * number) for number in range(8)]
    for due, fate in zip(dues, fates, strict=True):
        room.move_to(due)
        if fate in ("ran", "failed"):
            room.fire(times, due, failing="load" if fate == "failed" else "")
    room.move_to(dues[-1] + timedelta(minutes=29))
    room.failing = set()
    for run, fate in zip(room.morning(since=START).runs, fates, strict=True):
        if fate == "by hand":
            assert run.slot is not None
            start_session(room.context, RunRequest(pipeline="daily", slot=run.slot.isoformat()))
    room.clock.sleep(30)
    morning = room.morning(since=START)
    expected = {"ran": RAN, "failed": FAILED, "left out": MISSING, "by hand": RAN}
    assert [(run.at, run.state) for run in morning.runs] == [
        (due, expected[fate]) for due, fate in zip(dues, fates, strict=True)
    ]
    assert [run.is_by_hand for run in morning.runs] == [fate == "by hand" for fate in fates]
