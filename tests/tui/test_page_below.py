"""The page below a question has the colours that Textual would blend, whatever it holds."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.renderables.background_screen import BackgroundScreen

from bunsui.tui.page_below import veiled_style
from bunsui.tui.screens.choose import ChooseScreen
from bunsui.tui.screens.notice import NoticeScreen
from tests.tui.stage import Stage, on_stage, played, press, screen_text

COLOURS = st.none() | st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: Color(*rgb).rich_color)
METAS = st.none() | st.fixed_dictionaries({"offset": st.integers(0, 2)})
STYLES = st.none() | st.builds(Style, color=COLOURS, bgcolor=COLOURS, bold=st.none() | st.booleans(), meta=METAS)
CHANNELS = st.tuples(*[st.integers(0, 255)] * 3)


@given(STYLES, CHANNELS, st.floats(0.05, 0.95))
def test_a_style_under_the_veil_is_the_one_that_textual_blends(
    look: Style | None, rgb: tuple[int, int, int], alpha: float
) -> None:
    veil = Color(*rgb, a=alpha)
    (blended,) = BackgroundScreen.process_segments([Segment("x", look)], veil)
    assert veiled_style(look, veil) == blended.style


@played
async def test_what_changes_on_the_page_below_is_seen_below_two_questions_too(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders")
    async with on_stage(stage, size=(120, 36)) as pilot:
        await press(pilot, "2", "x", "question_mark")
        assert isinstance(pilot.app.screen, NoticeScreen)
        assert isinstance(pilot.app.screen_stack[-2], ChooseScreen)
        assert "rows just now" in screen_text(pilot.app)
        stage.clock.sleep(9)
        page = pilot.app.screen_stack[0]
        page.show_age()  # type: ignore[attr-defined]  # as its timer does
        await press(pilot)
        assert "rows 9 s ago" in screen_text(pilot.app)
