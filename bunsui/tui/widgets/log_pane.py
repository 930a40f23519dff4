"""The log of a session: it follows what comes, folds long lines on demand, and jumps from match to match."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer

from bunsui.tui.lines import restyle, segments, wrap_lines
from bunsui.tui.widgets.line_pane import LinePane
from bunsui.tui.widgets.line_view import LineView
from bunsui.view.sessions.tabs.log_rows import LogRows
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    from bunsui.sessions.logs.task_logs import LogEntry

_AT_ONCE = 1000
"""Lines that are taken, or folded, between two looks at the keys."""
_NEXT_SECONDS = 0.005


class LogPane(LineView, can_focus=True, inherit_bindings=False):
    """Shows lines, oldest first. Following, it stays at the end; whoever scrolls up reads in peace."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *LinePane.BINDINGS,
        Binding("f", "follow", "follow", id="log.follow"),
        Binding("w", "wrap", "wrap", id="log.wrap"),
        Binding("n", "match(1)", "next match", show=False, id="log.next"),
        Binding("N", "match(-1)", "match before", show=False, id="log.before"),
    ]

    COMPONENT_CLASSES: ClassVar[set[str]] = {"log--match"}

    DEFAULT_CSS = """
    LogPane {
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
        & > .log--match { background: $cursor-row; }
    }
    """

    class ViewChanged(Message):
        """It follows, folds or finds otherwise than before."""

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(id="logs")
        self.rows = LogRows(UTC)
        self.follows = True
        self.wraps = False
        self.matched: int | None = None
        """Which match is shown among all lines, from 0; None while the filter hides the others."""
        self._wanted = ""
        self._job = ""
        self._at: int | None = None
        """The place of the match in what is let through."""
        self._folded: list[tuple[int, Line]] = []
        """When lines are folded: each row, and the place of its line."""
        self._folded_to = 0
        """The place of the first line that is not folded yet."""
        self._left: list[LogEntry] = []
        """What came and is not among the rows yet."""
        self._next: Timer | None = None
        self._told = "reading the logs …"

    @property
    def text(self) -> str:
        """What is shown, without style."""
        return self.rows.text()

    @property
    def shown(self) -> int:
        """How many lines are let through."""
        return len(self.rows.shown)

    @property
    def total(self) -> int:
        """How many lines there are."""
        return self.rows.total

    def begin(self, zone: tzinfo) -> None:
        """Forget every line; times are shown in the zone."""
        self.rows = LogRows(zone)
        self.rows.choose(job=self._job, wanted=self._wanted)
        self._left = []
        self._refill()

    def take(self, entries: Sequence[LogEntry], *, told: str) -> None:
        """Append what came, some at once and the others after the next keys; `told` is said where nothing is let through."""
        self._told = told
        self._left += entries
        self._go_on()

    def _go_on(self) -> None:
        """Take and fold some of what is left, then let keys be read."""
        last = self.rows.total
        self.rows.take(self._left[:_AT_ONCE])
        del self._left[:_AT_ONCE]
        if self.rows.total < last:  # the oldest went
            self._folded, self._folded_to = [], 0
        self._fold_some()
        self._fit()
        if self.follows:
            self._scroll(self._height)
        self.refresh()
        if self._next is not None:
            self._next.stop()
        is_folded = not self.wraps or not self._width or self._folded_to >= len(self.rows.shown)
        is_whole = not self._left and is_folded
        self._next = None if is_whole else self.set_timer(_NEXT_SECONDS, self._go_on)

    def choose(self, *, job: str, wanted: str) -> None:
        """Let through the lines of the job, all where it is empty, that hold the text."""
        if (job, wanted) != (self._job, self._wanted) or self.matched is not None:
            self._job, self._wanted, self.matched, self._at = job, wanted, None, None
            self.rows.choose(job=job, wanted=wanted)
            self._refill()

    def action_follow(self) -> None:
        """Stay at the end, or not."""
        self.follows = not self.follows
        if self.follows:
            self._scroll(self._height)
        self.post_message(self.ViewChanged())

    def action_wrap(self) -> None:
        """Fold long lines, or cut them."""
        self.wraps = not self.wraps
        self._refill()
        self.post_message(self.ViewChanged())

    def action_match(self, step: int) -> None:
        """Show the next match of the filter among the lines around it."""
        if not self._wanted:
            return
        if self.matched is None:
            self.rows.choose(job=self._job)
            self._at = -1 if step > 0 else 0
            self._refill()
        place = self.rows.find(self._wanted, self._at if self._at is not None else -1, step)
        self._at, self.matched, self.follows = place, place, False
        if place is not None:
            self._scroll(max(self._row_of(place) - self.size.height // 2, 0))
        self.post_message(self.ViewChanged())
        self.refresh()

    def action_scroll_lines(self, lines: int) -> None:
        """Scroll by some lines; upwards it follows no more."""
        if lines < 0 and self.follows:
            self.follows = False
            self.post_message(self.ViewChanged())
        self._scroll(self.scroll_offset.y + lines)

    def action_scroll_pages(self, pages: int) -> None:
        """Scroll by some screenfuls."""
        self.action_scroll_lines(pages * max(self.size.height - 2, 1))

    def action_scroll_edge(self, end: int) -> None:
        """Scroll to the top (-1) or the bottom (1)."""
        self.action_scroll_lines(-self._height if end < 0 else self._height)

    def on_mouse_scroll_up(self) -> None:
        """Whoever scrolls up reads: it follows no more."""
        if self.follows:
            self.follows = False
            self.post_message(self.ViewChanged())

    def on_resize(self) -> None:
        """Fold again to the new width."""
        self._refill()
        if self.follows:
            self._scroll(self._height)

    def render_line(self, y: int) -> Strip:
        """Draw one line of the window."""
        brush = self.brush
        base = brush.base
        row = y + self.scroll_offset.y
        if row >= self._height:
            empty = line(span(self._told_nothing, Role.MUTED)) if not y and not self._height else line()
            return Strip(segments(empty, brush.width, roles=brush.roles, base=base))
        place, item = self._row(row)
        if place == self._at:
            base += self.get_component_rich_style("log--match", partial=True)
        pieces = segments(item, brush.width, roles=brush.roles, base=base)
        chosen = self.text_selection.get_span(row) if self.text_selection is not None else None
        if chosen is not None:
            pieces = restyle(pieces, *chosen, self.screen.get_component_rich_style("screen--selection"))
        return Strip(pieces).apply_offsets(0, row)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what the mouse selected, line by line as it is shown; Textual asks for it."""
        first, last = selection.start.y if selection.start else 0, selection.end.y if selection.end else self._height
        inside = (self._row(row)[1].text.rstrip() if first <= row <= last else "" for row in range(min(last + 1, self._height)))
        return selection.extract("\n".join(inside)), "\n"

    @property
    def _told_nothing(self) -> str:
        if self.rows.total and self._wanted:
            return "nothing matches the filter"
        return f"nothing of {self._job}; o shows all jobs" if self.rows.total and self._job else self._told

    @property
    def _height(self) -> int:
        """How many rows there are."""
        return len(self._folded) if self.wraps else len(self.rows.shown)

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    def _row(self, row: int) -> tuple[int, Line]:
        return self._folded[row] if self.wraps else (row, self.rows.line(row))

    def _row_of(self, place: int) -> int:
        if not self.wraps:
            return place
        while self._folded_to <= place < len(self.rows.shown) and self._width:
            self._fold_some()
        return next((row for row, (of, _) in enumerate(self._folded) if of == place), 0)

    def _refill(self) -> None:
        self._folded, self._folded_to = [], 0
        self._go_on()

    def _fold_some(self) -> None:
        if self.wraps and self._width:
            end = min(self._folded_to + _AT_ONCE, len(self.rows.shown))
            for place in range(self._folded_to, end):
                self._folded += [(place, part) for part in wrap_lines((self.rows.line(place),), self._width)]
            self._folded_to = end

    def _fit(self) -> None:
        self.virtual_size = Size(self._width, self._height)

    def _scroll(self, row: int) -> None:
        self.scroll_to(y=row, animate=False, immediate=True)
