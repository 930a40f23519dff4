from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from bunsui.tui.lines import clip_line, segments, width_of, wrap_lines
from bunsui.tui.theme import THEMES
from bunsui.view.spans import Line, Role, Span, line, span

ROLES = {role: Style() for role in Role}
WORDS = st.text(alphabet=st.characters(codec="utf-8") | st.sampled_from(" 日本あｱé\u0301👩"), max_size=40)
LINES = st.builds(
    lambda parts, indent: line(*parts, indent=indent),
    st.lists(st.builds(span, WORDS, st.sampled_from(Role)), max_size=5),
    st.integers(0, 12),
)


@given(LINES, st.integers(0, 60))
def test_a_line_is_fitted_to_exactly_the_cells_there_are(item: Line, width: int) -> None:
    found = segments(item, width, roles=ROLES, base=Style())
    assert sum(cell_len(segment.text) for segment in found) == max(width, 0)


@given(LINES, st.integers(1, 60))
def test_a_clipped_line_says_that_something_is_missing(item: Line, width: int) -> None:
    shown = clip_line(item, width)
    assert width_of(shown) <= width
    if width_of(item) > width and item.parts and item.text.strip():
        assert shown.text.endswith("…")
    elif width_of(item) <= width:
        assert shown == item


@given(LINES, st.integers(8, 60))
def test_folding_loses_nothing_but_the_spaces_at_which_it_folds(item: Line, width: int) -> None:
    rows = list(wrap_lines([item], width))
    whole = "".join(part.text for part in item.parts)
    joined = "".join(part.text for row in rows for part in row.parts)
    assert joined.replace(" ", "") == whole.replace(" ", "")


@given(LINES, st.integers(16, 60))
def test_no_folded_row_is_wider_than_the_pane(item: Line, width: int) -> None:
    assert all(width_of(row) <= width for row in wrap_lines([item], width))


@given(LINES, st.integers(8, 60))
def test_folding_keeps_every_role(item: Line, width: int) -> None:
    def letters(parts: tuple[Span, ...]) -> list[tuple[str, Role]]:
        return [(character, part.role) for part in parts for character in part.text if character != " "]

    assert [pair for row in wrap_lines([item], width) for pair in letters(row.parts)] == letters(item.parts)


def test_words_are_folded_at_spaces_and_long_names_anywhere() -> None:
    rows = list(wrap_lines([line("one two three four"), line("x" * 20)], 10))
    assert [row.text for row in rows] == ["one two", "  three", "  four", "x" * 10, "  " + "x" * 8, "  xx"]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_role_has_a_colour_in_our_themes(theme) -> None:  # type: ignore[no-untyped-def]
    assert {f"role-{role.value}" for role in Role} <= set(theme.variables)
