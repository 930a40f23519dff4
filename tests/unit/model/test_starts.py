"""When schedules start next."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.starts import next_starts, rate_of, starts_between

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


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(1 minute)", timedelta(minutes=1)),
        ("rate(12 hours)", timedelta(hours=12)),
        ("rate(2 days)", timedelta(days=2)),
        ("cron(0 3 * * ? *)", None),
        ("at(2026-12-24T18:00:00)", None),
    ],
)
def test_only_a_rate_has_an_interval(expression: str, expected: timedelta | None) -> None:
    assert rate_of(expression) == expected


def test_a_start_of_one_time_lies_between_or_not() -> None:
    once = "at(2026-11-24T03:00:00)"
    due = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
    assert list(starts_between(once, "Europe/Berlin", after=MONDAY, until=due)) == [due]
    assert not list(starts_between(once, "Europe/Berlin", after=due, until=due + timedelta(days=1)))


def _listed(low: int, high: int) -> st.SearchStrategy[tuple[str, frozenset[int]]]:
    """Fields whose meaning is written down beside them, not read from their text."""
    values = st.integers(low, high)
    some = st.lists(values, min_size=1, max_size=3, unique=True).map(
        lambda found: (",".join(map(str, found)), frozenset(found))
    )
    spans = (
        st.tuples(values, values).map(sorted).map(lambda ends: (f"{ends[0]}-{ends[1]}", frozenset(range(ends[0], ends[1] + 1))))
    )
    steps = st.tuples(values, st.integers(1, 20)).map(
        lambda told: (f"{told[0]}/{told[1]}", frozenset(range(told[0], high + 1, told[1])))
    )
    return st.one_of(st.just(("*", frozenset(range(low, high + 1)))), some, spans, steps)


def _days() -> st.SearchStrategy[tuple[str, str, str]]:
    """Day of month, day of week, and what the oracle looks at."""
    month = st.one_of(
        st.integers(1, 31).map(lambda day: (str(day), "?", f"day {day}")),
        st.just(("L", "?", "last")),
        st.just(("LW", "?", "last working")),
        st.integers(1, 31).map(lambda day: (f"{day}W", "?", f"working {day}")),
    )
    week = st.one_of(
        st.integers(1, 7).map(lambda day: ("?", str(day), f"weekday {day}")),
        st.integers(1, 7).map(lambda day: ("?", f"{day}L", f"last weekday {day}")),
        st.tuples(st.integers(1, 7), st.integers(1, 5)).map(lambda at: ("?", f"{at[0]}#{at[1]}", f"weekday {at[0]} {at[1]}")),
    )
    return st.one_of(st.just(("*", "?", "any")), month, week)


def _is_on(day: date, told: str) -> bool:
    """Tell by looking at the whole month whether it is that day."""
    month = [date(day.year, day.month, number) for number in range(1, calendar.monthrange(day.year, day.month)[1] + 1)]
    working = [one for one in month if one.weekday() < 5]
    match told.split():
        case ["any"]:
            return True
        case ["day", number]:
            return day.day == int(number)
        case ["last"]:
            return day == month[-1]
        case ["last", "working"]:
            return day == working[-1]
        case ["working", number]:
            if int(number) > len(month):
                return False
            wanted = month[int(number) - 1]
            return day == min(
                working, key=lambda one: (abs((one - wanted).days), one < wanted if wanted.weekday() == 6 else one > wanted)
            )
        case ["weekday", number]:
            return (day.weekday() + 1) % 7 + 1 == int(number)
        case ["last", "weekday", number]:
            return day == [one for one in month if (one.weekday() + 1) % 7 + 1 == int(number)][-1]
        case ["weekday", number, which]:
            found = [one for one in month if (one.weekday() + 1) % 7 + 1 == int(number)]
            return int(which) <= len(found) and day == found[int(which) - 1]
    raise AssertionError(told)


def _minute_by_minute(
    after: datetime, until: datetime, zone: ZoneInfo, minutes: frozenset[int], hours: frozenset[int], day: str
) -> Iterator[datetime]:
    """Look at the clock on the wall in every minute; what it shows a second time starts nothing."""
    shown: set[datetime] = set()
    at = after.replace(second=0, microsecond=0) - timedelta(hours=3)
    while at <= until:
        wall = at.astimezone(zone).replace(tzinfo=None, fold=0)
        if wall.minute in minutes and wall.hour in hours and wall not in shown and _is_on(wall.date(), day):
            shown.add(wall)
            if at > after:
                yield at
        at += timedelta(minutes=1)


_CHANGES = (datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC), datetime(2026, 11, 1, 0, tzinfo=UTC))


@given(
    _listed(0, 59),
    _listed(0, 23),
    _days(),
    st.sampled_from(["UTC", "Asia/Tokyo", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.one_of(
        st.sampled_from(_CHANGES),
        st.integers(1577836800, 2051222400).map(lambda at: datetime.fromtimestamp(at, UTC)),
    ),
    st.integers(1, 40),
)
def test_the_starts_between_two_instants_are_what_a_clock_on_the_wall_shows(
    minute: tuple[str, frozenset[int]],
    hour: tuple[str, frozenset[int]],
    day: tuple[str, str, str],
    timezone: str,
    after: datetime,
    hours: int,
) -> None:
    until = after + timedelta(hours=hours)
    expression = f"cron({minute[0]} {hour[0]} {day[0]} * {day[1]} *)"
    expected = list(_minute_by_minute(after, until, ZoneInfo(timezone), minute[1], hour[1], day[2]))
    assert list(starts_between(expression, timezone, after=after, until=until)) == expected
    following = next_starts(expression, timezone, after=after, count=len(expected) + 1)
    assert list(following[: len(expected)]) == expected
    assert all(at > until for at in following[len(expected) :])
