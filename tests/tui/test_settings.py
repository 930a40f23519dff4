"""What a user chose holds: keys, theme, signs; and what is typed after `:` is done, or refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from bunsui.folders.tui_settings import GlyphChoice, TuiSettings
from bunsui.tui.app import BunsuiApp
from bunsui.tui.keymap import binding_keys
from bunsui.tui.screens.session import SessionScreen
from bunsui.tui.screens.sessions import SessionsScreen
from bunsui.tui.signs import is_unicode
from bunsui.tui.typed_commands import typed_commands
from tests.tui.stage import Stage, on_stage, played, press, screen_text

pytestmark = pytest.mark.timeout(60)


def staged(root: Path) -> Stage:
    stage = Stage(root)
    stage.write("orders")
    stage.session("orders", "failed")
    return stage


@played
async def test_keys_and_theme_are_those_that_were_chosen_and_a_new_theme_is_kept(tmp_path: Path) -> None:
    stage = staged(tmp_path)
    kept = stage.kept_themes
    chosen = TuiSettings(theme="bunsui-light", keys={"app.theme": "f4", "screen.pause": "ctrl+t"})
    async with on_stage(stage, settings=chosen, size=(100, 60)) as pilot:
        app = pilot.app
        assert app.theme == "bunsui-light"
        await press(pilot, "T")
        assert kept == []
        await press(pilot, "f4")
        assert (app.theme, kept) == ("bunsui-dark", ["bunsui-dark"])
        await press(pilot, "question_mark")
        told = screen_text(app)
        assert "f4" in told
        assert "ctrl+t" in told


@played
async def test_a_terminal_without_unicode_gets_signs_that_it_has(tmp_path: Path) -> None:
    async with on_stage(staged(tmp_path), settings=TuiSettings(glyphs=GlyphChoice.ASCII)) as pilot:
        app = pilot.app
        await press(pilot, "r")
        assert "orders" in screen_text(app)
        assert screen_text(app).isascii()


@played
async def test_what_is_typed_after_a_colon_is_done_or_refused(tmp_path: Path) -> None:
    async with on_stage(staged(tmp_path)) as pilot:
        app = pilot.app
        assert isinstance(app, BunsuiApp)

        async def typed(text: str) -> None:
            await press(pilot, "colon")
            app.screen.query_one(Input).value = text
            await press(pilot, "enter")

        assert {"sessions", "plan", "help", "sessions pipeline:orders", "resume"} <= {one.text for one in typed_commands(app)}
        session = next(one.text for one in typed_commands(app) if one.text.startswith("session "))
        await typed("sessoins")
        assert "did you mean sessions?" in screen_text(app)
        await typed("sessions status:running")
        assert isinstance(app.screen, SessionsScreen)
        assert app.screen.filter.value == "status:running"
        await typed(session)
        assert isinstance(app.screen, SessionScreen)
        await typed("stop")
        assert "stop cannot be done" in screen_text(app)


def test_each_binding_can_be_named() -> None:
    names = binding_keys()
    assert {"session.resume", "app.theme", "screen.refresh"} <= set(names)


@pytest.mark.parametrize(("encoding", "has_signs"), [("utf-8", True), ("ascii", False), ("latin-1", False), ("", False)])
def test_an_encoding_has_our_signs_or_not(encoding: str, *, has_signs: bool) -> None:
    assert is_unicode(encoding) is has_signs
