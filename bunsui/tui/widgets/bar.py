"""One line of text, a part at each end: the base of the header, the banner and the footer."""

from __future__ import annotations

from textual.strip import Strip
from textual.widget import Widget

from bunsui.tui.lines import EMPTY, clip_line, segments, width_of
from bunsui.tui.theme import role_styles
from bunsui.view.spans import Line, line


class Bar(Widget, inherit_bindings=False):
    """Shows `left` at the left and `right` at the right; the left part gives way when there is not room for both."""

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    Bar {
        height: 1;
        width: 100%;
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (the parameter is Textual's)
        """Begin empty."""
        super().__init__(id=id)
        self._left = EMPTY
        self._right = EMPTY

    @property
    def text(self) -> str:
        """What the bar says, both parts, without style."""
        return f"{self._left.text}  {self._right.text}".strip()

    def show(self, left: Line, right: Line = EMPTY) -> None:
        """Replace both parts."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw the line; there is only one."""
        width = self.size.width
        base = self.rich_style
        if y or width < 3:
            return Strip.blank(width, base)
        roles = role_styles(self.app)
        left_width, right = self._division(width)
        pieces = segments(self._left.indented(1), left_width + 1, roles=roles, base=base)
        pieces += segments(right, width - 2 - left_width, roles=roles, base=base, right=True)
        return Strip(pieces).adjust_cell_length(width, base)

    def word_at(self, x: int) -> str:
        """Return the part of the line that is shown in that column, without spaces around it; empty for none."""
        left_width, right = self._division(self.size.width)
        begin = self.size.width - 1 - width_of(right)
        at, parts = (begin, right.parts) if x >= begin else (1, self._left.parts)
        for part in parts if x >= begin or x <= left_width else ():
            width = width_of(line(part))
            if at <= x < at + width:
                return part.text.strip()
            at += width
        return ""

    def _division(self, width: int) -> tuple[int, Line]:
        """Return the cells of the left part, and the right part as far as there is room for it."""
        right = clip_line(self._right, width - 2)
        right_width = width_of(right)
        left_width = width - 2 - right_width - (2 if right_width else 0)
        if left_width < 12 and width_of(self._left) > left_width:
            return width - 2, EMPTY
        return left_width, right
