"""A project without its files on the screen: its sessions, which may be resumed, and no plan."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from bunsui.services.session_context import open_context
from bunsui.tui.app import BunsuiApp
from bunsui.tui.bridge import Bridge
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.session import SessionScreen
from bunsui.tui.screens.sessions import SessionsScreen
from tests.tui.stage import Stage, busy, played, press, screen_text, until

pytestmark = pytest.mark.timeout(60)


@pytest.mark.parametrize("read_only", [False, True])
def test_sessions_are_shown_and_resumed_where_nothing_can_be_planned(tmp_path: Path, read_only: bool) -> None:
    @played
    async def look() -> None:
        stage = Stage(tmp_path)
        stage.write("orders")
        stage.session("orders", "failed")
        opened = partial(open_context, *stage.sessions())
        app = BunsuiApp(Bridge(open_sessions=lambda: opened, now=stage.clock.now, read_only=read_only))
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "orders" in screen_text(app) and not busy(app))
            assert isinstance(app.screen, SessionsScreen)
            assert "sales  dev" in screen_text(app).splitlines()[0]
            assert ("read-only" in screen_text(app)) is read_only
            await press(pilot, "1", "enter")
            assert isinstance(app.screen, SessionScreen)
            assert ("R resume" in screen_text(app)) is not read_only
            await press(pilot, "R")
            assert isinstance(app.screen, ConfirmScreen) is not read_only

    look()
