"""A bar for what may be longer than a line: it takes as many as there is room for."""

from __future__ import annotations

from textual.strip import Strip

from bunsui.tui.lines import EMPTY, segments, wrap_lines
from bunsui.tui.theme import role_styles
from bunsui.tui.widgets.bar import Bar
from bunsui.view.spans import Line, Role, line, span

_MOST_LINES = 3
_ROOM = 20
"""Lines of a terminal from which on a bar may take more than one."""


class FoldedBar(Bar):
    """Grows with what it says; what is beyond its lines is cut with a sign, as in every bar."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (the parameter is Textual's)
        """Begin empty."""
        super().__init__(id=id)
        self._folded: tuple[Line, ...] = ()

    def show(self, left: Line, right: Line = EMPTY) -> None:
        """Replace what is said."""
        super().show(left, right)
        self.fold(*self.app.size)

    def fold(self, width: int, height: int) -> None:
        """Take as many lines as a terminal of that size has for it."""
        most = _MOST_LINES if height >= _ROOM else 1
        lines = tuple(wrap_lines((self._left,), width - 2)) if most > 1 and self._right is EMPTY else ()
        if len(lines) > most:
            last = lines[most - 1]
            lines = (*lines[: most - 1], line(*last.parts, span(" …", Role.MUTED)))
        self._folded = lines
        self.styles.height = max(len(lines), 1)

    def render_line(self, y: int) -> Strip:
        """Draw the line: the whole bar where one is enough."""
        if len(self._folded) < 2:
            return super().render_line(y)
        item = self._folded[y] if y < len(self._folded) else EMPTY
        return Strip(segments(item.indented(1), self.size.width, roles=role_styles(self.app), base=self.rich_style))
