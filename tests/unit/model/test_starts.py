"""When schedules start next."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.starts import next_starts

MONDAY = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)


def starts(expression: str, timezone: str = "UTC", count: int = 1, after: datetime = MONDAY) -> list[str]:
    return [at.strftime("%Y-%m-%d %H:%M") for at in next_starts(expression, timezone, after=after, count=count)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("cron(0 3 * * ? *)", ["2026-11-24 03:00", "2026-11-25 03:00"]),
        ("cron(0/20 16 * * ? *)", ["2026-11-23 16:20", "2026-11-23 16:40"]),
        ("cron(0 9 ? * MON-FRI *)", ["2026-11-24 09:00", "2026-11-25 09:00"]),
        ("cron(0 9 ? * FRI-MON *)", ["2026-11-27 09:00", "2026-11-28 09:00"]),
        ("cron(0 0 L * ? *)", ["2026-11-30 00:00", "2026-12-31 00:00"]),
        ("cron(0 0 1W * ? *)", ["2026-12-01 00:00", "2027-01-01 00:00"]),
        ("cron(0 0 ? * 2#1 *)", ["2026-12-07 00:00", "2027-01-04 00:00"]),
        ("cron(0 0 ? * 6L *)", ["2026-11-27 00:00", "2026-12-25 00:00"]),
        ("cron(0 0 29 FEB ? *)", ["2028-02-29 00:00"]),
        ("cron(0 0 1 1 ? 2020)", []),
        ("at(2026-12-24T18:00:00)", ["2026-12-24 18:00"]),
        ("at(2020-12-24T18:00:00)", []),
        ("rate(1 hour)", []),
    ],
)
def test_the_next_starts_are_those_of_the_expression(expression: str, expected: list[str]) -> None:
    assert starts(expression, count=2)[: len(expected) or 2] == expected


def test_times_are_of_the_schedules_zone() -> None:
    assert starts("cron(0 3 * * ? *)", "Asia/Tokyo") == ["2026-11-23 18:00"]


def test_a_time_that_daylight_saving_skips_is_not_made_up_for() -> None:
    before = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert starts("cron(30 2 * * ? *)", "Europe/Berlin", after=before) == ["2026-03-30 00:30"]


def test_a_time_that_daylight_saving_repeats_fires_once() -> None:
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert starts("cron(30 2 * * ? *)", "Europe/Berlin", after=before, count=2) == ["2026-10-25 00:30", "2026-10-26 01:30"]


@given(
    st.integers(946684800, 4102444800).map(lambda at: datetime.fromtimestamp(at, UTC)), st.integers(0, 23), st.integers(0, 59)
)
def test_a_daily_start_is_never_more_than_a_day_away(instant: datetime, hour: int, minute: int) -> None:
    (at,) = next_starts(f"cron({minute} {hour} * * ? *)", "UTC", after=instant)
    assert 0 < (at - instant).total_seconds() <= 86400
    assert (at.hour, at.minute, at.second) == (hour, minute, 0)
