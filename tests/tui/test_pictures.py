"""How the screens look, at every size and in every paint: `pytest tests/tui/test_pictures.py --update-cases` after a wanted
change, then read what changed as somebody who looks at the screen."""

from __future__ import annotations

import asyncio
from difflib import unified_diff
from itertools import islice
from pathlib import Path

import pytest

from tests.tui.looks import LOOKS
from tests.tui.pictures import Look, taken

pytestmark = pytest.mark.timeout(120)

CASES = Path(__file__).parents[1] / "cases" / "screens"
SHOWN = 60
"""Lines of a difference."""


@pytest.mark.parametrize("look", LOOKS, ids=[look.name for look in LOOKS])
def test_a_screen_looks_as_it_did_and_every_word_can_be_read(look: Look, tmp_path: Path, *, update_cases: bool) -> None:
    pictures, file = asyncio.run(taken(look, tmp_path)), CASES / f"{look.name}.txt"
    if update_cases:
        file.parent.mkdir(exist_ok=True)
        file.write_text(pictures.text, encoding="utf-8")
    expected = file.read_text(encoding="utf-8") if file.exists() else ""
    difference = unified_diff(expected.splitlines(), pictures.text.splitlines(), "expected", "drawn", lineterm="", n=1)
    assert not list(islice(difference, SHOWN)), look.name
    assert not pictures.faint


def test_every_picture_that_is_kept_is_taken() -> None:
    assert {path.stem for path in CASES.iterdir()} == {look.name for look in LOOKS}
