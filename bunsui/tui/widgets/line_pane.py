"""A pane of styled lines, folded to its width, of which only the visible ones are drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.selection import Selection
from textual.strip import Strip

from bunsui.command_line import Invocation
from bunsui.tui.lines import restyle, segments, wrap_lines
from bunsui.tui.widgets.line_view import LineView
from bunsui.view.commands import completed
from bunsui.view.spans import Line


class LinePane(LineView, can_focus=True, inherit_bindings=False):
    """Shows lines; keeps its place when the same lines come again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "scroll_lines(1)", "down", id="text.down", show=False),
        Binding("k,up", "scroll_lines(-1)", "up", id="text.up", show=False),
        Binding("ctrl+d,pagedown", "scroll_pages(1)", "page down", id="text.page-down", show=False),
        Binding("ctrl+u,pageup", "scroll_pages(-1)", "page up", id="text.page-up", show=False),
        Binding("g,home", "scroll_edge(-1)", "top", id="text.top", show=False),
        Binding("G,end", "scroll_edge(1)", "bottom", id="text.bottom", show=False),
    ]

    DEFAULT_CSS = """
    LinePane {
        height: 1fr;
        padding: 0 1;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
        scrollbar-color: $rule;
    }
    """

    def __init__(self, *, id: str | None = None, invocation: Invocation | None = None) -> None:  # noqa: A002 (Textual's)
        """Begin empty; `invocation` completes the commands that are offered."""
        super().__init__(id=id)
        self._invocation = invocation or Invocation()
        self._lines: tuple[Line, ...] = ()
        self._folded: tuple[Line, ...] = ()
        self._folded_for = -1

    @property
    def lines(self) -> tuple[Line, ...]:
        """What the pane shows, before it is folded."""
        return self._lines

    @property
    def text(self) -> str:
        """What the pane shows, without style."""
        return "\n".join(item.text for item in self._lines)

    def show(self, lines: Iterable[Line], *, from_top: bool = False) -> None:
        """Replace the lines; `from_top` scrolls to the first one."""
        self._lines = tuple(completed(item, self._invocation) for item in lines)
        self._folded_for = -1
        self._fold()
        if from_top:
            self.scroll_to(y=0, animate=False, immediate=True)
        self.refresh()

    def action_scroll_lines(self, lines: int) -> None:
        """Scroll by some lines."""
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, immediate=True)

    def action_scroll_pages(self, pages: int) -> None:
        """Scroll by some screenfuls."""
        self.action_scroll_lines(pages * max(self.size.height - 2, 1))

    def action_scroll_edge(self, end: int) -> None:
        """Scroll to the top (-1) or the bottom (1)."""
        self.scroll_to(y=0 if end < 0 else len(self._folded), animate=False, immediate=True)

    def on_resize(self) -> None:
        """Fold again to the new width."""
        self._fold()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the window."""
        brush = self.brush
        place = y + self.scroll_offset.y
        if place >= len(self._folded):
            return Strip.blank(brush.width, brush.base)
        pieces = segments(self._folded[place], brush.width, roles=brush.roles, base=brush.base)
        chosen = self.text_selection.get_span(place) if self.text_selection is not None else None
        if chosen is not None:
            pieces = restyle(pieces, *chosen, self.screen.get_component_rich_style("screen--selection"))
        return Strip(pieces).apply_offsets(0, place)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what the mouse selected, line by line as it is shown; Textual asks for it."""
        brush = self.brush
        drawn = (segments(item, brush.width, roles=brush.roles, base=brush.base) for item in self._folded)
        shown = ("".join(piece.text for piece in pieces) for pieces in drawn)
        return selection.extract("\n".join(text.rstrip() for text in shown)), "\n"

    @property
    def text_width(self) -> int:
        """Cells of a line; 0 before the first layout."""
        return self._width

    @property
    def _width(self) -> int:
        """Cells beside the scroll bar."""
        return self.scrollable_content_region.width

    def _fold(self) -> None:
        width = self._width
        if width and width != self._folded_for:
            self._folded = tuple(wrap_lines(self._lines, width))
            self._folded_for = width
        self.virtual_size = Size(width, len(self._folded))
