"""`tui.toml`: read with every mistake at its line, and changed by the key for the theme without touching anything else."""

from __future__ import annotations

import pytest

from bunsui.errors import InvalidInput
from bunsui.folders.tui_settings import GlyphChoice, KnownNames, TuiSettings, parse_tui_settings, with_theme

NAMES = KnownNames(themes={"bunsui-dark", "bunsui-light"}, bindings={"session.resume": "R", "screen.copy": "y"})


def parsed(text: str) -> TuiSettings:
    return parse_tui_settings(text.encode(), "tui.toml", NAMES)


def test_what_is_chosen_is_read() -> None:
    text = 'theme = "bunsui-light"\nglyphs = "ascii"\nplain = true\n[keys]\n"session.resume" = "ctrl+r"\nscreen.copy = "c,y"\n'
    keys = {"session.resume": "ctrl+r", "screen.copy": "c,y"}
    assert parsed(text) == TuiSettings(theme="bunsui-light", glyphs=GlyphChoice.ASCII, plain=True, keys=keys)
    assert parsed("") == TuiSettings()


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ('theme = "x', "tui.toml:1:1", ""),
        ('glyph = "ascii"\n', "tui.toml:1:1", "did you mean glyphs?"),
        ('\ntheme = "solarised"\n', "tui.toml:2:1", "theme is one of bunsui-dark, bunsui-light"),
        ('glyphs = "emoji"\n', "tui.toml:1:1", "glyphs is one of auto, unicode, ascii"),
        ('plain = "yes"\n', "tui.toml:1:1", "plain is true or false"),
        ("keys = 3\n", "tui.toml:1:1", "keys is a table"),
        ('[keys]\n"session.resum" = "r"\n', "tui.toml:2:1", "did you mean session.resume?"),
        ('[keys]\n"session.resume" = "c t"\n', "tui.toml:2:1", "session.resume is a key"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, place: str, what: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parsed(text)
    told = str(refused.value.facts["mistakes"])
    assert told.startswith(place)
    assert what in told


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, 'theme = "b"\n'),
        ("# mine\nplain = true\n", 'theme = "b"\n# mine\nplain = true\n'),
        ("theme = 'a'  # dark\nplain = true\n", 'theme = "b"  # dark\nplain = true\n'),
        ('[keys]\ntheme = "T"\n', 'theme = "b"\n[keys]\ntheme = "T"\n'),
    ],
)
def test_the_theme_is_kept_and_every_other_line_stays(before: str | None, after: str) -> None:
    assert with_theme(before.encode() if before is not None else None, "b").decode() == after
