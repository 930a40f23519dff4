"""Whatever is pressed, on an AWS that answers late and throttles: nothing breaks, lies or waits for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.amount import ALL, NIGHTLY, amount
from tests.tui.stage import Stage, on_stage, played, press
from tests.tui.walks import Walk, walked

pytestmark = pytest.mark.timeout(amount(120, 1800, 20_000))

SECONDS = 0.4 if ALL else 0.02
"""How late AWS answers; one call in five is throttled."""
LONGEST_TURN = 0.5
"""Seconds of the processor that no turn of the loop may take: a stall; on a shared machine a turn takes thrice its time."""
EVERY_SCREEN = (
    *("SessionsScreen", "PipelinesScreen", "PlanScreen", "BuilderScreen", "NoticeScreen", "ChooseScreen", "ConfirmScreen"),
    *("CommandLineScreen", "StartFormScreen", "EnterValueScreen"),
    *(f"SessionScreen {tab}" for tab in ("graph", "timeline", "events", "io", "logs", "recovery")),
)


@pytest.fixture(autouse=True)
def _quick_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "true")


def test_on_walks_with_random_keys_nothing_breaks_waits_for_ever_or_changes_what_is_read_only(tmp_path: Path) -> None:
    seen: set[str] = set()
    for seed in range(amount(2, 40, 1000)):
        walk = Walk(tmp_path / f"{seed}", seed, SECONDS, keys=amount(30, 60, 60))
        assert walked(walk) == []
        assert walk.longest_turn <= LONGEST_TURN, walk.pressed
        seen |= walk.seen
    if NIGHTLY:
        assert [name for name in EVERY_SCREEN if not any(one.startswith(name) for one in seen)] == []


def test_the_smallest_terminals_crash_nothing(tmp_path: Path) -> None:
    @played
    async def go() -> None:
        stage = Stage(tmp_path)
        stage.write("orders")
        stage.session("orders", "failed")
        async with on_stage(stage, size=(80, 24)) as pilot:
            for size in ((40, 8), (1, 1), (2, 2), (10, 3), (44, 10), (300, 100), (80, 24)):
                await pilot.resize_terminal(*size)
                await press(pilot, "3", "j", "l", "1", "enter", "l", "escape", "escape")
                assert pilot.app.is_running

    go()
