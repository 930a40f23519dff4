"""How urgently an apply was asked to stop: two requests at once are one, and what comes too soon after one does not count."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bunsui.apply.stop import Stop, Stopping


@given(st.lists(st.integers(0, 5), max_size=8))
def test_requests_half_a_second_apart_count_and_the_second_that_counts_is_urgent(quarters: list[int]) -> None:
    now = 0.0
    stop = Stop(lambda: now)
    counted: list[float] = []
    assert stop.urgency is Stopping.NO
    for pause in quarters:
        now += pause / 4
        stop.request()
        if not counted or now - counted[-1] >= 0.5:
            counted.append(now)
        assert stop.urgency is [Stopping.NO, Stopping.AFTER_RUNNING, Stopping.AT_ONCE][min(len(counted), 2)]
