"""The page below a question has the colours that Textual would blend, whatever it holds."""

from __future__ import annotations

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.renderables.background_screen import BackgroundScreen
from textual.strip import Strip

from bunsui.tui.page_below import tinted_style, without_cut_texts
from bunsui.tui.screens.choose import ChooseScreen
from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.tui.screens.notice import NoticeScreen
from bunsui.view.spans import line, span
from tests.tui.stage import Stage, on_stage, played, press, screen_text

COLOURS = st.none() | st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: Color(*rgb).rich_color)
METAS = st.none() | st.fixed_dictionaries({"offset": st.integers(0, 2)})
STYLES = st.none() | st.builds(Style, color=COLOURS, bgcolor=COLOURS, bold=st.none() | st.booleans(), meta=METAS)
LONG = """\
version: 1
name: orders
jobs:
""" + "".join(
    f"  job-{number}-with-a-long-name: {{type: wait, for: 5s, description: a wait that says why it waits so long}}\n"
    for number in range(15)
)
CHANNELS = st.tuples(*[st.integers(0, 255)] * 3)


@given(STYLES, CHANNELS, st.floats(0.05, 0.95))
def test_a_style_under_the_tint_is_the_one_that_textual_blends(
    look: Style | None, rgb: tuple[int, int, int], alpha: float
) -> None:
    tint = Color(*rgb, a=alpha)
    (blended,) = BackgroundScreen.process_segments([Segment("x", look)], tint)
    assert tinted_style(look, tint) == blended.style


TEXTS = re.compile(r"[^\s─-▟]+(?: [^\s─-▟]+)*")


@given(st.text(st.sampled_from("ab 売│"), max_size=40), st.integers(0, 40), st.integers(0, 40))
def test_beside_a_question_texts_stand_whole_or_not_at_all(text: str, left: int, width: int) -> None:
    strip = Strip([Segment(text, Style(bold=True))])
    shown = without_cut_texts(strip, left, left + width)
    assert shown.cell_length == strip.cell_length
    beside = (shown.crop(0, left), shown.crop(left + width, shown.cell_length))
    seen = [words for side in beside for words in TEXTS.findall(side.text)]
    assert set(seen) <= set(TEXTS.findall(text))
    whole = list(TEXTS.finditer(text))
    places = [(cell_len(text[: found.start()]), cell_len(text[: found.end()]), found[0]) for found in whole]
    assert seen == [words for begins, ends, words in places if ends <= left or begins >= left + width]


@played
async def test_no_text_of_the_page_is_cut_beside_a_question(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.write("orders", LONG)
    async with on_stage(stage, size=(120, 36)) as pilot:
        await press(pilot, "4", "j")
        page = {words for row in screen_text(pilot.app).splitlines() for words in TEXTS.findall(row.strip())}
        asked = ConfirmScreen("Sure?", (), yes="do it", on_yes=lambda: None)
        pilot.app.push_screen(asked)
        for facts in ((), [line(span("more"))] * 9):
            asked.show_facts(facts)
            await press(pilot)
            box = asked.children[0].region
            assert box.height > len(facts)
            for row in screen_text(pilot.app).splitlines()[box.y : box.bottom]:
                assert set(TEXTS.findall(row[: box.x]) + TEXTS.findall(row[box.right :])) <= page, row


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
