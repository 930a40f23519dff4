from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from bunsui.tui.theme import THEMES, VARIABLE_DEFAULTS
from bunsui.tui.widgets.virtual_table import Cells, Column, VirtualTable
from bunsui.view.spans import Role, line, span
from tests.tui.stage import played

pytestmark = pytest.mark.timeout(60)

ROWS = 100_000


class Board(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.table = VirtualTable([Column(title="name"), Column(title="number", width=8, right=True)])
        self.chosen: list[str] = []
        self.numbers: dict[str, int] = {}
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = THEMES[0].name

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return dict(VARIABLE_DEFAULTS)

    def compose(self) -> ComposeResult:
        yield self.table

    def on_virtual_table_chosen(self, event: VirtualTable.Chosen) -> None:
        self.chosen.append(event.key)

    def show(self, keys: tuple[str, ...]) -> None:
        self.table.show(keys, self.cells)

    def cells(self, key: str) -> Cells:
        return line(span(key, Role.NAME)), line(str(self.numbers.get(key, 0)))


def keys(count: int) -> tuple[str, ...]:
    return tuple(f"row {number:06}" for number in range(count))


@played
async def test_a_hundred_thousand_rows_draw_only_what_is_visible() -> None:
    app = Board()
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        app.table.rows_drawn = 0
        app.show(keys(ROWS))
        await pilot.pause(0.1)
        drawn_at_first = app.table.rows_drawn
        await pilot.press("G")
        await pilot.pause(0.1)
        assert app.table.cursor_key == keys(ROWS)[-1]
        assert 0 < drawn_at_first <= 19 * 3
        assert app.table.rows_drawn <= 19 * 6


@played
async def test_the_cursor_stays_on_its_row_when_rows_come_before_it() -> None:
    app = Board()
    async with app.run_test(size=(60, 20)) as pilot:
        app.show(("b", "c"))
        await pilot.press("j")
        at = []
        for rows in (("a", "b", "c", "d"), ("a", "b"), ()):
            app.show(rows)
            at.append(app.table.cursor_key)
        assert at == ["c", "b", None]
        await pilot.press("j", "G", "enter")
        assert app.chosen == []


@played
async def test_keys_move_and_open() -> None:
    app = Board()
    async with app.run_test(size=(60, 12)) as pilot:
        app.show(keys(50))
        await pilot.press("j", "down", "k", "enter")
        assert app.chosen == ["row 000001"]
        await pilot.press("pagedown")
        assert app.table.cursor_key == "row 000011"
        await pilot.press("ctrl+u", "G")
        assert app.table.cursor_key == "row 000049"
        assert app.table.scroll_offset.y == 50 - 11
        await pilot.press("g")
        assert app.table.cursor_key == "row 000000"
        assert app.table.scroll_offset.y == 0


@played
async def test_a_click_moves_and_a_double_click_opens() -> None:
    app = Board()
    async with app.run_test(size=(60, 12)) as pilot:
        app.show(keys(5))
        await pilot.pause()
        await pilot.click(VirtualTable, offset=(3, 3))
        assert app.table.cursor_key == "row 000002"
        await pilot.click(VirtualTable, offset=(3, 3), times=2)
        assert app.chosen == ["row 000002"]


@played
async def test_only_the_cell_that_changed_is_marked_and_only_for_a_while() -> None:
    app = Board()
    async with app.run_test(size=(60, 12)) as pilot:
        app.show(keys(3))
        await pilot.pause(0.1)
        app.numbers["row 000001"] = 7
        app.show(keys(3))
        assert set(app.table._changed) == {("row 000001", 1)}
        await pilot.pause(2.2)
        assert not app.table._changed


@played
async def test_every_line_is_as_wide_as_the_table_whatever_stands_in_it() -> None:
    app = Board()
    async with app.run_test(size=(40, 12)) as pilot:
        app.show(("日本語の名前がとても長いのでここには入りません", "e\u0301tude", "a" * 200, "👩‍👩‍👧 family", ""))
        await pilot.pause(0.1)
        for y in range(12):
            assert app.table.render_line(y).cell_length == app.table.row_width
