"""The page below a question: drawn as it is, in colours that step back.

Textual blends the colours of each piece of the page anew whenever a line of it changes, which takes longer than drawing the
page. A page has some fifty styles, so each is blended once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.color import Color
from textual.containers import Horizontal, Vertical
from textual.css.styles import RulesMap
from textual.geometry import NULL_REGION, Region
from textual.screen import Screen
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

R = TypeVar("R")

_TEXT = re.compile(r"[^\s\u2500-\u259f](?: ?[^\s\u2500-\u259f])*")
"""What belongs together in a line: up to a gap of two cells, or to a rule."""


class PageBelow(Visual):
    """A screen under a tint; nothing on it can be clicked."""

    def __init__(self, screen: Screen[object], tint: Color, box: Callable[[], Region]) -> None:
        """Draw that screen, of which something hides the box. It is asked for at each drawing: Textual keeps this value."""
        self._screen = screen
        self._tint = tint
        self._box = box

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        """Return the screen's lines. Of a question below this one the page is drawn anew: Textual tells only the screen in
        front that the page changed."""
        tint, box = self._tint, self._box()
        if self._screen.is_modal:
            self._screen._set_dirty()  # noqa: SLF001 (Textual's)
        page = self._screen._compositor.render_strips()[:height]  # noqa: SLF001 (Textual's own way to it)
        page[box.y : box.bottom] = [without_cut_texts(strip, box.x, box.right) for strip in page[box.y : box.bottom]]
        return [
            Strip((Segment(text, tinted_style(look, tint), control) for text, look, control in strip), strip.cell_length)
            for strip in page
        ]

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """Take all of it."""
        return container_width

    def get_height(self, rules: RulesMap, width: int) -> int:
        """Take the height of the screen."""
        return self._screen.size.height


def page_below(screen: Screen[R], box: Callable[[], Region] = lambda: NULL_REGION) -> PageBelow | None:
    """Return the page from which a modal screen was opened, seen around its box; None once that was left."""
    stack = screen.app.screen_stack
    at = stack.index(screen) if screen in stack else 0
    return PageBelow(stack[at - 1], screen.styles.background, box) if at else None


def box_of(screen: Screen[R]) -> Region:
    """Return what a modal screen hides of the page below it: the place of its first part, beside what Textual adds to every
    screen; nothing where that is not seen."""
    first = next((child for child in screen.children if isinstance(child, (Horizontal, Vertical))), None)
    return first.region if first is not None and first.visible and first.styles.opacity else NULL_REGION


def without_cut_texts(strip: Strip, left: int, right: int) -> Strip:
    """Return a line without the texts that go on behind what hides it from `left` to `right`: a part of a word says nothing."""
    cut, text = [], strip.text
    for found in _TEXT.finditer(text):
        begins = cell_len(text[: found.start()])
        ends = begins + cell_len(found[0])
        if begins < left < ends or begins < right < ends:
            cut.append((begins, ends))
    return _blank_out(strip, cut) if cut else strip


@lru_cache(maxsize=4096)
def tinted_style(look: RichStyle | None, tint: Color) -> RichStyle:
    """Return a style under the tint, without what a click on it would do."""
    plain = look.clear_meta_and_links() if look is not None else RichStyle()
    if look is not None and plain != look:
        return tinted_style(plain, tint)
    fore, back = plain.color, plain.bgcolor
    return plain + RichStyle.from_color(
        (Color.from_rich_color(fore) + tint).rich_color if fore is not None else None,
        (Color.from_rich_color(back) + tint).rich_color if back is not None else None,
    )


def _blank_out(strip: Strip, spans: Sequence[tuple[int, int]]) -> Strip:
    """Return the line with spaces in these cells, on the ground that is there."""
    pieces: list[Strip] = []
    at = 0
    for begins, ends in spans:
        gone = strip.crop(begins, ends)
        grounds = [Segment(" " * piece.cell_length, _ground(piece.style)) for piece in gone]
        pieces += [strip.crop(at, begins), Strip(grounds, gone.cell_length)]
        at = ends
    return Strip.join([*pieces, strip.crop(at, strip.cell_length)])


def _ground(look: RichStyle | None) -> RichStyle | None:
    return RichStyle(bgcolor=look.bgcolor) if look is not None else None
