"""Whatever is pressed, on an AWS that answers late and throttles: nothing breaks, lies or waits for ever."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bunsui.performance import collect_in_small_steps
from tests.faults.amount import ALL, NIGHTLY, amount
from tests.tui.stage import Stage, on_stage, played, press
from tests.tui.walks import Outing, Tally

pytestmark = pytest.mark.timeout(amount(120, 1800, 20_000))

SECONDS = 0.4 if ALL else 0.02
"""How late AWS answers; one call in five is throttled."""
LONGEST_TURN = 0.1
"""Seconds of the processor that the loop's thread takes in a turn at most: longer is a stall."""
OUTING = 4
"""Walks in one started program."""
EVERY_SCREEN = (
    *("SessionsScreen", "PipelinesScreen", "PlanScreen", "BuilderScreen", "NoticeScreen", "ChooseScreen", "ConfirmScreen"),
    *("CommandLineScreen", "SteadyPalette", "StartFormScreen", "EnterValueScreen"),
    *(f"SessionScreen {tab}" for tab in ("graph", "timeline", "events", "io", "logs", "recovery")),
)


@pytest.fixture(autouse=True)
def _quick_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "true")


@pytest.fixture(autouse=True)
def _small_collections() -> Iterator[None]:
    """Collect as `bunsui tui` does: all that other tests left would be looked through in one turn."""
    before = gc.get_threshold()
    collect_in_small_steps()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_on_walks_with_random_keys_nothing_breaks_waits_for_ever_or_changes_what_is_read_only(tmp_path: Path) -> None:
    seen: Counter[str] = Counter()
    for seed in range(amount(1, 10, 250)):
        tally = Tally()
        outing = Outing(tmp_path / f"{seed}", seed, SECONDS, walks=OUTING, steps=amount(15, 40, 40), tally=tally)
        assert outing.go() == []
        assert tally.longest is not None
        assert tally.longest.cpu <= LONGEST_TURN, tally.longest
        seen += tally.seen
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
