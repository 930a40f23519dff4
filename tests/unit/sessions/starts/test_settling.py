"""A start right after an apply waits until AWS runs what was applied."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bunsui.sessions.starts.settling import SPREADING, SettledStarts
from bunsui.testkit.clock import ManualClock

NOW = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)


def waited(at: datetime | None) -> tuple[float, list[str]]:
    clock, told = ManualClock(NOW), list[str]()
    SettledStarts(written=lambda pipeline: at if pipeline == "etl" else None, notice=told.append).wait("etl", clock)
    return (clock.now() - NOW).total_seconds(), told


@pytest.mark.parametrize("seconds", [0, 4, 14.5])
def test_a_start_waits_out_what_is_left_and_says_so(seconds: float) -> None:
    took, told = waited(NOW - timedelta(seconds=seconds))
    assert took == pytest.approx(SPREADING.total_seconds() - seconds)
    [line] = told
    assert line.startswith(f"etl was applied {int(seconds)} s ago: ")


@pytest.mark.parametrize("at", [None, NOW - SPREADING, NOW - timedelta(days=1), NOW + timedelta(seconds=3)])
def test_what_was_written_long_ago_or_by_a_clock_that_is_ahead_is_not_waited_for(at: datetime | None) -> None:
    assert waited(at) == (0, [])


def test_a_backfill_of_a_pipeline_waits_once() -> None:
    clock, told, asked = ManualClock(NOW), list[str](), list[str]()

    def written(pipeline: str) -> datetime:
        asked.append(pipeline)
        return NOW

    starts = SettledStarts(written=written, notice=told.append)
    for pipeline in ("etl", "etl", "other", "etl"):
        starts.wait(pipeline, clock)
    assert asked == ["etl", "other"]
    assert len(told) == 1, "after the first wait the other one was written long enough ago"
