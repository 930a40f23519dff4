"""How the screens look, as SVG: `pytest tests/tui/test_snapshots.py --snapshot-update` after a wanted change."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from bunsui.tui.app import BunsuiApp
from tests.tui.stage import Stage, press, screen_text, until

pytestmark = pytest.mark.timeout(60)

Compare = Callable[..., bool]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    for name in ("ledger", "orders", "refunds"):
        stage.write(name)
    stage.apply()
    stage.session("orders", "sequence")
    stage.session("ledger", "failed")
    (tmp_path / "pipelines" / "ledger.yaml").unlink()
    stage.write("orders", seconds=30)
    stage.write("weather")
    return stage


def after(*keys: str) -> Callable[[Pilot[Any]], Any]:
    async def run(pilot: Pilot[Any]) -> None:
        await press(pilot)
        if keys:
            await press(pilot, *keys)
        # More of what is under the cursor is asked for once the cursor stays there.
        await until(pilot, lambda: re.search(r"\breading .*…", screen_text(pilot.app)) is None)

    return run


LOOKS: dict[str, tuple[tuple[str, ...], tuple[int, int]]] = {
    "plan": (("3",), (100, 30)),
    "plan-resource": (("3", "G", "k", "h", "k"), (100, 30)),
    "plan-narrow": (("3",), (70, 24)),
    "confirm": (("3", "a"), (100, 30)),
    "sessions": (("1",), (100, 30)),
    "sessions-small": (("1",), (80, 24)),
    "sessions-wide": (("1",), (160, 48)),
    "pipelines": (("2",), (120, 36)),
    "pipelines-small": (("2", "j", "j"), (80, 24)),
    "session-failed": (("1", "enter"), (100, 30)),
    "session-wide": (("1", "enter"), (160, 48)),
    "session-io": (("1", "enter", "enter"), (80, 24)),
    "session-recovery": (("1", "enter", "left_square_bracket", "left_square_bracket"), (120, 36)),
    "session-help": (("1", "enter", "question_mark"), (80, 24)),
    "builder": (("4", "j"), (120, 36)),
    "help": (("3", "question_mark"), (100, 40)),
    "light": (("3", "T"), (100, 30)),
}
"""Name of the picture -> the keys that lead to the screen, and the terminal's width and height."""


@pytest.mark.parametrize("name", LOOKS)
def test_a_screen_looks_as_it_did(snap_compare: Compare, stage: Stage, name: str) -> None:
    keys, size = LOOKS[name]
    assert snap_compare(BunsuiApp(stage.bridge()), run_before=after(*keys), terminal_size=size), name


def test_a_screen_without_colours_looks_as_it_did(snap_compare: Compare, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert snap_compare(BunsuiApp(stage.bridge()), run_before=after("3"), terminal_size=(100, 30))
