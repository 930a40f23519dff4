"""The question before a draft is written: its diff, with what the check found so far."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from bunsui.tui.screens.confirm import ConfirmScreen

if TYPE_CHECKING:
    # At run time these would bring YAML and pydantic before the first frame.
    from bunsui.document.edit.draft import DraftDiff
    from bunsui.view.builder.page import DraftPage


class WriteQuestion(ConfirmScreen):
    """Stays true while it is open: what the check finds meanwhile is told in it."""

    def __init__(self, page: DraftPage, diff: DraftDiff, *, on_yes: Callable[[], object]) -> None:
        """Ask about the draft of a page."""
        from bunsui.view.builder.diff_lines import draft_diff_lines

        word = "make" if diff.is_new else "write"
        super().__init__(f"{word} {diff.file}?", draft_diff_lines(page, diff), yes=f"{word} it", on_yes=on_yes)
        self._diff = diff
        self._content = page.draft.content

    def follow(self, page: DraftPage) -> None:
        """Tell what is known of the draft now; one that was changed meanwhile is not the one that was asked about."""
        from bunsui.view.builder.diff_lines import draft_diff_lines

        if page.draft.content == self._content:
            self.show_facts(draft_diff_lines(page, self._diff))
