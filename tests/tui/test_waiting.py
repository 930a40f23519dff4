"""An apply that waits for the lock shows who holds it, whether he lives, and what can be done."""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path

import pytest

from bunsui.apply.lease import LeaseTerms, Request, take
from bunsui.ports.ledger import Actor
from bunsui.testkit.clock import ManualClock
from bunsui.testkit.ledger import MemoryLedger
from tests.tui.stage import START, Stage, on_plan, played, press, screen_text, until

pytestmark = pytest.mark.timeout(60)
HOLDER = Actor(who="arn:aws:iam::111111111111:user/mika", host="runner-7", link="https://ci.example/runs/41")


class HeldClock(ManualClock):
    """Lets nobody wait on until it is told to."""

    def __init__(self, now: datetime) -> None:
        super().__init__(now)
        self.goes_on = threading.Event()

    def sleep(self, seconds: float) -> None:
        self.goes_on.wait(10)
        super().sleep(seconds)


@played
async def test_the_holder_his_link_and_the_way_out_are_shown_and_the_apply_goes_on(tmp_path: Path) -> None:
    clock = HeldClock(START)
    stage = Stage(tmp_path, clock=clock)
    stage.write("orders")
    stage.state.ensure()
    take(MemoryLedger(stage.state), ManualClock(START), Request(operation="destroy", actor=HOLDER, terms=LeaseTerms()))
    record = MemoryLedger(stage.state).read()
    assert record is not None
    async with on_plan(stage, size=(140, 40)) as pilot:
        await pilot.press("a")
        await pilot.press("y")
        await until(pilot, lambda: "Somebody else works" in screen_text(pilot.app))
        text = screen_text(pilot.app)
        for told in ("destroy", "user/mika", "runner-7", "https://ci.example/runs/41", f"bunsui unlock {record.id}", "q stops"):
            assert told in text
        assert "waiting for the lock" in text
        clock.goes_on.set()
        await press(pilot)
        assert "Applied 3 changes" in screen_text(pilot.app)
