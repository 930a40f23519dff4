"""The pane of a long log: keys are read between the lines that come."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.selection import Selection

from bunsui.sessions.logs.task_logs import LogEntry
from bunsui.tui.theme import THEMES, VARIABLE_DEFAULTS
from bunsui.tui.widgets import log_pane
from bunsui.tui.widgets.log_pane import LogPane
from tests.tui.stage import played

START = datetime(2026, 1, 31, 18, 0, tzinfo=UTC)
MANY = log_pane._AT_ONCE * 2 + 7


class Board(App[None]):
    def __init__(self, pane: LogPane) -> None:
        super().__init__()
        self.pane = pane
        for theme in THEMES:
            self.register_theme(theme)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(VARIABLE_DEFAULTS)

    def compose(self) -> ComposeResult:
        yield self.pane


def entries(count: int) -> list[LogEntry]:
    message = "row {} of many that are longer than the pane is wide"
    return [
        LogEntry(at=START + timedelta(seconds=number), job="load", function="f", stream="s", message=message.format(number))
        for number in range(count)
    ]


def test_many_lines_come_some_at_once_the_rest_between_keys_folded_too_and_the_end_is_followed() -> None:
    @played
    async def go() -> None:
        pane = LogPane()
        async with Board(pane).run_test(size=(40, 10)) as pilot:
            pane.wraps = True
            pane.begin(UTC)
            pane.take(entries(MANY), told="")
            assert pane.total == log_pane._AT_ONCE
            for _ in range(500):
                if pane._next is None:
                    break
                await asyncio.sleep(0.01)
            await pilot.pause()
            assert pane.total == MANY
            assert pane.text.count("\n") == MANY - 1
            assert f"row {MANY - 1} of" in "".join(pane._row(row)[1].text for row in range(pane._height - 4, pane._height))
            assert pane.scroll_offset.y == pane._height - pane.size.height

    go()


def test_selected_lines_are_copied_without_those_around() -> None:
    @played
    async def go() -> None:
        pane = LogPane()
        async with Board(pane).run_test(size=(80, 10)) as pilot:
            pane.begin(UTC)
            pane.take(entries(6), told="")
            await pilot.pause()
            copied = pane.get_selection(Selection(Offset(16, 2), Offset(21, 3)))
            assert copied == ("row 2 of many that are longer than the pane is wide\n18:00:03  load  row 3", "\n")

    go()
