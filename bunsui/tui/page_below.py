"""The page below a question: drawn as it is, in colours that step back.

Textual blends the colours of each piece of the page anew whenever a line of it changes, which takes longer than drawing the
page. A page has some fifty styles, so each is blended once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeVar

from rich.segment import Segment
from rich.style import Style as RichStyle
from textual.color import Color
from textual.css.styles import RulesMap
from textual.screen import Screen
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

R = TypeVar("R")


class PageBelow(Visual):
    """A screen under a veil of a colour; nothing on it can be clicked."""

    def __init__(self, screen: Screen[object], veil: Color) -> None:
        """Draw that screen."""
        self._screen = screen
        self._veil = veil

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        """Return the screen's lines. Of a question below this one the page is drawn anew: Textual tells only the screen in
        front that the page changed."""
        veil = self._veil
        if self._screen.is_modal:
            self._screen._set_dirty()  # noqa: SLF001 (Textual's)
        return [
            Strip(
                (Segment(text, veiled_style(look, veil), control) for text, look, control in strip),
                strip.cell_length,
            )
            for strip in self._screen._compositor.render_strips()[:height]  # noqa: SLF001 (Textual's own way to it)
        ]

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        """Take all of it."""
        return container_width

    def get_height(self, rules: RulesMap, width: int) -> int:
        """Take the height of the screen."""
        return self._screen.size.height


def page_below(screen: Screen[R]) -> PageBelow | None:
    """Return the page from which a modal screen was opened; None once that was left."""
    stack = screen.app.screen_stack
    at = stack.index(screen) if screen in stack else 0
    return PageBelow(stack[at - 1], screen.styles.background) if at else None


@lru_cache(maxsize=4096)
def veiled_style(look: RichStyle | None, veil: Color) -> RichStyle:
    """Return a style under the veil, without what a click on it would do."""
    plain = look.clear_meta_and_links() if look is not None else RichStyle()
    if look is not None and plain != look:
        return veiled_style(plain, veil)
    fore, back = plain.color, plain.bgcolor
    return plain + RichStyle.from_color(
        (Color.from_rich_color(fore) + veil).rich_color if fore is not None else None,
        (Color.from_rich_color(back) + veil).rich_color if back is not None else None,
    )
