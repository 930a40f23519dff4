"""Nobody is awake from 03:00 to 08:00: what goes wrong is told all the same, and once."""

from __future__ import annotations

import pytest

from tests.fakes.watched_night import WatchedNight
from tests.services.alerts_law import check_night


@pytest.mark.parametrize("first", range(0, 30, 6))
def test_no_alert_is_missing_after_a_night_of_faults_and_a_double_needs_a_kill_behind_a_send(first: int) -> None:
    for seed in range(first, first + 6):
        night = WatchedNight(seed)
        night.play()
        check_night(night)
