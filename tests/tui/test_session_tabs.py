"""The tabs of a session: what the cursor among the jobs chooses, what each shows, how one goes on from it."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.tui.screens.session import SessionScreen
from bunsui.tui.screens.session_tabs import TABS
from tests.tui.stage import Stage, on_stage, played, press, screen_text, until

pytestmark = pytest.mark.timeout(60)


def opened(pilot: Pilot[None]) -> SessionScreen:
    assert isinstance(pilot.app.screen, SessionScreen)
    return pilot.app.screen


def staged(folder: Path, history: str = "failed") -> Stage:
    stage = Stage(folder)
    stage.write("orders")
    stage.session("orders", history)
    return stage


@played
async def test_the_cursor_among_the_jobs_chooses_what_the_other_tabs_are_about(tmp_path: Path) -> None:
    async with on_stage(staged(tmp_path, "retry-then-success")) as pilot:
        await press(pilot, "1", "enter", "enter")
        await until(pilot, lambda: "try 2" in opened(pilot).io_pane.text)
        assert opened(pilot).tab == "io"
        await press(pilot, "right_curly_bracket")
        await until(pilot, lambda: "try 2" not in opened(pilot).io_pane.text)
        await press(pilot, "escape")
        assert opened(pilot).tab == "timeline"
        assert pilot.app.focused is opened(pilot).jobs_pane
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, SessionScreen)


@played
async def test_every_tab_is_reached_by_key_and_by_mouse_and_holds_something(tmp_path: Path) -> None:
    async with on_stage(staged(tmp_path), size=(120, 36)) as pilot:
        await press(pilot, "1", "enter")
        seen = {}
        for _ in TABS:
            seen[opened(pilot).tab] = screen_text(pilot.app)
            await press(pilot, "right_square_bracket")
        assert sorted(seen) == sorted(TABS)
        assert opened(pilot).tab == "timeline"
        assert "TaskFailed" in seen["events"]
        assert "restart-from load" in seen["recovery"]
        await pilot.click("#tabs", offset=(seen["events"].splitlines()[4].index("logs") + 1, 0))
        await press(pilot)
        assert opened(pilot).tab == "logs"
        await press(pilot, "tab")
        assert opened(pilot).tab == "recovery"


@played
async def test_a_session_that_was_not_read_yet_is_left_from_every_tab(tmp_path: Path) -> None:
    async with on_stage(staged(tmp_path)) as pilot:
        for name in TABS:
            await press(pilot, "1", "enter")
            screen = opened(pilot)
            screen.tab_bar.choose(name)
            screen._latest = None
            await press(pilot, "escape")
            assert pilot.app.screen is not screen, name


@played
async def test_events_are_those_of_the_chosen_job_or_all_and_enter_shows_one_whole(tmp_path: Path) -> None:
    async with on_stage(staged(tmp_path), size=(120, 36)) as pilot:
        await press(pilot, "1", "enter", "right_square_bracket")
        every = opened(pilot).events_pane.shown
        await press(pilot, "o")
        assert 0 < opened(pilot).events_pane.shown < every
        await press(pilot, "slash", *"taskfailed", "enter")
        assert opened(pilot).events_pane.shown == 1
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, NoticeScreen)
        assert "no region xx" in screen_text(pilot.app)


@played
async def test_a_way_to_go_on_asks_and_is_gone_in_or_says_why_not(tmp_path: Path) -> None:
    stage = staged(tmp_path)
    async with on_stage(stage, size=(120, 36)) as pilot:
        await press(pilot, "1", "enter", "left_square_bracket", "left_square_bracket")
        assert opened(pilot).tab == "recovery"
        await press(pilot, "j", "j", "j", "enter")
        assert isinstance(pilot.app.screen, ConfirmScreen)
        assert "again from load" in screen_text(pilot.app)
        await press(pilot, "y")
        assert len(stage.rows.find_prefix("01")[0].attempts) == 2
        await press(pilot, "less_than_sign")
        assert "‹1 of 2›" in screen_text(pilot.app)
        await press(pilot, "c")
        assert "failed → " in screen_text(pilot.app)
