"""The line that a finding shows fits a terminal, and the caret stands under the place."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from bunsui.diagnostics import Diagnostic, Position, Severity
from bunsui.view.diagnostic import diagnostic_lines

TEXTS = st.text(st.sampled_from("ab:, {水文"), min_size=1, max_size=400)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) == "W" else 1 for char in text)


@given(TEXTS, st.data())
def test_a_long_line_is_cut_around_the_caret_which_stands_under_its_character(text: str, data: st.DataObject) -> None:
    column = data.draw(st.integers(1, len(text)))
    place = Position("a.yaml", 7, column)
    finding = Diagnostic(code="BS101", severity=Severity.ERROR, summary="x", position=place, excerpt=text.replace(" ", "_"))
    _, excerpt, caret = (line.text for line in diagnostic_lines([finding]))
    assert _width(excerpt) <= 80
    at = _width(caret) - 1
    under = next(char for number, char in enumerate(excerpt) if _width(excerpt[:number]) == at)
    assert under == text[column - 1].replace(" ", "_")
