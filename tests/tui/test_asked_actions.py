"""Actions that ask for a text first: typed, then the question, then done; given up at each step nothing is."""

from __future__ import annotations

from pathlib import Path

import pytest

from bunsui.services.session_context import SessionContext
from bunsui.tui.screens.ask_text import AskTextScreen
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.sessions import SessionsScreen
from tests.fakes.gated import GatedRoom
from tests.tui.stage import Stage, on_stage, played, press, screen_text

pytestmark = pytest.mark.timeout(60)


@played
async def test_an_approval_is_asked_for_a_note_then_once_more(tmp_path: Path) -> None:
    room, stage = GatedRoom(), Stage(tmp_path)
    room.waiting(rows="7")

    def opened() -> SessionContext:
        stage.openings += 1
        return room.context

    async with on_stage(stage, open_sessions=lambda: opened) as pilot:
        await press(pilot, "1", "a")
        assert isinstance(pilot.app.screen, AskTextScreen)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, SessionsScreen)
        await press(pilot, "a", *"ok", "enter")
        assert isinstance(pilot.app.screen, ConfirmScreen)
        assert "load 7 rows?" in screen_text(pilot.app)
        await press(pilot, "n")
        assert room.open.standings
        await press(pilot, "a", *"ok", "enter", "y")
        assert not room.open.standings
        assert "✓ approved orders" in screen_text(pilot.app)
