"""Each style sheet is parsed once for a theme, and gives what Textual's own does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.css.stylesheet import Stylesheet, StylesheetParseError

from bunsui.tui import style_sheet
from bunsui.tui.style_sheet import ParsedOnceStylesheet, left_to_parse_in
from bunsui.tui.theme import THEMES, variables_of
from tests.tui.stage import Stage, on_stage, played, press

DARK, LIGHT = map(variables_of, THEMES)
PANE = "Pane { color: $foreground; & > .inner { width: 3; } }"


@pytest.fixture(autouse=True)
def _nothing_parsed() -> Iterator[None]:
    style_sheet._parsed_with.cache_clear()
    yield
    style_sheet._parsed_with.cache_clear()


def with_pane(sheet: Stylesheet, *, tie_breaker: int = 0) -> Stylesheet:
    sheet.add_source(PANE, ("here", "Pane.DEFAULT_CSS"), is_default_css=True, tie_breaker=tie_breaker, scope="Pane")
    return sheet


def test_the_rules_are_those_of_textual_also_after_the_theme_and_the_place_among_bases_changed() -> None:
    ours, theirs = ParsedOnceStylesheet(variables=DARK), Stylesheet(variables=DARK)
    for variables, tie_breaker in ((DARK, 0), (LIGHT, -2), (DARK, -3)):
        for sheet in (ours, theirs):
            sheet.set_variables(variables)
            with_pane(sheet, tie_breaker=tie_breaker)
            sheet.reparse()
        assert ours.css == theirs.css
        assert [rule.tie_breaker for rule in ours.rules] == [rule.tie_breaker for rule in theirs.rules]


def test_what_was_parsed_once_is_the_same_in_every_sheet_of_the_theme() -> None:
    first, second = (with_pane(ParsedOnceStylesheet(variables=DARK)) for _ in range(2))
    assert first.rules[0].styles is second.rules[0].styles
    assert with_pane(ParsedOnceStylesheet(variables=LIGHT)).rules[0].styles is not first.rules[0].styles


def test_a_sheet_that_is_wrong_leaves_the_rules_as_they_were() -> None:
    sheet = with_pane(ParsedOnceStylesheet(variables=DARK))
    before = sheet.rules
    sheet.add_source("Pane { colour: red; }", ("there", ""))
    with pytest.raises(StylesheetParseError):
        sheet.reparse()
    assert sheet._rules is before


def test_parsed_ahead_nothing_is_left_to_parse_for_a_widget_that_was_not_shown_yet() -> None:
    for parse in left_to_parse_in([DARK]):
        parse()
    assert not list(left_to_parse_in([DARK]))
    assert any("CommandPalette" in scope for _, scope, _ in ParsedOnceStylesheet(variables=DARK)._parsed)


def test_a_screen_that_was_seen_is_styled_anew_only_where_the_theme_changed(tmp_path: Path) -> None:
    @played
    async def go() -> None:
        stage = Stage(tmp_path)
        stage.write("orders")
        async with on_stage(stage) as pilot:
            await press(pilot, "2", "1")
            colour = pilot.app.screen.styles.background
            styled = pilot.app.screen._styled_as  # type: ignore[attr-defined]
            pilot.app.screen.update_node_styles()
            assert pilot.app.screen._styled_as is styled  # type: ignore[attr-defined]
            await press(pilot, "2", "T", "1")
            assert pilot.app.screen.styles.background != colour

    go()
