from __future__ import annotations

import random
from pathlib import Path

import pytest

from bunsui.tui.app import BunsuiApp
from tests.tui.stage import Stage, on_stage, played, press

pytestmark = pytest.mark.timeout(120)

KEYS = (
    *"1234?/hjklgGruadspyRTln0[:",
    *("escape", "enter", "tab", "shift+tab", "up", "down", "left", "right", "pageup", "pagedown", "home", "end", "space"),
    *("ctrl+d", "ctrl+u", "backspace", "f1", "ctrl+r"),
)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3, 4))])
def test_three_hundred_random_keys_crash_nothing_and_change_nothing_read_only(tmp_path: Path, seed: int) -> None:
    @played
    async def go() -> None:
        stage = Stage(tmp_path)
        stage.write("orders")
        stage.write("refunds")
        stage.session("orders", "failed")
        stage.session("refunds", "sequence")
        attempts = [len(row.attempts) for row in stage.rows.find_prefix("01")]
        chosen = random.Random(seed)
        async with on_stage(stage, size=(chosen.choice((60, 80, 120)), 24), read_only=True) as pilot:
            for _ in range(30):
                await pilot.press(*chosen.choices(KEYS, k=10))
                assert pilot.app.is_running
            await press(pilot)
            assert isinstance(pilot.app, BunsuiApp)
        assert not stage.account.objects
        assert [len(row.attempts) for row in stage.rows.find_prefix("01")] == attempts

    go()


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
