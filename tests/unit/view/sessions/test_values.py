"""Values of any size, cut and counted."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from bunsui.view.sessions.values import SHOWN_CHARACTERS, SHOWN_LINES, cut_value, value_lines
from bunsui.view.spans import plain

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@given(JSON, st.integers(min_value=1, max_value=60))
def test_what_is_cut_is_the_beginning_and_what_is_left_out_is_counted(value: object, limit: int) -> None:
    text = json.dumps(value, ensure_ascii=False)
    shown, left_out = cut_value(value, limit=limit)  # type: ignore[arg-type]  # JSON of any form
    if left_out:
        assert (shown, len(text)) == (text[:limit], limit + left_out)
    else:
        assert shown == value


def test_without_a_limit_nothing_is_cut() -> None:
    value = "x" * 100_000
    assert cut_value(value, limit=None) == (value, 0)
    assert "x" * 100_000 in plain(value_lines("output", value, is_whole=True))


def test_a_page_shows_the_beginning_of_a_long_value_and_how_to_see_all() -> None:
    for value in ("x" * 100_000, list(range(10_000)), ["line"] * 500):
        lines = value_lines("output", value)
        assert len(lines) <= SHOWN_LINES + 2
        assert sum(len(line.text) for line in lines) < SHOWN_CHARACTERS + 200
        assert lines[-1].text.strip().endswith("more characters; --full shows all")


def test_hostile_text_shows_literally() -> None:
    page = plain(value_lines("input", {"a": "\x1b[31mred [@click=app.quit]x[/] \u202e" + "y" * 200}))
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "[@click=app.quit]" in page
