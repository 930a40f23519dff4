"""A graph that is walked through node by node: arrows follow its edges, a click goes anywhere."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size, Spacing
from textual.message import Message
from textual.strip import Strip

from bunsui.tui.lines import restyle, segments
from bunsui.tui.widgets.line_view import LineView
from bunsui.view.drawing.caption import node_caption, picture_notes
from bunsui.view.drawing.picture import GraphPicture, picture_lines
from bunsui.view.drawing.steps import Direction, step
from bunsui.view.spans import Line, Role, line, span

_MARGIN = 1
"""Cells left of the graph, for the mark of the node under the cursor."""


class GraphPane(LineView, can_focus=True, inherit_bindings=False):
    """Shows a picture; the last line tells of the node under the cursor.

    The cursor belongs to a node's name: another picture that has the name too keeps it there.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h,left", "step('left')", "back along an edge", id="graph.left", show=False),
        Binding("l,right", "step('right')", "along an edge", id="graph.right", show=False),
        Binding("k,up", "step('up')", "up", id="graph.up", show=False),
        Binding("j,down", "step('down')", "down", id="graph.down", show=False),
        Binding("g,home", "edge(0)", "first node", id="graph.first", show=False),
        Binding("G,end", "edge(-1)", "last node", id="graph.last", show=False),
        Binding("ctrl+d,pagedown", "page(1)", "page down", id="graph.page-down", show=False),
        Binding("ctrl+u,pageup", "page(-1)", "page up", id="graph.page-up", show=False),
        Binding("enter", "choose", "open", id="list.open", key_display="enter"),
    ]

    ALLOW_SELECT = False
    """A click is about a node."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"graph--cursor"}

    DEFAULT_CSS = """
    GraphPane {
        height: 1fr;
        overflow-x: auto;
        overflow-y: auto;
        scrollbar-size: 1 1;
        scrollbar-background: $background;
        scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
        scrollbar-color: $rule;
        & > .graph--cursor { background: $cursor-row-quiet; }
        &:focus > .graph--cursor { background: $cursor-row; }
    }
    """

    class JobReached(Message):
        """The cursor is on another node."""

        def __init__(self, pane: GraphPane, job: str) -> None:
            """Say which node of which pane."""
            super().__init__()
            self.pane = pane
            self.job = job

    class JobChosen(Message):
        """A node was opened."""

        def __init__(self, pane: GraphPane, job: str) -> None:
            """Say which node of which pane."""
            super().__init__()
            self.pane = pane
            self.job = job

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's name)
        """Begin without a graph."""
        super().__init__(id=id)
        self.picture = GraphPicture()
        self.cursor = ""
        """The name of the node under the cursor; empty without nodes."""
        self._lines: tuple[Line, ...] = ()

    @property
    def text(self) -> str:
        """What the pane shows, without style."""
        return "\n".join(item.text for item in (*self._lines, self.caption))

    @property
    def caption(self) -> Line:
        """The last line: what is said of the node under the cursor, and what the picture does not show."""
        notes = picture_notes(self.picture)
        return line(*node_caption(self.picture, self.cursor).parts, *([span("  "), *notes.parts] if notes.parts else []))

    @property
    def whole_height(self) -> int:
        """Lines that the pane needs to show all of the graph."""
        return len(self._lines) + 1

    def show(self, picture: GraphPicture) -> None:
        """Show another picture; the cursor stays on its node, or goes to the first one when that is gone."""
        self.picture = picture
        self._lines = picture_lines(picture)
        self.virtual_size = Size(picture.placement.width + 2 * _MARGIN, self.whole_height)
        if self.cursor not in picture.names:
            self._go(next(iter(picture.names), ""))
        self.refresh()

    def move_to(self, job: str) -> None:
        """Put the cursor on the node of that name; nothing happens when there is none."""
        if job in self.picture.names:
            self._go(job)

    def action_step(self, direction: str) -> None:
        """Move the cursor to the next node in that direction."""
        self._go(step(self.picture, self.cursor, Direction(direction)))

    def action_edge(self, end: int) -> None:
        """Move the cursor to the first node (0) or the last one (-1)."""
        if self.picture.names:
            self._go(self.picture.names[end])

    def action_page(self, pages: int) -> None:
        """Scroll by some screenfuls."""
        self.scroll_to(y=self.scroll_offset.y + pages * max(self.size.height - 2, 1), animate=False, immediate=True)

    def action_choose(self) -> None:
        """Open the node under the cursor."""
        if self.cursor:
            self.post_message(self.JobChosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        """Move the cursor to the clicked node; a second click opens it."""
        row, column = event.y + self.scroll_offset.y, event.x + self.scroll_offset.x - _MARGIN
        node = self.picture.placement.node_at(row, column) if event.y < self._visible_rows else None
        if node is None or node.name in self.picture.hidden:
            return
        if event.chain > 1 and node.name == self.cursor:
            self.action_choose()
        self._go(node.name)

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._reveal()

    def render_line(self, y: int) -> Strip:
        """Draw one line of the window: a row of the graph, or the caption."""
        brush = self.brush
        base, width, roles = brush.base, brush.width, brush.roles
        if y == self._visible_rows:
            return Strip(segments(self.caption.indented(_MARGIN), width, roles=roles, base=base))
        row = y + self.scroll_offset.y
        if row >= len(self._lines):
            return Strip.blank(width, base)
        whole = max(self.virtual_size.width, width)
        pieces = segments(self._lines[row].indented(_MARGIN), whole, roles=roles, base=base)
        left = self.scroll_offset.x
        return Strip(self._with_cursor(pieces, row, roles[Role.HINT])).crop(left, left + width)

    @property
    def _visible_rows(self) -> int:
        """Rows of the window above the caption."""
        return max(self.scrollable_content_region.height - 1, 1)

    def _with_cursor(self, pieces: list[Segment], row: int, mark: Style) -> list[Segment]:
        node = self.picture.placement.node(self.cursor)
        if node is None or node.row != row:
            return pieces
        style = self.get_component_rich_style("graph--cursor", partial=True)
        strip = Strip(pieces)
        start, stop = node.column, node.column + _MARGIN + node.width
        before, label, after = strip.divide([start, stop, strip.cell_length])
        marked = [Segment("▌", style + mark), *restyle(label.crop(1, label.cell_length), 0, -1, style)]
        return [*before, *marked, *after]

    def _go(self, job: str) -> None:
        if job == self.cursor:
            return
        self.cursor = job
        self._reveal()
        self.refresh()
        if job:
            self.post_message(self.JobReached(self, job))

    def _reveal(self) -> None:
        node = self.picture.placement.node(self.cursor)
        if node is not None and self.size:
            region = Region(node.column, node.row, node.width + 2 * _MARGIN, 1)
            self.scroll_to_region(region, spacing=Spacing(0, 0, 1, 0), animate=False, immediate=True, force=True)
