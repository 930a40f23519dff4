"""One job of a session in the terminal UI: opened from the timeline, kept up to date, closed again."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from bunsui.tui.screens.session import SessionScreen
from tests.tui.stage import Stage, on_stage, played, press, until

pytestmark = pytest.mark.timeout(60)


def opened(pilot: Pilot[None]) -> SessionScreen:
    assert isinstance(pilot.app.screen, SessionScreen)
    return pilot.app.screen


def staged(folder: Path) -> Stage:
    stage = Stage(folder)
    stage.write("orders")
    stage.session("orders", "retry-then-success")
    return stage


@played
async def test_enter_opens_the_job_under_the_cursor_with_its_tries(tmp_path: Path) -> None:
    async with on_stage(staged(tmp_path)) as pilot:
        await press(pilot, "1", "enter", "enter")
        await until(pilot, lambda: "try 2" in opened(pilot).job_pane.text)
        assert opened(pilot).has_class("-job")
        assert pilot.app.focused is opened(pilot).job_pane


@played
async def test_escape_goes_back_to_the_jobs_and_then_to_the_list(tmp_path: Path) -> None:
    async with on_stage(staged(tmp_path)) as pilot:
        await press(pilot, "1", "enter", "enter", "escape")
        assert not opened(pilot).has_class("-job")
        assert pilot.app.focused is opened(pilot).jobs_pane
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, SessionScreen)


@played
async def test_the_logs_take_the_place_of_the_job(tmp_path: Path) -> None:
    async with on_stage(staged(tmp_path)) as pilot:
        await press(pilot, "1", "enter", "enter", "l")
        assert opened(pilot).has_class("-logs")
        assert not opened(pilot).has_class("-job")
