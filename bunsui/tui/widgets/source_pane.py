"""The text of a draft with line numbers, colours, a mark at each line of which there is something to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from bunsui.tui.widgets.virtual_table import Cells, Column, VirtualTable
from bunsui.view.spans import Line, Role, line, span

if TYPE_CHECKING:
    from bunsui.diagnostics import Diagnostic
    from bunsui.view.builder.page import DraftPage


class SourcePane(VirtualTable, inherit_bindings=False):
    """`enter` goes to the form of what stands in the line; lines are numbered from 1."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *VirtualTable.BINDINGS[:-1],
        Binding("enter", "choose", "its form", id="list.open", key_display="enter"),
    ]

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__([Column(title="")], id="source")
        self._lines: tuple[Line, ...] = ()
        self._marks: dict[int, Diagnostic] = {}

    @property
    def line_number(self) -> int:
        """The line under the cursor."""
        return int(self.cursor_key or 1)

    def show_page(self, page: DraftPage) -> None:
        """Show a draft's text."""
        self._lines = page.lines
        found = [finding for finding in page.findings if finding.accepted is None and finding.position is not None]
        self._marks = {}
        for finding in found:
            assert finding.position is not None
            known = self._marks.get(finding.position.line)
            if known is None or (finding.is_error and not known.is_error):
                self._marks[finding.position.line] = finding
        self.show([str(number) for number in range(1, len(self._lines) + 1)], self._cells)

    def go_to_line(self, number: int) -> None:
        """Put the cursor on a line, with some lines around it in sight."""
        self.move_to(str(number))
        around = max(self.size.height // 3, 1)
        top = self.scroll_offset.y
        if not top + 1 < number < top + self.size.height - 1:
            self.scroll_to(y=max(number - 1 - around, 0), animate=False, immediate=True)

    def _cells(self, key: str) -> Cells:
        number = int(key)
        finding = self._marks.get(number)
        width = len(str(len(self._lines)))
        mark = span(" ") if finding is None else span("✗", Role.BAD) if finding.is_error else span("!", Role.WARN)
        text = self._lines[number - 1]
        return (line(span(f"{number:>{width}} ", Role.MUTED), mark, span(" "), *text.parts),)
