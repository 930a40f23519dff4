"""Keys that are typed ahead of the screen: a question is answered once, and only what is in front is closed."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from bunsui.tui.screens.command_line import CommandLineScreen
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.session import SessionScreen
from bunsui.tui.screens.sessions import SessionsScreen
from tests.tui.stage import Stage, on_stage, played, press, settled

pytestmark = pytest.mark.timeout(60)


@played
async def test_an_answer_that_is_typed_twice_is_given_once_and_closes_nothing_else(tmp_path: Path) -> None:
    stage, answers = Stage(tmp_path), []
    stage.write("orders")
    stage.session("orders", "failed")
    async with on_stage(stage) as pilot:
        await press(pilot, "enter")
        asked = ConfirmScreen("Sure?", (), yes="do it", on_yes=lambda: answers.append("yes"))
        await pilot.app.push_screen(asked)
        for action in (asked.action_yes, asked.action_yes, asked.action_no):
            action()
        await settled(pilot)
        assert answers == ["yes"]
        assert isinstance(pilot.app.screen, SessionScreen)


@played
async def test_a_line_that_is_sent_and_left_at_once_leaves_the_program_as_it_is(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders")
    async with on_stage(stage) as pilot:
        await press(pilot, "colon")
        typed = pilot.app.screen
        assert isinstance(typed, CommandLineScreen)
        await typed.query_one(Input).action_submit()  # it is told to the screen by a message
        typed.action_leave()
        await settled(pilot)
        assert isinstance(pilot.app.screen, SessionsScreen)
        assert pilot.app.is_running
