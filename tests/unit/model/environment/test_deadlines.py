"""By when a run is to have ended, over changes of the clock too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.environment.deadlines import deadline_after

BERLIN = "Europe/Berlin"


@pytest.mark.parametrize(
    ("text", "due", "deadline"),
    [
        ("06:00", "2026-03-28T02:00:00+00:00", "2026-03-28T05:00:00+00:00"),
        ("06:00", "2026-03-29T02:00:00+00:00", "2026-03-29T04:00:00+00:00"),  # the clock went forward at 01:00 UTC
        ("06:00", "2026-10-25T02:00:00+00:00", "2026-10-25T05:00:00+00:00"),  # and back
        ("02:30", "2026-03-29T00:00:00+00:00", "2026-03-29T01:30:00+00:00"),  # there is no 02:30: as if nobody had changed it
        ("02:30", "2026-10-24T23:00:00+00:00", "2026-10-25T00:30:00+00:00"),  # there are two: the first
        ("03:00", "2026-06-01T01:00:00+00:00", "2026-06-02T01:00:00+00:00"),  # due at that very time: the next day's
        ("02:00", "2026-06-01T20:00:00+00:00", "2026-06-02T00:00:00+00:00"),  # behind midnight
        ("90m", "2026-03-29T00:30:00+00:00", "2026-03-29T02:00:00+00:00"),  # time that passes
    ],
)
def test_a_deadline_is_the_next_such_time_in_the_zone(text: str, due: str, deadline: str) -> None:
    assert deadline_after(text, datetime.fromisoformat(due), BERLIN) == datetime.fromisoformat(deadline)


@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the bounds are naive
    st.integers(0, 23),
    st.sampled_from([BERLIN, "Asia/Tokyo", "America/St_Johns", "Pacific/Apia", "Africa/Casablanca"]),
)
def test_it_comes_behind_the_start_and_within_a_day_and_a_change_of_the_clock(due: datetime, hour: int, zone: str) -> None:
    deadline = deadline_after(f"{hour:02d}:00", due, zone)
    assert due < deadline <= due + timedelta(hours=26)
    assert deadline.astimezone(ZoneInfo(zone)).hour in (hour, hour + 1)  # one later where the clock skips it


def test_what_is_no_deadline_is_refused() -> None:
    with pytest.raises(ValueError, match=r"soon"):
        deadline_after("soon", datetime(2026, 1, 1, tzinfo=UTC), BERLIN)
