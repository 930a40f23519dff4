"""The pane beside the tree of a plan: what the row under the cursor means, from the top when it is another one."""

from __future__ import annotations

from collections.abc import Iterable

from bunsui.tui.widgets.line_pane import LinePane
from bunsui.view.spans import Line


class DiffPane(LinePane, inherit_bindings=False):
    """Shows one page about one row of the plan."""

    BINDINGS = LinePane.BINDINGS

    DEFAULT_CSS = """
    DiffPane { background: $background; padding: 0 1 0 2; }
    """

    shown_about = ""
    """What the page is about."""

    def show_about(self, about: str, lines: Iterable[Line]) -> None:
        """Show a page about something; one about something else begins at its top."""
        is_other, self.shown_about = about != self.shown_about, about
        self.show(lines, from_top=is_other)
