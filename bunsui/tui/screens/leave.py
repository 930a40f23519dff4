"""The question before the program is left in the middle of a change."""

from __future__ import annotations

from collections.abc import Callable

from bunsui.tui.screens.confirm import ConfirmScreen
from bunsui.view.spans import line


class LeaveScreen(ConfirmScreen):
    """Asks whether to leave; what was begun is written down first in any case."""

    def __init__(self, *, applies: bool, on_yes: Callable[[], object]) -> None:
        """Ask about an apply, which can stop between two steps, or about the start of a session, which cannot."""
        if applies:
            told = "The steps that have begun are finished and written down; the rest is left for the next apply."
            super().__init__("Stop the apply and quit?", (line(told),), yes="stop and quit", on_yes=on_yes)
        else:
            told = "Sessions are being started or stopped: bunsui leaves when that is written down."
            super().__init__("Quit?", (line(told),), yes="quit", on_yes=on_yes)
