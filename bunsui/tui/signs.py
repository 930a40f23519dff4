"""The signs that the terminal can draw, or that a screen reader can say, in place of those that were composed."""

from __future__ import annotations

from collections.abc import Callable

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter


def is_unicode(encoding: str) -> bool:
    """Tell whether the encoding, such as that of the standard output, has our signs."""
    try:
        "●│…".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


class SignFilter(LineFilter):
    """Replaces signs in everything that is drawn, cell by cell."""

    def __init__(self, replaced: Callable[[str], str]) -> None:
        """Take what returns a text of the same width."""
        super().__init__()
        self._replaced = replaced

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments with other texts."""
        return [Segment(self._replaced(text), style, control) for text, style, control in segments]
