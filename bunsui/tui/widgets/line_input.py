"""A line to type in that shows every character as a sign of its own: none of its text speaks to the terminal.

Textual draws what stands in an Input as it is. A value of a file from elsewhere, or what was pasted, may hold the sequences
with which a terminal is told its title, its clipboard or another direction of writing.
"""

from __future__ import annotations

from rich.text import Text
from textual.widgets import Input

from bunsui.view.safe import safe

_CONTROLS = 0x2400
"""Where Unicode has a sign for each control character of ASCII."""
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"


class LineInput(Input):
    """The line; its value is what was typed, to the byte."""

    @property
    def _value(self) -> Text:
        """What Textual draws: as many characters as there are, so that the cursor stands where it is."""
        text = super()._value
        if self.value.isprintable():
            return text
        return Text(shown_signs(self.value), no_wrap=True, overflow="ignore", end="")

    def validate_placeholder(self, placeholder: str) -> str:
        """What stands there while nothing is typed is only read."""
        return safe(placeholder)

    def validate__suggestion(self, suggestion: str) -> str:
        """What cannot be printed is not suggested."""
        return suggestion if suggestion.isprintable() else ""


def shown_signs(text: str) -> str:
    """Return the text with a printable sign in place of each other character, one for one."""
    return "".join(one if one.isprintable() else _sign(one) for one in text)


def _sign(character: str) -> str:
    point = ord(character)
    return chr(_CONTROLS + point) if point < 0x20 else "\N{SYMBOL FOR DELETE}" if point == 0x7F else _UNKNOWN
