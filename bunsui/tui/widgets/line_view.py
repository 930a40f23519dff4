"""A window of lines that are drawn one at a time, with what all lines of a drawing share found once."""

from __future__ import annotations

from dataclasses import dataclass

from rich.style import Style
from textual.geometry import Region
from textual.scroll_view import ScrollView
from textual.strip import Strip

from bunsui.tui.theme import RoleStyles, role_styles


@dataclass(frozen=True, slots=True, kw_only=True)
class Brush:
    """What the lines of one drawing have in common."""

    base: Style
    roles: RoleStyles
    width: int
    """Cells beside the scroll bar."""


class LineView(ScrollView, can_focus=True, inherit_bindings=False):
    """Textual asks for its lines one by one; to find a style takes longer than to draw a line, so it is found once."""

    _brush: Brush | None = None

    @property
    def brush(self) -> Brush:
        """What a line is drawn with."""
        return self._brush or Brush(
            base=self.rich_style, roles=role_styles(self.app), width=self.scrollable_content_region.width
        )

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw the lines of the window that are asked for."""
        self._brush = self.brush
        try:
            return super().render_lines(crop)
        finally:
            self._brush = None
