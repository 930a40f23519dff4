"""The slots of days: exactly those whose business date is one of them, however a schedule shifts them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bunsui.errors import InvalidInput
from bunsui.model.pipeline import Pipeline, Schedule, SlotOffset
from bunsui.sessions.starts.slots_between import MOST_SLOTS, Days, parse_days, slots_between

BERLIN = Pipeline(name="daily", path="daily.yaml", timezone="Europe/Berlin", slot=SlotOffset(days=-1))
NIGHTLY = Schedule(id="nightly", expression="cron(30 0 * * ? *)", timezone="Europe/Berlin")


def told(found: tuple[datetime, ...]) -> list[str]:
    assert all(slot.tzinfo is UTC for slot in found)
    return [slot.strftime("%m-%d %H:%M") for slot in found]


def test_days_are_read_as_one_or_as_the_first_and_the_last() -> None:
    assert parse_days(" 2026-01-31 ") == Days(first=date(2026, 1, 31), last=date(2026, 1, 31))
    assert parse_days("2026-01-31..2026-02-01") == Days(first=date(2026, 1, 31), last=date(2026, 2, 1))
    assert parse_days("2026-01-31..2026-01-31") == parse_days("2026-01-31")


@pytest.mark.parametrize(
    "text", ["", "2026-02-30", "2026-02-01..2026-02-30", "2026-01-31..2026-01-30", "x2026-01-31", "2026-01-31..", "x"]
)
def test_what_are_no_days_is_refused_with_what_was_said(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_days(text)
    assert (refused.value.code, refused.value.facts) == ("bad-days", {"days": text})


def test_without_a_schedule_each_day_has_its_local_midnight() -> None:
    over_the_change = slots_between(BERLIN, parse_days("2026-03-28..2026-03-30"), None)
    assert told(over_the_change) == ["03-27 23:00", "03-28 23:00", "03-29 22:00"]


SPRING = replace(NIGHTLY, expression="cron(30 2 * * ? *)", slot=SlotOffset())
"""At a time that the change of clocks leaves out."""
ALL_ON_TIME = ["01-29 23:30", "01-30 23:30"]


@pytest.mark.parametrize(
    ("schedule", "days", "slots"),
    [
        (NIGHTLY, "2026-01-31", ["01-30 23:30"]),
        (replace(NIGHTLY, slot=SlotOffset()), "2026-01-31", ["01-30 23:30"]),
        (replace(NIGHTLY, slot=SlotOffset(days=-40)), "2026-01-30..2026-01-31", ALL_ON_TIME),
        (replace(NIGHTLY, slot=SlotOffset(days=40)), "2026-01-30..2026-01-31", ALL_ON_TIME),
        (replace(NIGHTLY, slot=SlotOffset(seconds=-40 * 86400)), "2026-01-30..2026-01-31", ALL_ON_TIME),
        (replace(NIGHTLY, slot=SlotOffset(seconds=40 * 86400)), "2026-01-30..2026-01-31", ALL_ON_TIME),
        (replace(NIGHTLY, slot=SlotOffset(seconds=-1800)), "2026-01-31", ["01-30 23:00"]),
        (replace(NIGHTLY, slot=SlotOffset(seconds=-1801)), "2026-01-31", ["01-31 22:59"]),
        (replace(NIGHTLY, timezone="America/New_York", slot=SlotOffset()), "2026-01-31", ["01-31 05:30"]),
        (SPRING, "2026-03-28..2026-03-30", ["03-28 01:30", "03-30 00:30"]),
        (replace(NIGHTLY, expression="rate(1 day)"), "2026-01-31", []),
        (replace(NIGHTLY, expression="at(2026-01-31T12:00:00)", slot=SlotOffset()), "2026-01-31", ["01-31 11:00"]),
        (replace(NIGHTLY, expression="at(2026-01-31T12:00:00)", slot=SlotOffset()), "2026-02-01", []),
    ],
)  # fmt: skip
def test_a_schedules_slots_are_those_of_its_starts_by_its_own_calendar(schedule: Schedule, days: str, slots: list[str]) -> None:
    assert told(slots_between(BERLIN, parse_days(days), schedule)) == slots


def test_every_start_is_found_however_many_there_are() -> None:
    often = replace(NIGHTLY, expression="cron(0/5 * * * ? *)", timezone="UTC", slot=SlotOffset())
    found = slots_between(BERLIN, parse_days("2026-01-01..2026-01-10"), often)
    first = datetime(2026, 1, 1, tzinfo=UTC)
    assert found == tuple(first + timedelta(minutes=5 * number) for number in range(10 * 288))


def test_a_backfill_has_at_most_so_many_slots() -> None:
    first = date(2026, 1, 1)
    days = Days(first=first, last=first + timedelta(days=MOST_SLOTS - 1))
    assert len(slots_between(BERLIN, days, None)) == MOST_SLOTS == 20_000
    with pytest.raises(InvalidInput) as refused:
        slots_between(BERLIN, replace(days, last=days.last + timedelta(days=1)), None)
    assert (refused.value.code, refused.value.facts) == ("too-many-slots", {"pipeline": "daily", "limit": "20000"})
