"""Days on which nothing is applied."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.environment.freeze import FreezeWindow, freeze_problem, frozen_at

NEW_YEAR = FreezeWindow(first="12-25", last="01-05", reason="closing")


@pytest.mark.parametrize(
    ("day", "is_frozen"),
    [("2026-12-24", False), ("2026-12-25", True), ("2026-12-31", True), ("2027-01-05", True), ("2027-01-06", False)],
)
def test_a_yearly_window_reaches_over_the_end_of_the_year(day: str, is_frozen: bool) -> None:
    assert NEW_YEAR.holds(date.fromisoformat(day)) is is_frozen


def test_a_window_with_years_holds_once() -> None:
    window = FreezeWindow(first="2026-11-26", last="2026-11-30")
    assert [window.holds(date(year, 11, 27)) for year in (2025, 2026, 2027)] == [False, True, False]


def test_the_day_is_that_of_the_project() -> None:
    late = datetime(2026, 12, 24, 16, 0, tzinfo=UTC)
    assert frozen_at([NEW_YEAR], late, UTC) is None
    assert frozen_at([NEW_YEAR], late, ZoneInfo("Asia/Tokyo")) == NEW_YEAR


@given(st.dates(), st.dates(), st.dates())
def test_a_yearly_window_and_what_lies_outside_of_it_make_up_the_year(first: date, last: date, day: date) -> None:
    """Unless it is the whole year, the days before its first and after its last are outside."""
    window = FreezeWindow(first=f"{first:%m-%d}", last=f"{last:%m-%d}")
    assert window.holds(first)
    assert window.holds(last)
    outside = window.last < f"{day:%m-%d}" < window.first if window.first > window.last else None
    if outside is not None:
        assert window.holds(day) is not outside


@pytest.mark.parametrize(
    ("first", "last", "problem"),
    [
        ("12-25", "01-05", ""),
        ("02-29", "03-01", ""),
        ("02-30", "03-01", "there is no day 02-30"),
        ("2026-12-25", "01-05", "both days need a year, or neither"),
        ("2027-01-05", "2026-12-25", "2027-01-05 comes after 2026-12-25"),
    ],
)
def test_days_that_make_no_window_are_told(first: str, last: str, problem: str) -> None:
    assert freeze_problem(first, last) == problem
