from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.durations import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("5m", 300), ("90s", 90), ("1h30m", 5400), ("2d 4h", 187_200), ("-1d", -86_400), ("1w", 604_800), (" 2h ", 7200)],
)
def test_a_duration_is_read_as_seconds(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "m", "5x", "1.5h", "30m1h", "1h1h", "5 m", "--1d", "５m", "1h-5m"])
def test_what_is_not_a_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each text has its own message
        parse_duration(text)


def test_a_duration_without_a_unit_says_how_to_write_it() -> None:
    with pytest.raises(ValueError, match="5 has no unit: write 5s, 5m or 5h"):
        parse_duration("5")


@given(st.integers(min_value=-(10**9), max_value=10**9))
def test_a_formatted_duration_reads_back(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds
