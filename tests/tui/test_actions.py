"""What can be done with sessions: one or several, from a key or the menu, shown before it is done."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from bunsui.command_line import command_line
from bunsui.model.session import SessionStatus
from bunsui.tui.actions.registry import SESSION_ACTIONS, possible
from bunsui.tui.app import BunsuiApp
from bunsui.tui.screens.acting import ActingScreen
from bunsui.tui.screens.choose import ChooseScreen
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.tui.screens.sessions import SessionsScreen
from tests.tui.stage import Stage, on_stage, played, press, screen_text

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.write("orders")
    stage.write("refunds")
    return stage


def attempts(stage: Stage) -> list[int]:
    return [len(row.attempts) for row in stage.rows.find_prefix("01", limit=10)]


def listed(pilot: Pilot[None]) -> SessionsScreen:
    assert isinstance(pilot.app.screen, SessionsScreen)
    return pilot.app.screen


@played
async def test_a_running_session_is_stopped_after_yes(stage: Stage) -> None:
    session = stage.session("orders", "running")
    async with on_stage(stage) as pilot:
        await press(pilot, "1", "S")
        assert "Stop this session?" in screen_text(pilot.app)
        await press(pilot, "n")
        assert stage.rows.get(session.id).standing is SessionStatus.RUNNING  # type: ignore[union-attr]
        await press(pilot, "S", "y")
        assert stage.rows.get(session.id).standing is SessionStatus.CANCELLED  # type: ignore[union-attr]
        assert "✓ stopped orders" in screen_text(pilot.app)


@played
async def test_marked_sessions_are_resumed_together_and_each_once(stage: Stage) -> None:
    for name in ("orders", "refunds", "orders"):
        stage.session(name, "failed")
    async with on_stage(stage, size=(100, 50)) as pilot:
        await press(pilot, "1", "space", "space", "space")
        assert "3 marked" in screen_text(pilot.app)
        await press(pilot, "R")
        text = screen_text(pilot.app)
        assert "Resume 3 sessions?" in text
        assert text.count("↺ restored") == 3
        await press(pilot, "y")
        assert attempts(stage) == [2, 2, 2]
        assert "✓ resumed 3 sessions" in screen_text(pilot.app)
        assert "marked" not in screen_text(pilot.app)
        assert isinstance(pilot.app, BunsuiApp)
        assert len([told for told in pilot.app.bridge.told if "resumed" in told.text]) == 3


@played
async def test_of_several_what_is_refused_is_left_out_and_said_before(stage: Stage) -> None:
    stage.session("orders", "failed")
    stage.session("refunds", "failed")
    async with on_stage(stage) as pilot:
        await press(pilot, "1", "space", "space")
        stage.write("orders", "version: 1\nname: orders\ndefinition: {file: nowhere.json}\n")
        await press(pilot, "R")
        assert "Resume this session?" in screen_text(pilot.app)
        assert "left as it is" in screen_text(pilot.app)
        await press(pilot, "y")
        assert sorted(attempts(stage)) == [1, 2]


@played
async def test_an_action_that_does_not_fit_all_that_is_marked_is_not_offered(stage: Stage) -> None:
    stage.session("orders", "failed")
    stage.session("refunds", "running")
    async with on_stage(stage) as pilot:
        await press(pilot, "1", "space", "space", "R", "x")
        assert listed(pilot).is_current
        assert "nothing can be done" in screen_text(pilot.app)
        await press(pilot, "escape", "x")
        assert isinstance(pilot.app.screen, ChooseScreen)


@played
async def test_the_menu_offers_what_is_possible_each_with_its_command(stage: Stage) -> None:
    session = stage.session("orders", "failed")
    async with on_stage(stage) as pilot:
        await press(pilot, "1", "x")
        text = screen_text(pilot.app)
        for name in ("resume", "restart", "redrive"):
            assert name in text
        assert "stop " not in text
        assert command_line("resume", session.id) in text
        await press(pilot, "j")
        assert f"resume {session.id} --strategy restart" in screen_text(pilot.app)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, ConfirmScreen)
        assert "Run this session from the start?" in screen_text(pilot.app)
        await press(pilot, "y")
        assert attempts(stage) == [2]


@played
async def test_what_ended_meanwhile_says_why_it_is_not_stopped(stage: Stage) -> None:
    stage.session("orders", "running")
    async with on_stage(stage) as pilot:
        await press(pilot, "1", "S")
        for arn in list(stage.execution._runs):
            stage.execution.stop(arn, reason="somebody else")
        await press(pilot, "y")
        assert isinstance(pilot.app.screen, NoticeScreen)
        assert "already ended" in screen_text(pilot.app)


@played
async def test_read_only_nothing_is_offered_by_key_menu_or_help(stage: Stage) -> None:
    stage.session("orders", "failed")
    async with on_stage(stage, read_only=True) as pilot:
        await press(pilot, "1", "R", "F")
        assert isinstance(pilot.app.screen, SessionsScreen)
        await press(pilot, "x")
        assert "read-only" in screen_text(pilot.app)
        await press(pilot, "question_mark")
        assert "resume…" not in screen_text(pilot.app)
        assert attempts(stage) == [1]


def test_every_action_has_a_name_words_and_at_most_one_key_of_its_own() -> None:
    names = [action.name for action in SESSION_ACTIONS]
    keys = [action.key for action in SESSION_ACTIONS if action.key]
    assert len(set(names)) == len(names)
    assert len(set(keys)) == len(keys)
    assert all("{count}" in action.question_many for action in SESSION_ACTIONS)
    assert possible(()) == ()
    assert issubclass(SessionsScreen, ActingScreen)
