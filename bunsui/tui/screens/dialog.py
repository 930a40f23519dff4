"""What stands in front of a screen until it is left, once."""

from __future__ import annotations

from typing import TypeVar

from textual import events
from textual.screen import ModalScreen

R = TypeVar("R")

_NARROW = 90
"""Columns below which a dialog takes all of them: a column of the page beside it would be letters without words."""


class DialogScreen(ModalScreen[R]):
    """A question, a form, a text. Keys that were typed ahead reach it when it was left already, and then do nothing."""

    DEFAULT_CSS = """
    DialogScreen.-narrow > Vertical { width: 100%; max-width: 100%; }
    """

    def on_resize(self, event: events.Resize) -> None:
        """Take the whole width where there is little."""
        self.set_class(event.size.width < _NARROW, "-narrow")

    def leave(self, result: R | None = None) -> bool:
        """Close it with a result; False where that was done before, so that nothing is answered or closed twice."""
        if not self.is_active:
            return False
        self.dismiss(result)
        return True
