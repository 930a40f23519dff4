"""A table that draws only the lines one can see, so that a hundred thousand rows cost no more than fifty.

The cursor belongs to a row's key, not to its place: rows that come and go do not move it to another row.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region, Size
from textual.message import Message
from textual.strip import Strip

from bunsui.tui.lines import segments
from bunsui.tui.widgets.line_view import Brush, LineView
from bunsui.view.spans import Line, Role, line, span

Cells = tuple[Line, ...]
"""One line for each column; a single one takes the whole row."""

HIGHLIGHT_SECONDS = 2.0
"""How long a changed cell stays marked."""
_GAP = 2
_REMEMBERED = 512
"""Rows whose text is kept, to tell which cells changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column."""

    title: str
    width: int = 0
    """In cells; 0 for the one column that takes what the others leave."""
    right: bool = False
    """True for numbers."""
    least_room: int = 0
    """The column is left out when the table is narrower than this."""
    quiet: bool = False
    """True when its changes are not marked."""


class VirtualTable(LineView, can_focus=True, inherit_bindings=False):
    """Rows by key, cells made only for the rows that are drawn."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "down", id="list.down", show=False),
        Binding("k,up", "move(-1)", "up", id="list.up", show=False),
        Binding("ctrl+d,pagedown", "page(1)", "page down", id="list.page-down", show=False),
        Binding("ctrl+u,pageup", "page(-1)", "page up", id="list.page-up", show=False),
        Binding("g,home", "edge(-1)", "first row", id="list.first", show=False),
        Binding("G,end", "edge(1)", "last row", id="list.last", show=False),
        Binding("enter", "choose", "open", id="list.open", key_display="enter"),
    ]

    ALLOW_SELECT = False
    """A click is about a row; what a row holds is copied by key."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--heading", "table--cursor", "table--changed"}

    DEFAULT_CSS = """
    VirtualTable {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
        scrollbar-color: $rule;
        & > .table--heading { color: $role-muted; }
        & > .table--cursor { background: $cursor-row-quiet; }
        & > .table--changed { background: $changed-cell; }
        &:focus > .table--cursor { background: $cursor-row; }
    }
    """

    class Moved(Message):
        """The cursor is on another row."""

        def __init__(self, table: VirtualTable, key: str) -> None:
            """Say which row of which table."""
            super().__init__()
            self.table = table
            self.key = key

    class Chosen(Message):
        """A row was opened."""

        def __init__(self, table: VirtualTable, key: str) -> None:
            """Say which row of which table."""
            super().__init__()
            self.table = table
            self.key = key

    def __init__(self, columns: Sequence[Column], *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """Begin without rows."""
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._has_heading = any(column.title for column in columns)
        self._keys: Sequence[str] = ()
        self._places: Mapping[str, int] | None = {}
        self._cells_of: Callable[[str], Cells] = lambda _key: ()
        self._cursor = 0
        self._seen: OrderedDict[str, tuple[str, ...]] = OrderedDict()
        self._changed: dict[tuple[str, int], float] = {}
        self.rows_drawn = 0
        """How many rows were drawn since the start; a measure for tests and benchmarks."""

    @property
    def keys(self) -> Sequence[str]:
        """The keys of all rows, in order."""
        return self._keys

    @property
    def cursor_key(self) -> str | None:
        """The key of the row under the cursor, None without rows."""
        return self._keys[self._cursor] if self._keys else None

    def set_columns(self, columns: Sequence[Column]) -> None:
        """Replace the columns; rows shown from now on have as many cells."""
        if tuple(columns) != self._columns:
            self._columns = tuple(columns)
            self._has_heading = any(column.title for column in columns)
            self._seen.clear()
            self._changed.clear()
            self.refresh()

    def show(self, keys: Sequence[str], cells_of: Callable[[str], Cells]) -> None:
        """Replace the rows; the cursor stays on its row, or where it was when that row is gone.

        `cells_of` is asked for the rows that are drawn, again after each `show`.
        """
        before = self.cursor_key
        self._keys, self._cells_of, self._places = keys, cells_of, None
        if before is not None:
            self._cursor = self._place_of(before, otherwise=self._cursor)
        self._cursor = max(0, min(self._cursor, len(keys) - 1))
        self._note_changes()
        self._fit()
        if self.cursor_key is not None and self.cursor_key != before:
            self.post_message(self.Moved(self, self.cursor_key))
        self.refresh()

    def move_to(self, key: str) -> None:
        """Put the cursor on the row of that key; nothing happens when there is none."""
        self._go(self._place_of(key, otherwise=self._cursor))

    def action_move(self, rows: int) -> None:
        """Move the cursor by some rows."""
        self._go(self._cursor + rows)

    def action_page(self, pages: int) -> None:
        """Move the cursor by some screenfuls."""
        self._go(self._cursor + pages * max(self._visible_rows - 1, 1))

    def action_edge(self, end: int) -> None:
        """Move the cursor to the first (-1) or the last (1) row."""
        self._go(0 if end < 0 else len(self._keys) - 1)

    def action_choose(self) -> None:
        """Open the row under the cursor."""
        if self.cursor_key is not None:
            self.post_message(self.Chosen(self, self.cursor_key))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked row; a second click opens it."""
        key = self.key_at(event.y)
        if key is None:
            return
        if key == self.cursor_key and event.chain > 1:
            self.action_choose()
        self.move_to(key)

    def key_at(self, y: int) -> str | None:
        """Return the key of the row that is drawn on that line of the widget, None for no row."""
        place = y - self._heading_height + self.scroll_offset.y
        return self._keys[place] if y >= self._heading_height and place < len(self._keys) else None

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._fit()
        self._reveal()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the window: the heading, a row, or nothing."""
        brush = self.brush
        if y < self._heading_height:
            return self._heading(brush)
        place = y - self._heading_height + self.scroll_offset.y
        if place >= len(self._keys):
            return Strip.blank(brush.width, brush.base)
        return self._row(place, brush)

    @property
    def row_width(self) -> int:
        """Cells beside the scroll bar."""
        return self.scrollable_content_region.width

    @property
    def _heading_height(self) -> int:
        return 1 if self._has_heading else 0

    @property
    def _visible_rows(self) -> int:
        return max(self.size.height - self._heading_height, 1)

    def _place_of(self, key: str, *, otherwise: int) -> int:
        if self._places is None:
            self._places = {known: place for place, known in enumerate(self._keys)}
        return self._places.get(key, otherwise)

    def _fit(self) -> None:
        self.virtual_size = Size(self.row_width, len(self._keys) + self._heading_height)

    def _go(self, place: int) -> None:
        place = max(0, min(place, len(self._keys) - 1))
        if place == self._cursor or not self._keys:
            return
        self._cursor = place
        self._reveal()
        self.refresh()
        self.post_message(self.Moved(self, self._keys[place]))

    def _reveal(self) -> None:
        top = self.scroll_offset.y
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, immediate=True)
        elif self._cursor >= top + self._visible_rows:
            self.scroll_to(y=self._cursor - self._visible_rows + 1, animate=False, immediate=True)

    def _layout(self, width: int) -> list[tuple[int, int]]:
        """Return the index and the width of each column that has room."""
        shown = [(index, column) for index, column in enumerate(self._columns) if width >= column.least_room]
        fixed = sum(column.width for _, column in shown) + _GAP * (len(shown) - 1)
        return [(index, column.width or max(width - 2 - fixed, 4)) for index, column in shown]

    def _heading(self, brush: Brush) -> Strip:
        style = brush.base + self.get_component_rich_style("table--heading", partial=True)
        titles = tuple(line(span(column.title, Role.MUTED)) for column in self._columns)
        return self._strip(titles, brush, style, marker=" ")

    def _row(self, place: int, brush: Brush) -> Strip:
        key = self._keys[place]
        cells = self._cells_of(key)
        self.rows_drawn += 1
        self._remember(key, cells)
        is_cursor = place == self._cursor
        if is_cursor and self.has_focus:
            # The terminal's own cursor too: screen readers and Braille follow it.
            row = place - self.scroll_offset.y + self._heading_height
            self.app.cursor_position = self.content_region.offset + Offset(0, row)
        style = brush.base + self.get_component_rich_style("table--cursor", partial=True) if is_cursor else brush.base
        return self._strip(cells, brush, style, marker="▌" if is_cursor else " ", key=key)

    def _strip(self, cells: Cells, brush: Brush, style: Style, *, marker: str, key: str = "") -> Strip:
        roles, width = brush.roles, brush.width
        pieces = [Segment(marker, style + roles[Role.HINT])]
        if len(cells) == 1:
            pieces += segments(cells[0], width - 2, roles=roles, base=style)
            return Strip(pieces).adjust_cell_length(width, style)
        changed = style + self.get_component_rich_style("table--changed", partial=True)
        for position, (index, column_width) in enumerate(self._layout(width)):
            if position:
                pieces.append(Segment(" " * _GAP, style))
            cell_style = changed if (key, index) in self._changed else style
            cell = cells[index] if index < len(cells) else line()
            pieces += segments(cell, column_width, roles=roles, base=cell_style, right=self._columns[index].right)
        return Strip(pieces).adjust_cell_length(width, style)

    def _remember(self, key: str, cells: Cells) -> None:
        self._seen[key] = tuple(cell.text for cell in cells)
        self._seen.move_to_end(key)
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)

    def _note_changes(self) -> None:
        """Mark the cells of drawn rows whose text is another than when they were last drawn."""
        top = self.scroll_offset.y
        now = monotonic()
        for key in self._keys[top : top + self._visible_rows]:
            before = self._seen.get(key)
            if before is None:
                continue
            after = tuple(cell.text for cell in self._cells_of(key))
            for index, (old, new) in enumerate(zip(before, after, strict=False)):
                if old != new and not self._columns[index].quiet:
                    self._changed[(key, index)] = now
        if self._changed:
            self.set_timer(HIGHLIGHT_SECONDS, self._forget_changes)

    def _forget_changes(self) -> None:
        limit = monotonic() - HIGHLIGHT_SECONDS + 0.05
        self._changed = {cell: since for cell, since in self._changed.items() if since > limit}
        self.refresh(Region(0, 0, self.size.width, self.size.height))
