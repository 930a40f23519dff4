"""What stands in front of a screen until it is left, once."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import ModalScreen

R = TypeVar("R")


class DialogScreen(ModalScreen[R]):
    """A question, a form, a text. Keys that were typed ahead reach it when it was left already, and then do nothing."""

    def leave(self, result: R | None = None) -> bool:
        """Close it with a result; False where that was done before, so that nothing is answered or closed twice."""
        if not self.is_active:
            return False
        self.dismiss(result)
        return True
