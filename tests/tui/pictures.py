"""Pictures of a screen as text: what stands in each cell, and how it is painted dark, light and without colours.

`python -m tests.tui.pictures FOLDER` writes every look as SVG too, to be looked at.
"""

from __future__ import annotations

import asyncio
import re
import string
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

from rich.style import Style
from textual.filter import Monochrome
from textual.pilot import Pilot
from textual.strip import Strip
from textual.widgets import Input

from bunsui.tui.app import BunsuiApp
from bunsui.tui.theme import THEMES
from bunsui.tui.widgets import virtual_table
from tests.tui.contrast import LEAST, contrast
from tests.tui.stage import Stage, on_stage, press, screen_text, settled, until

SIZES = ((80, 24), (120, 36), (160, 48))
"""Columns and lines."""
PAINTS = ("dark", "plain", "light")
"""Our dark theme, the same where NO_COLOR is set, our light theme."""
LETTERS = string.ascii_letters + string.digits
READING = re.compile(r"\breading .*…")
"""What stands there while more is being asked for."""


@dataclass(frozen=True)
class Look:
    """A screen in a state that somebody sees every day."""

    name: str
    stage: Callable[[Path], Stage]
    keys: tuple[str, ...] = ()
    """The keys that lead there from the first screen."""


@dataclass(frozen=True)
class Pictures:
    """A look at every size, in every paint."""

    text: str
    faint: frozenset[str]
    """Words that cannot be read on their ground, each with how they are painted."""


@dataclass(frozen=True)
class Picture:
    """One screen at one size."""

    rows: tuple[str, ...]
    styles: tuple[tuple[tuple[str, ...], ...], ...]
    """Of each row, of each character, how it looks in each of `PAINTS`."""


async def taken(look: Look, folder: Path, drawn: Callable[[BunsuiApp, str], object] = lambda _app, _name: None) -> Pictures:
    """Lead to the look, and return its pictures at every size; `drawn` is told of each size and paint."""
    text, faint = [], set[str]()
    virtual_table.HIGHLIGHT_SECONDS = 0.01  # what changed a moment ago depends on the clock of whoever looks
    async with on_stage(look.stage(folder), size=SIZES[0]) as pilot:
        app = pilot.app
        assert isinstance(app, BunsuiApp)
        await press(pilot)
        await press(pilot, *look.keys)
        for size in SIZES:
            await pilot.resize_terminal(*size)
            painted: dict[str, list[Strip]] = {}
            # Another theme costs a reading of all style sheets: what is light stays so until the other two are wanted.
            for paint in PAINTS if app.theme == THEMES[0].name else PAINTS[::-1]:
                await _repaint(pilot, paint)
                painted[paint] = _strips(app)
                faint |= {f"{size} {paint} {one}" for one in _faint(app, painted[paint])}
                drawn(app, f"{look.name}-{size[0]}x{size[1]}-{paint}")
            text.append(_told(f"{size[0]}x{size[1]}", _picture([painted[paint] for paint in PAINTS])))
    return Pictures("".join(text), frozenset(faint))


def _faint(app: BunsuiApp, strips: list[Strip]) -> Iterator[str]:
    """Return the words in front whose contrast is too low: what lies under a dialog is not read."""
    front = app.screen.children[0].region if app.screen.is_modal else app.screen.region
    for strip in strips[front.y : front.bottom]:
        for segment in strip.crop(front.x, front.right):
            colours = _named(segment.style or Style()).split()[0].split("/")
            if any(map(str.isalnum, segment.text)) and contrast(*colours) < LEAST:
                yield f"{segment.text!r} {colours}"


async def _repaint(pilot: Pilot[None], paint: str) -> None:
    app = pilot.app
    app._filters = [one for one in app._filters if not isinstance(one, Monochrome)]
    app.no_color = paint == "plain"
    if app.no_color:
        app._filters.append(Monochrome())
    app.theme = THEMES[PAINTS.index(paint) // 2].name
    await settled(pilot)
    for line in app.screen.query(Input):
        line.cursor_blink = False
    for screen in app.screen_stack:
        for widget in screen.walk_children():
            widget.notify_style_update()
            widget.refresh()
    await settled(pilot)
    await until(pilot, lambda: READING.search(screen_text(app)) is None)


def _strips(app: BunsuiApp) -> list[Strip]:
    return app.screen._compositor.render_strips()[: app.size.height]


def _picture(painted: list[list[Strip]]) -> Picture:
    """Return what the paints make of the same text."""
    rows = [tuple(strip.text for strip in strips) for strips in painted]
    assert all(other == rows[0] for other in rows), "the colours change the text"
    looks = [[list(_of_characters(strip)) for strip in strips] for strips in painted]
    return Picture(rows[0], tuple(tuple(zip(*of_row, strict=True)) for of_row in zip(*looks, strict=True)))


def _of_characters(strip: Strip) -> Iterator[str]:
    for segment in strip:
        yield from [_named(segment.style or Style())] * len(segment.text)


@cache
def _named(style: Style) -> str:
    """Return how it looks: colour on ground, and what is more."""
    attributes = [name for name in ("bold", "dim", "italic", "underline", "reverse", "strike") if getattr(style, name)]
    colours = [colour.triplet.hex if colour is not None and colour.triplet else "-" for colour in (style.color, style.bgcolor)]
    return " ".join(["/".join(colours), *attributes])


def _told(title: str, picture: Picture) -> str:
    """Return the picture as text: its rows, then runs of letters, then what each letter means."""
    known: dict[tuple[str, ...], str] = {}
    runs = []
    for of_row in picture.styles:
        parts = []
        for look, run in groupby(of_row):
            letter = known.setdefault(look, _letters(len(known)))
            parts.append(f"{letter}{len(list(run))}")
        runs.append(" ".join(parts))
    meanings = [f"{letter}  {'  |  '.join(look)}" for look, letter in known.items()]
    rows = [f"|{row.rstrip()}" for row in picture.rows]
    return "\n".join([f"== {title}", *rows, "-- runs", *runs, f"-- {'  |  '.join(PAINTS)}", *meanings, ""])


def _letters(number: int) -> str:
    first, second = divmod(number, len(LETTERS))
    return f"{LETTERS[first - 1] if first else ''}{LETTERS[second]}." if first else LETTERS[second]


def main(folder: Path) -> None:
    """Write every look at every size in every paint, as SVG."""
    from tests.tui.looks import LOOKS

    folder.mkdir(parents=True, exist_ok=True)
    wanted = sys.argv[2:]
    for look in LOOKS:
        if wanted and look.name not in wanted:
            continue
        with tempfile.TemporaryDirectory() as root:
            pictures = asyncio.run(taken(look, Path(root), lambda app, name: _write(app, folder / f"{name}.svg")))
        (folder / f"{look.name}.txt").write_text(pictures.text, encoding="utf-8")
        print(look.name, *sorted(pictures.faint), sep="\n  ")  # noqa: T201 (a command)


def _write(app: BunsuiApp, path: Path) -> None:
    path.write_text(app.export_screenshot(title="bunsui"), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
