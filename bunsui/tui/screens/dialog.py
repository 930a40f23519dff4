"""What stands in front of a screen until it is left, once."""

from __future__ import annotations

from functools import partial
from typing import ClassVar, TypeVar

from textual import events
from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.geometry import NULL_REGION, Region
from textual.screen import ModalScreen

from bunsui.tui.page_below import box_of, page_below

R = TypeVar("R")

_NARROW = 90
"""Columns below which a dialog takes all of them: a column of the page beside it would be letters without words."""


class DialogScreen(ModalScreen[R]):
    """A question, a form, a text. Keys that were typed ahead reach it when it was left already, and then do nothing.

    Textual lets no key of the program through a question in front: those that hold here too are bound again.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "app.help", "help", id="app.help", key_display="?", show=False),
        Binding("ctrl+z", "app.suspend_process", "back to the shell; fg returns", id="app.suspend", show=False),
    ]

    _around: Region = NULL_REGION
    """The box before the page, as it was drawn last."""

    DEFAULT_CSS = """
    DialogScreen.-narrow > Vertical { width: 100%; max-width: 100%; }
    """

    def on_resize(self, event: events.Resize) -> None:
        """Take the whole width where there is little."""
        self.set_class(event.size.width < _NARROW, "-narrow")

    def render(self) -> RenderResult:  # type: ignore[override]  # Widget's type; Screen's is narrower
        """Draw the page below it."""
        return page_below(self, partial(box_of, self)) or super().render()

    def _compositor_refresh(self) -> None:
        """Draw the page anew together with a box that is another now: Textual draws the box alone, and what stands beside it
        depends on it."""
        box = box_of(self)
        if box != self._around:
            self._around = box
            self._set_dirty()
            self._compositor._dirty_regions.add(self.size.region)  # noqa: SLF001 (Textual's)
        super()._compositor_refresh()

    def leave(self, result: R | None = None) -> bool:
        """Close it with a result; False where that was done before, so that nothing is answered or closed twice."""
        if not self.is_active:
            return False
        self.dismiss(result)
        return True
