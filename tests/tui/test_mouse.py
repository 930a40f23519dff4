"""The mouse: keys in the footer, triangles, double clicks, and text that is selected and copied."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style

from bunsui.tui.lines import restyle
from bunsui.tui.screens.builder import BuilderScreen
from bunsui.tui.screens.enter_value import EnterValueScreen
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.tui.screens.pipelines import PipelinesScreen
from bunsui.tui.screens.plan import PlanScreen
from bunsui.tui.screens.session import SessionScreen
from bunsui.tui.screens.sessions import SessionsScreen
from bunsui.tui.widgets.key_footer import KeyFooter
from bunsui.tui.widgets.virtual_table import VirtualTable
from tests.tui.stage import Stage, on_plan, on_stage, played, press, screen_text, settled

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    stage = Stage(tmp_path)
    stage.write("orders")
    stage.session("orders", "failed")
    return stage


@played
async def test_a_click_on_a_key_of_the_footer_is_the_key(stage: Stage) -> None:
    async with on_stage(stage) as pilot:
        for word, kind in (("plan", PlanScreen), ("sessions", SessionsScreen), ("help", NoticeScreen)):
            footer = screen_text(pilot.app).splitlines()[-1]
            await pilot.click(KeyFooter, offset=(footer.index(word) + 1, 0))
            await settled(pilot)
            assert isinstance(pilot.app.screen, kind)


@played
async def test_between_the_keys_of_the_footer_a_click_does_nothing(stage: Stage) -> None:
    async with on_plan(stage) as pilot:
        footer = screen_text(pilot.app).splitlines()[-1]
        await pilot.click(KeyFooter, offset=(footer.index("   ") + 1, 0))
        await settled(pilot)
        assert isinstance(pilot.app.screen, PlanScreen)


@played
async def test_a_click_on_the_triangle_and_two_on_the_row_fold_it(stage: Stage) -> None:
    async with on_plan(stage) as pilot:
        assert isinstance(pilot.app.screen, PlanScreen)
        tree = pilot.app.screen.tree_pane
        open_rows = len(tree.keys)
        await pilot.click(tree, offset=(2, 0))
        await settled(pilot)
        assert len(tree.keys) == 1 < open_rows
        await pilot.click(tree, offset=(8, 0), times=2)
        await settled(pilot)
        assert len(tree.keys) == open_rows


@played
async def test_text_under_the_mouse_is_selected_and_ctrl_c_copies_it_instead_of_leaving(stage: Stage) -> None:
    async with on_stage(stage) as pilot:
        await press(pilot, "1", "enter")
        assert isinstance(pilot.app.screen, SessionScreen)
        pane = pilot.app.screen.story_pane
        row = next(number for number, item in enumerate(pane.lines) if "sqs.example" in item.text or "Error" in item.text)
        await pilot.mouse_down(pane, offset=(1, row))
        await pilot.hover(pane, offset=(12, row))
        await pilot.mouse_up(pane, offset=(12, row))
        await press(pilot, "ctrl+c")
        assert pilot.app.is_running
        assert pilot.app.clipboard
        assert pilot.app.clipboard in pane.lines[row].indented(0).text or pilot.app.clipboard.strip() in pane.lines[row].text


def test_rows_of_a_table_are_no_text() -> None:
    assert not VirtualTable.ALLOW_SELECT


@given(st.lists(st.text("ab漢", max_size=4), max_size=4), st.integers(0, 12), st.integers(-1, 12))
def test_a_restyled_line_keeps_its_text_and_only_the_chosen_characters_change(texts: list[str], start: int, stop: int) -> None:
    chosen = Style(bold=True)
    pieces = restyle([Segment(text, Style()) for text in texts], start, stop, chosen)
    whole = "".join(texts)
    assert "".join(piece.text for piece in pieces) == whole
    bold = "".join(piece.text for piece in pieces if piece.style is not None and piece.style.bold)
    assert bold == (whole[start:] if stop < 0 else whole[start : max(stop, start)])


@played
async def test_on_pipelines_and_in_the_builder_clicks_choose_and_two_open(stage: Stage) -> None:
    stage.write("refunds")
    async with on_stage(stage, size=(120, 36)) as pilot:
        await press(pilot, "2")
        pipelines = pilot.app.screen
        assert isinstance(pipelines, PipelinesScreen)
        at = list(pipelines.table.keys).index("refunds") + 1  # the heading
        await pilot.click(pipelines.table, offset=(20, at))
        await settled(pilot)
        assert pipelines.table.cursor_key == "refunds"
        await pilot.click(pipelines.table, offset=(20, at), times=2)
        await settled(pilot)
        assert screen_text(pilot.app).splitlines()[2].startswith(" Sessions")
        await press(pilot, "4")
        builder = pilot.app.screen
        assert isinstance(builder, BuilderScreen)
        await pilot.click(builder.jobs_pane, offset=(4, 3))
        await press(pilot)
        assert builder.job == "load"
        assert builder.form_pane.form is not None
        assert builder.form_pane.form.path == ("jobs", "load")
        await pilot.click(builder.form_pane, offset=(4, list(builder.form_pane.keys).index("description")), times=2)
        await press(pilot)
        assert isinstance(pilot.app.screen, EnterValueScreen)


@played
async def test_a_click_on_a_pane_of_the_builders_title_leads_there_where_one_is_shown_at_a_time(stage: Stage) -> None:
    async with on_stage(stage, size=(80, 24)) as pilot:
        await press(pilot, "4")
        builder = pilot.app.screen
        assert isinstance(builder, BuilderScreen)
        for name in ("text", "graph", "form", "jobs"):
            title = builder.title_bar.render_line(0).text
            await pilot.click(builder.title_bar, offset=(title.index(f" {name}") + 1, 0))
            await settled(pilot)
            assert builder.pane == name
        await pilot.click(builder.title_bar, offset=(2, 0))
        assert builder.pane == "jobs"
