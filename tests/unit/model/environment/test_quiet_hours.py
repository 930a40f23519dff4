"""Quiet hours by the clocks of a zone, also in nights in which they are changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.environment.quiet_hours import QuietHours, read_quiet_hours

NIGHT = QuietHours(begins="22:00", ends="07:00", timezone="Europe/Berlin")
TIMES = st.integers(0, 1439).map(lambda minute: f"{minute // 60:02d}:{minute % 60:02d}")
CHANGES = {
    "Europe/Berlin": ("2026-03-29T01:00", "2026-10-25T01:00"),
    "America/New_York": ("2026-03-08T07:00", "2026-11-01T06:00"),
    "Australia/Lord_Howe": ("2026-04-04T15:00", "2026-10-03T15:30"),
    "Asia/Tokyo": ("2026-01-01T00:00",),
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "released"),
    [
        ("2026-01-10T20:59", "2026-01-10T20:59"),
        ("2026-01-10T21:00", "2026-01-11T06:00"),
        ("2026-01-11T05:59", "2026-01-11T06:00"),
        ("2026-01-11T06:00", "2026-01-11T06:00"),
        ("2026-03-28T21:00", "2026-03-29T05:00"),  # a night of eight hours
        ("2026-10-24T20:00", "2026-10-25T06:00"),  # one of ten
    ],
)
def test_they_end_at_that_time_of_the_day_however_long_the_night_is(moment: str, released: str) -> None:
    assert NIGHT.release(at(moment)) == at(released)


def test_times_that_a_change_of_the_clocks_skips_or_repeats() -> None:
    skipped = QuietHours(begins="22:00", ends="02:30", timezone="Europe/Berlin")
    assert skipped.release(at("2026-03-29T00:30")) == at("2026-03-29T01:00")  # there is no 02:30: at 03:00
    assert skipped.release(at("2026-10-25T00:10")) == at("2026-10-25T00:30")  # the first of two
    within = QuietHours(begins="02:30", ends="03:00", timezone="Europe/Berlin")
    assert within.release(at("2026-10-25T00:40")) == at("2026-10-25T01:00")  # the clocks go back to 02:00


@given(TIMES, TIMES, st.data())
def test_nothing_waits_longer_than_the_clocks_show_quiet_hours(begins: str, ends: str, data: st.DataObject) -> None:
    if begins == ends:
        return
    zone = data.draw(st.sampled_from(sorted(CHANGES)))
    moment = at(data.draw(st.sampled_from(CHANGES[zone]))) + timedelta(minutes=data.draw(st.integers(-1500, 1500)))
    quiet = QuietHours(begins=begins, ends=ends, timezone=zone)
    released = quiet.release(moment)
    assert not quiet.hold(released)
    assert moment <= released <= moment + timedelta(hours=25)
    if released == moment:
        return
    assert quiet.hold(released - timedelta(minutes=1))
    shown, before = (one.astimezone(ZoneInfo(zone)) for one in (released, released - timedelta(minutes=1)))
    assert shown.strftime("%H:%M") == ends or shown.utcoffset() != before.utcoffset()


def test_an_entry_comes_back_as_it_was_written() -> None:
    entry = {"from": "22:00", "to": "07:00", "timezone": "Asia/Tokyo", "except": ["failed"]}
    quiet = read_quiet_hours(entry, "UTC")
    assert quiet is not None
    assert quiet.entry() == entry
    assert read_quiet_hours({"from": "22:00", "to": "07:00"}, "Asia/Tokyo") == QuietHours(
        begins="22:00", ends="07:00", timezone="Asia/Tokyo"
    )
    assert read_quiet_hours({"from": "22:00"}, "UTC") is read_quiet_hours(None, "UTC") is None
