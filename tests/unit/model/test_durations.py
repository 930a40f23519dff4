from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bunsui.model.durations import BYTES, format_duration, parse_duration, parse_size


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


@pytest.mark.parametrize(
    ("text", "size"), [("512 MiB", 536_870_912), ("1.5GB", 1_500_000_000), ("200 B", 200), ("0.5 KiB", 512), ("1kB", 1000)]
)
def test_a_size_is_read_as_bytes(text: str, size: int) -> None:
    assert parse_size(text) == size


def test_a_size_with_the_wrong_case_says_the_right_one() -> None:
    with pytest.raises(ValueError, match="mib is not a unit of size: write MiB"):
        parse_size("512 mib")


@pytest.mark.parametrize("text", ["512", "0.3 B", "-1 MiB", "1 XB", "MiB", ""])
def test_what_is_not_a_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each text has its own message
        parse_size(text)


@given(st.integers(min_value=0, max_value=10**9), st.sampled_from(sorted(BYTES)))
def test_a_whole_size_is_count_times_unit(count: int, unit: str) -> None:
    assert parse_size(f"{count} {unit}") == count * BYTES[unit]
