"""The palette, where keys are faster than its list."""

from __future__ import annotations

from pathlib import Path

from textual.command import CommandList
from textual.widgets.option_list import Option

from bunsui.tui.palette import SteadyPalette
from tests.tui.stage import Stage, on_stage, played, press


def test_a_page_key_before_the_list_is_laid_out_breaks_nothing(tmp_path: Path) -> None:
    @played
    async def go() -> None:
        stage = Stage(tmp_path)
        stage.write("orders")
        async with on_stage(stage) as pilot:
            await press(pilot, "ctrl+p")
            palette = pilot.app.screen
            assert isinstance(palette, SteadyPalette)
            commands = palette.query_one(CommandList)
            commands.clear_options()
            commands.add_options([Option("one"), Option("two")])
            commands.highlighted = 0
            for key in ("page_up", "page_down"):
                palette._action_command_list(key)
            await press(pilot, "escape")
            assert pilot.app.is_running

    go()
