"""Asked to stop at any call: once, the lock is free when it ends; twice, it ends at once; one more apply converges."""

from __future__ import annotations

import time

import pytest

from bunsui.apply.stop import Stop
from bunsui.errors import Interrupted
from bunsui.testkit.ledger import MemoryLedger
from tests.faults.amount import some
from tests.faults.conftest import Figure
from tests.faults.worlds import AFTER, a_world, converges, created_twice, finished, number_of_calls

LAW = "11 asked to stop at every call"


class Ticking:
    """Seconds that pass by one whenever somebody looks, so that no two requests count once."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        self.seconds += 1.0
        return self.seconds


@pytest.mark.parametrize("times", [1, 2])
def test_asked_to_stop_at_any_call(figure: Figure, times: int) -> None:
    calls = number_of_calls()
    points = some(range(calls), every=23)
    slowest = 0.0
    for point in points:
        world = a_world()
        plan = world.plan(AFTER)
        stop = Stop(Ticking())

        def press(number: int, point: int = point, stop: Stop = stop) -> None:
            if number == point:
                for _ in range(times):
                    stop.request()

        world.live(on_call=press)
        begun = time.monotonic()
        try:
            interrupted = finished(world.apply(plan, stop=stop, threads=1)).interrupted
        except Interrupted:
            interrupted = True
        slowest = max(slowest, time.monotonic() - begun)
        assert interrupted or point > calls - 9, point  # the last change runs, so nothing is left to skip
        record = MemoryLedger(world.state).read()
        if times == 1:
            assert record is None or not record.held, point
            assert not MemoryLedger(world.state).pending(), point
        time.sleep(0.005)  # a thread that was left behind finishes its call
        world.clock.sleep(120)
        converges(world)
        assert not created_twice(world), point
    assert slowest <= 1.0 if times == 2 else 7.0
    how = "once: the lock free and nothing pending" if times == 1 else "twice: ended at once"
    figure(LAW, f"{how}, at {len(points)} of {calls} points, one more apply converged")
