"""The palette, where keys are faster than its list."""

from __future__ import annotations

from pathlib import Path

from textual.command import CommandList
from textual.widgets.option_list import Option

from bunsui.tui.palette import SteadyPalette
from tests.tui.stage import Stage, on_stage, played, press
from tests.tui.steps import type_ahead


def test_keys_before_the_list_is_laid_out_and_after_it_was_left_break_nothing(tmp_path: Path) -> None:
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
            await type_ahead(pilot.app, "escape", "escape")
            await press(pilot)
            assert type(pilot.app.screen).__name__ == "SessionsScreen"

    go()
